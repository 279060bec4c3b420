//! Diesel's own connections, and pools of them.

use std::{
    future::{Future, ready},
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use diesel::{
    RunQueryDsl,
    connection::{Connection, LoadConnection, TransactionManager},
    result::QueryResult,
};

use super::{Executor, prepared};
use crate::{
    Dialect,
    statement::{AsQuery, Statement, TextRow},
};

/// A connection that blocks until the database has answered.
pub(crate) struct Blocking<'c, C>(pub(crate) &'c mut C);

impl<C> Executor for Blocking<'_, C>
where
    C: Connection + LoadConnection,
    C::Backend: Dialect,
{
    type DB = C::Backend;

    fn execute(
        &mut self,
        statement: &dyn Statement<Self::DB>,
    ) -> impl Future<Output = QueryResult<usize>> + Send {
        ready(self.0.execute_returning_count(&AsQuery(statement)))
    }

    fn rows(
        &mut self,
        statement: &dyn Statement<Self::DB>,
    ) -> impl Future<Output = QueryResult<Vec<TextRow>>> + Send {
        ready(RunQueryDsl::load(AsQuery(statement), self.0))
    }

    fn begin(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        ready(match prepared::begin(self.0) {
            Some(begun) => begun,
            None => C::TransactionManager::begin_transaction(self.0),
        })
    }

    fn commit(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        ready(match prepared::commit(self.0) {
            Some(committed) => committed,
            None => C::TransactionManager::commit_transaction(self.0),
        })
    }

    fn rollback(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        ready(C::TransactionManager::rollback_transaction(self.0))
    }

    fn pause(&mut self, time: Duration) -> impl Future<Output = ()> + Send {
        if !time.is_zero() {
            std::thread::sleep(time);
        }
        ready(())
    }

    fn depth(&mut self) -> QueryResult<u32> {
        let status = C::TransactionManager::transaction_manager_status_mut(self.0);
        Ok(status.transaction_depth()?.map_or(0, Into::into))
    }

    fn spoil(&mut self) {
        C::TransactionManager::transaction_manager_status_mut(self.0).set_in_error();
    }
}

/// Runs an operation whose executor never waits: its future is done after one poll.
pub(crate) fn run<T>(operation: impl Future<Output = T>) -> T {
    match pin!(operation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("every future of the blocking executor is ready when it is made"),
    }
}
