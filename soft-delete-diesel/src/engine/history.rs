//! The audit trail of one record.

use soft_delete_core::Action;

use super::{Target, failure, record_id};
use crate::{AuditRecord, Result, executor::Executor, statement::Audited};

/// The audit rows of a record, oldest first; a record that was purged still has them. A row that has a key which another row had
/// before it is told what was done since that one was removed.
pub(crate) async fn history<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
) -> Result<Vec<AuditRecord>> {
    // Inside the caller's transaction a failed query needs a savepoint to fall back to: PostgreSQL refuses everything
    // after an error otherwise.
    let guarded = executor.depth()? > 0;
    if guarded {
        executor.begin().await?;
    }
    let acts = read(executor, target).await;
    if guarded {
        executor.rollback().await?;
    }
    match acts {
        Ok(acts) => Ok(acts),
        Err(error) => Err(failure::missing_schema(executor, error).await),
    }
}

async fn read<E: Executor>(executor: &mut E, target: &Target<'_, E::DB>) -> Result<Vec<AuditRecord>> {
    let record = record_id::resolve(executor, target).await?;
    let audited = Audited {
        model: target.model,
        record_id: &record.text,
    };
    let rows = executor.rows(&audited).await?;
    let acts: Vec<AuditRecord> = rows.into_iter().map(AuditRecord::read).collect::<Result<_>>()?;
    Ok(if record.has_row { since_it_came(acts) } else { acts })
}

// A row that was loaded from an archive is the one that was removed before.
fn since_it_came(mut acts: Vec<AuditRecord>) -> Vec<AuditRecord> {
    let (mut first, mut removed) = (0, None);
    for (place, act) in acts.iter().enumerate() {
        match act.action {
            Action::Purge | Action::ForceDelete => removed = Some(place + 1),
            Action::Load => removed = None,
            _ => first = removed.take().unwrap_or(first),
        }
    }
    acts.drain(..removed.unwrap_or(first));
    acts
}
