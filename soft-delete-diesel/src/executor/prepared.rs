//! `BEGIN` and `COMMIT` as prepared statements, for Diesel's own connection to MySQL and MariaDB.
//!
//! There Diesel sends a transaction's commands as a batch, which takes three round trips each: several statements allowed,
//! the command, several statements refused. A prepared one takes one. The transaction is entered into Diesel's own books, so
//! that the connection knows of it, and savepoints, rollbacks and whatever goes wrong are left to Diesel.

use std::sync::atomic::{AtomicBool, Ordering};

use diesel::{
    connection::{LoadConnection, TransactionDepthChange, TransactionManager, TransactionManagerStatus},
    result::QueryResult,
};

use crate::{
    Database, Dialect,
    statement::{AsQuery, Command},
};

// A server that cannot prepare these commands (MySQL refuses some) says so once, and is asked no more.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// Begins the outermost transaction; `None` leaves it to Diesel.
pub(super) fn begin<C: LoadConnection<Backend: Dialect>>(conn: &mut C) -> Option<QueryResult<()>> {
    if !is_worth_it::<C>() || depth(conn) != Some(0) {
        return None;
    }
    if conn.execute_returning_count(&AsQuery(&Command::Begin)).is_err() {
        REFUSED.store(true, Ordering::Relaxed);
        return None;
    }
    Some(enter(conn, TransactionDepthChange::IncreaseDepth))
}

/// Commits the outermost transaction; `None` leaves it to Diesel.
pub(super) fn commit<C: LoadConnection<Backend: Dialect>>(conn: &mut C) -> Option<QueryResult<()>> {
    if !is_worth_it::<C>() || depth(conn) != Some(1) {
        return None;
    }
    // After an error the transaction stands in the books as open, and the engine rolls it back.
    let committed = conn.execute_returning_count(&AsQuery(&Command::Commit));
    Some(committed.and_then(|_| enter(conn, TransactionDepthChange::DecreaseDepth)))
}

fn is_worth_it<C: LoadConnection<Backend: Dialect>>() -> bool {
    C::Backend::DATABASE == Some(Database::Mysql) && !REFUSED.load(Ordering::Relaxed)
}

// `None` for a connection that Diesel holds for broken.
fn depth<C: LoadConnection>(conn: &mut C) -> Option<u32> {
    let depth = C::TransactionManager::transaction_manager_status_mut(conn).transaction_depth();
    depth.ok().map(|depth| depth.map_or(0, Into::into))
}

fn enter<C: LoadConnection>(conn: &mut C, change: TransactionDepthChange) -> QueryResult<()> {
    match C::TransactionManager::transaction_manager_status_mut(conn) {
        TransactionManagerStatus::Valid(books) => books.change_transaction_depth(change),
        TransactionManagerStatus::InError => Err(diesel::result::Error::BrokenTransactionManager),
    }
}
