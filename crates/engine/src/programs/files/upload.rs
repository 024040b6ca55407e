//! Receiving a file.

use std::fmt;

use domain::files::{FileName, FileProblem, FilePurpose, FileType, HEAD_BYTES, MOST_BYTES};
use domain::ids::{FileId, ProgramId};
use sha2::{Digest, Sha256};
use store::db::Tx;
use store::files::File;

use super::PIECE_BYTES;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// A file that is being received. It is stored piece by piece, each in a transaction of its own, so
/// that other writes never wait for a slow network. Until a use case completes it nobody sees it, and
/// one that breaks off is deleted later.
pub struct Upload {
    engine: Engine,
    program: ProgramId,
    purpose: FilePurpose,
    given_name: String,
    by: domain::ids::AccountId,
    /// What was received and not stored yet.
    waiting: Vec<u8>,
    /// The file, as soon as its type is known.
    file: Option<File>,
    pieces: i64,
    size: i64,
    hash: Sha256,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("file", &self.file).field("size", &self.size).finish_non_exhaustive()
    }
}

impl Upload {
    /// Begins to receive a file for a program.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a program that is not theirs, [`Error::Forbidden`] for who may only
    /// read.
    pub async fn begin(
        engine: &Engine,
        actor: &MerchantActor,
        program: &ProgramId,
        purpose: FilePurpose,
        given_name: &str,
    ) -> Result<Self> {
        let program = scope::program(&mut engine.db().read().await?, actor, program).await?;
        actor.may_write()?;
        Ok(Self {
            engine: engine.clone(),
            program: program.id,
            purpose,
            given_name: given_name.to_owned(),
            by: actor.account_id().clone(),
            waiting: Vec::new(),
            file: None,
            pieces: 0,
            size: 0,
            hash: Sha256::new(),
        })
    }

    /// Takes what was received.
    ///
    /// Needs no actor: [`Upload::begin`] had one.
    ///
    /// # Errors
    /// [`Error::Invalid`] as soon as the file is too large, or its first bytes show that it is of no
    /// type that is accepted.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size = self.size.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        if self.size > self.purpose.largest() {
            return Err(refused(FileProblem::too_large(self.purpose)));
        }
        self.waiting.extend_from_slice(bytes);
        if self.file.is_none() && self.waiting.len() >= HEAD_BYTES {
            self.start().await?;
        }
        while self.waiting.len() >= PIECE_BYTES {
            let rest = self.waiting.split_off(PIECE_BYTES);
            let piece = std::mem::replace(&mut self.waiting, rest);
            self.store(&piece).await?;
        }
        Ok(())
    }

    /// Reads the type and adds the file.
    async fn start(&mut self) -> Result<&File> {
        let file_type = FileType::of(&self.waiting).map_err(refused)?;
        self.purpose.check(file_type).map_err(refused)?;
        let now = self.engine.now();
        let file = File {
            id: FileId::new(now, self.engine.random()),
            program_id: self.program.clone(),
            purpose: self.purpose,
            name: FileName::new(&self.given_name, file_type).as_str().to_owned(),
            file_type,
            size: 0,
            sha256: String::new(),
            created_at: now,
            created_by: Some(self.by.clone()),
        };
        store::files::begin(&mut self.engine.db().write().await?, &file).await?;
        Ok(self.file.insert(file))
    }

    async fn store(&mut self, piece: &[u8]) -> Result<()> {
        self.hash.update(piece);
        let id = match &self.file {
            Some(file) => file.id.clone(),
            None => self.start().await?.id.clone(),
        };
        let mut conn = self.engine.db().write().await?;
        store::files::put_piece(&mut conn, &id, self.pieces, piece).await?;
        self.pieces += 1;
        Ok(())
    }

    /// Stores what is left. The file is complete, but nobody sees it yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] when nothing was received, or it is of no type that is accepted.
    pub(crate) async fn finish(mut self) -> Result<File> {
        if self.file.is_none() {
            self.start().await?;
        }
        let last = std::mem::take(&mut self.waiting);
        if !last.is_empty() {
            self.store(&last).await?;
        }
        let file = self.file.ok_or_else(|| Error::Broken("an upload has no file".to_owned()))?;
        Ok(File { size: self.size, sha256: hex::encode(self.hash.finalize()), ..file })
    }
}

/// Makes a finished file one of its program, in the transaction of what it is for.
///
/// # Errors
/// [`Error::Invalid`] when all files of the program together are too large.
pub(crate) async fn complete(engine: &Engine, tx: &mut Tx, file: &File) -> Result<()> {
    let present = store::files::bytes_of(tx, &file.program_id).await?;
    if present.saturating_add(file.size) > MOST_BYTES {
        return Err(refused(FileProblem::NoSpace));
    }
    if !store::files::complete(tx, &file.id, file.size, &file.sha256, engine.now()).await? {
        return Err(Error::Broken(format!("{} was completed or deleted before", file.id)));
    }
    Ok(())
}

fn refused(problem: FileProblem) -> Error {
    Error::field("file", problem.to_string())
}
