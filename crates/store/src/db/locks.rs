//! Locks on things that have no row yet.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{Batch, Inner, Result, Tx, Value};

/// The keys come in order, so that two transactions cannot wait for each other in a circle.
const LOCK: Batch<1> =
    Batch { into: "WITH wanted (number) AS (", then: ") SELECT pg_advisory_xact_lock(number) FROM wanted" };

impl Tx {
    /// Waits until no other transaction holds any of the names, and holds them until this one
    /// ends. A statement after it sees what the others have committed, unless the transaction is
    /// serializable. SQLite has one writer, so there is nothing to wait for.
    pub async fn lock(&mut self, names: &BTreeSet<String>) -> Result<()> {
        if matches!(self.inner, Inner::PostgresTx(_)) {
            let numbers: BTreeSet<i64> = names.iter().map(|name| number(name)).collect();
            let numbers = numbers.into_iter().map(|number| [Value::from(number)]).collect();
            self.all_batch(LOCK, numbers, |_| Ok(())).await?;
        }
        Ok(())
    }
}

/// Two names with the same number only wait for each other.
fn number(name: &str) -> i64 {
    let hash: [u8; 32] = Sha256::digest(name).into();
    i64::from_be_bytes(std::array::from_fn(|index| hash[index]))
}
