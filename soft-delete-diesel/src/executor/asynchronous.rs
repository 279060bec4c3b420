//! The connections of diesel-async, and pools of them.

use std::{future::Future, time::Duration};

use diesel::result::QueryResult;
use diesel_async::{AsyncConnection, RunQueryDsl, TransactionManager};

use super::Executor;
use crate::{
    Dialect,
    statement::{AsQuery, Statement, TextRow},
};

/// A connection that is awaited.
pub(crate) struct Async<'c, C>(pub(crate) &'c mut C);

impl<C> Executor for Async<'_, C>
where
    C: AsyncConnection,
    C::Backend: Dialect,
{
    type DB = C::Backend;

    fn execute(
        &mut self,
        statement: &dyn Statement<Self::DB>,
    ) -> impl Future<Output = QueryResult<usize>> + Send {
        self.0.execute_returning_count(AsQuery(statement))
    }

    fn rows(
        &mut self,
        statement: &dyn Statement<Self::DB>,
    ) -> impl Future<Output = QueryResult<Vec<TextRow>>> + Send {
        RunQueryDsl::load(AsQuery(statement), self.0)
    }

    fn begin(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        C::TransactionManager::begin_transaction(self.0)
    }

    fn commit(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        C::TransactionManager::commit_transaction(self.0)
    }

    fn rollback(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        C::TransactionManager::rollback_transaction(self.0)
    }

    async fn pause(&mut self, time: Duration) {
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
    }

    fn depth(&mut self) -> QueryResult<u32> {
        let status = C::TransactionManager::transaction_manager_status_mut(self.0);
        Ok(status.transaction_depth()?.map_or(0, Into::into))
    }

    fn spoil(&mut self) {
        C::TransactionManager::transaction_manager_status_mut(self.0).set_in_error();
    }
}
