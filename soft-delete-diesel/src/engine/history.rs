//! The audit trail of one record.

use super::{Target, failure};
use crate::{AuditRecord, Error, Result, executor::Executor, statement::Audited};

/// The audit rows of a record, oldest first; a record that was purged still has them.
pub(crate) async fn history<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
) -> Result<Vec<AuditRecord>> {
    let audited = Audited {
        model: target.model,
        key: target.key,
    };
    // Inside the caller's transaction a failed query needs a savepoint to fall back to: PostgreSQL refuses everything
    // after an error otherwise.
    let guarded = executor.depth()? > 0;
    if guarded {
        executor.begin().await?;
    }
    let rows = executor.rows(&audited).await;
    if guarded {
        executor.rollback().await?;
    }
    match rows {
        Ok(rows) => rows.into_iter().map(AuditRecord::read).collect(),
        Err(error) => Err(failure::missing_schema(executor, Error::Database(error)).await),
    }
}
