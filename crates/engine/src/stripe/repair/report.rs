//! What a repair says: to the page, to the API, to whoever reads it later.

use domain::clock::{MINUTE_MS, Timestamp};
use domain::ids::RepairId;
use domain::money::Money;
use store::db::Conn;
use store::repairs::{Line as Stored, Repair};

use crate::error::Result;

/// How long a run may say nothing before it counts as ended: longer than its longest step
/// and a restart of the server together.
pub(super) const SILENT_MS: i64 = 5 * MINUTE_MS;

/// What came of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// In order, or done without a change at Stripe.
    Done,
    /// Something was put right at Stripe.
    Changed,
    /// It could not be done.
    Refused,
    /// It was left out because of what happened before.
    NotTried,
    /// Something for a person to do or know.
    Notice,
}

impl LineState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Changed => "changed",
            Self::Refused => "refused",
            Self::NotTried => "not_tried",
            Self::Notice => "notice",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "done" => Self::Done,
            "changed" => Self::Changed,
            "refused" => Self::Refused,
            "not_tried" => Self::NotTried,
            _ => Self::Notice,
        }
    }
}

/// One thing that was found or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// A stable word for programs.
    pub code: String,
    /// What came of it.
    pub state: LineState,
    /// What was looked at or tried.
    pub title: String,
    /// What came of it, in a word or two.
    pub word: String,
    /// The same in a sentence.
    pub text: String,
    /// What Stripe said to it.
    pub quote: Option<String>,
}

impl Line {
    pub(super) fn new(
        code: &str,
        state: LineState,
        title: &str,
        word: &str,
        text: impl Into<String>,
    ) -> Self {
        let (code, title, word) = (code.to_owned(), title.to_owned(), word.to_owned());
        Self { code, state, title, word, text: text.into(), quote: None }
    }

    pub(super) fn quoting(self, quote: &str) -> Self {
        Self { quote: Some(quote.to_owned()), ..self }
    }

    pub(super) fn stored(&self) -> Stored {
        Stored {
            code: self.code.clone(),
            state: self.state.as_str().to_owned(),
            title: self.title.clone(),
            word: self.word.clone(),
            text: self.text.clone(),
            quote: self.quote.clone(),
        }
    }
}

impl From<Stored> for Line {
    fn from(line: Stored) -> Self {
        let state = LineState::of(&line.state);
        Self {
            code: line.code,
            state,
            title: line.title,
            word: line.word,
            text: line.text,
            quote: line.quote,
        }
    }
}

/// How a repair ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was wrong.
    Well,
    /// What was wrong is put right.
    Mended,
    /// Something is left for a person to do.
    Trouble,
    /// The server stopped in the middle of it.
    Stopped,
}

impl Outcome {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Mended => "mended",
            Self::Trouble => "trouble",
            Self::Stopped => "stopped",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "well" => Self::Well,
            "mended" => Self::Mended,
            "trouble" => Self::Trouble,
            _ => Self::Stopped,
        }
    }
}

/// A repair, finished or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: RepairId,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<Outcome>,
    /// `button`, `api` or `daily`.
    pub cause: String,
    /// Who asked for it.
    pub by: Option<String>,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What was found and done, in order.
    pub lines: Vec<Line>,
    /// From when on events were fetched.
    pub events_from: Option<Timestamp>,
    /// Events fetched from Stripe.
    pub fetched: i64,
    /// Those of them that deliveries had missed.
    pub recovered: i64,
    /// What these have changed in the ledger so far, by currency.
    pub brought: Vec<Money>,
}

impl Report {
    pub(super) async fn read(conn: &mut Conn, repair: Repair, now: Timestamp) -> Result<Self> {
        let lines = store::repairs::lines(conn, &repair.id).await?;
        let brought = match repair.recovered {
            0 => Vec::new(),
            _ => store::repairs::brought(conn, &repair.id, now).await?,
        };
        let is_silent = repair.state == "running" && now.since_ms(repair.touched_at) > SILENT_MS;
        Ok(Self {
            id: repair.id,
            outcome: repair.outcome.as_deref().map(Outcome::of).or(is_silent.then_some(Outcome::Stopped)),
            cause: repair.cause,
            by: repair.account_name,
            started_at: repair.started_at,
            finished_at: repair.finished_at,
            lines: lines.into_iter().map(Line::from).collect(),
            events_from: repair.events_from,
            fetched: repair.fetched,
            recovered: repair.recovered,
            brought,
        })
    }

    /// Whether it is still under way.
    pub fn is_running(&self) -> bool {
        self.outcome.is_none()
    }

    /// What came of it, in a sentence.
    pub fn sentence(&self) -> &'static str {
        match self.outcome {
            None => "The repair is under way.",
            Some(Outcome::Well) => "All is well. Nothing had to be repaired.",
            Some(Outcome::Mended) => "What was wrong is repaired.",
            Some(Outcome::Trouble) => "Something is left for you to do.",
            Some(Outcome::Stopped) => "The server stopped in the middle of the repair. Start it again.",
        }
    }
}
