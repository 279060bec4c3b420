//! Where statements run: one engine, two kinds of connection.

#[cfg(feature = "async")]
mod asynchronous;
mod blocking;
mod prepared;

use std::{future::Future, time::Duration};

use diesel::result::QueryResult;

#[cfg(feature = "async")]
pub(crate) use asynchronous::Async;
pub(crate) use blocking::{Blocking, run};

use crate::{
    Dialect,
    statement::{Statement, TextRow},
};

/// A connection as the engine sees it.
///
/// The engine is written once, as async functions over this trait. On Diesel's own connections the futures are ready
/// when they are made, so that polling once runs the whole operation.
pub(crate) trait Executor: Send {
    /// The backend that statements are written for.
    type DB: Dialect;

    /// Runs a statement and tells how many rows it changed.
    fn execute(
        &mut self,
        statement: &dyn Statement<Self::DB>,
    ) -> impl Future<Output = QueryResult<usize>> + Send;

    /// Runs a query and reads its rows as text.
    fn rows(
        &mut self,
        statement: &dyn Statement<Self::DB>,
    ) -> impl Future<Output = QueryResult<Vec<TextRow>>> + Send;

    /// Begins a transaction, or a savepoint inside the caller's.
    fn begin(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    /// Commits what [`begin`](Executor::begin) began.
    fn commit(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    /// Undoes everything since [`begin`](Executor::begin).
    fn rollback(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    /// Waits, so that others get their turn.
    fn pause(&mut self, time: Duration) -> impl Future<Output = ()> + Send;

    /// How many transactions are open; 0 outside of any. An error tells of a broken connection.
    fn depth(&mut self) -> QueryResult<u32>;

    /// Has the connection tell that it is broken, so that no pool gives it to anybody again.
    fn spoil(&mut self);
}

/// A connection whose session may be set otherwise than its owner knows. Should it be dropped before that is mended, as a future
/// that nobody waits for any longer is, or in a panic, the connection is [spoiled](Executor::spoil).
pub(crate) struct ChangedSession<'e, E: Executor> {
    executor: &'e mut E,
    is_mended: bool,
}

impl<'e, E: Executor> ChangedSession<'e, E> {
    /// From here on the session may be changed.
    pub(crate) fn of(executor: &'e mut E) -> Self {
        Self {
            executor,
            is_mended: false,
        }
    }

    /// The connection.
    pub(crate) fn executor(&mut self) -> &mut E {
        self.executor
    }

    /// The session is as it was.
    pub(crate) fn mended(mut self) {
        self.is_mended = true;
    }
}

impl<E: Executor> Drop for ChangedSession<'_, E> {
    fn drop(&mut self) {
        if !self.is_mended {
            self.executor.spoil();
        }
    }
}
