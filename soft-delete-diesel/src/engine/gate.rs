//! Keeping holds and removals apart.
//!
//! A hold on an operation or on a model is on rows that nobody has locked. So who removes rows closes a gate, together with
//! all others who do, and who places a hold waits until it is open and raises it.

use diesel::result::Error as Diesel;

use crate::{
    Error, Result,
    executor::Executor,
    statement::{CloseGate, RaiseGate},
};

/// Lets nobody place a hold until the transaction ends; holds that were placed before can be seen by what follows.
pub(super) async fn close<E: Executor>(executor: &mut E) -> Result<()> {
    if executor.rows(&CloseGate).await?.is_empty() {
        return Err(missing());
    }
    Ok(())
}

/// Waits until nobody removes rows, and lets nobody remove any before the transaction ends.
pub(super) async fn raise<E: Executor>(executor: &mut E) -> Result<()> {
    if executor.execute(&RaiseGate).await? == 0 {
        return Err(missing());
    }
    Ok(())
}

/// Without the gate nothing would keep a removal from what is being held.
pub(super) fn missing() -> Error {
    Error::SchemaMissing {
        table: "soft_delete_leases (with the row 'holds')".to_owned(),
        source: Diesel::NotFound,
    }
}
