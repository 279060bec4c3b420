//! Why an act on one row could not be done: the row is not there, or another one is in its way.

use soft_delete_core::Action;

use super::{Target, failure, record_id};
use crate::{
    Error, Result,
    executor::Executor,
    statement::{PurgedBy, parse_time, readable},
};

/// Why there is no row: it never was, or it was removed for good.
pub(super) async fn missing<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    action: Action,
) -> Error {
    match epitaph(executor, target, action).await {
        Ok(error) => error,
        Err(error) => failure::missing_schema(executor, error).await,
    }
}

async fn epitaph<E: Executor>(executor: &mut E, target: &Target<'_, E::DB>, action: Action) -> Result<Error> {
    let model = target.model;
    let asks_log = action != Action::SoftDelete && model.audited;
    let record = if asks_log {
        record_id::resolve(executor, target).await?
    } else {
        record_id::without_log(executor, target).await?
    };
    let id = record.text;
    if asks_log {
        let purged = PurgedBy {
            model,
            record_id: &id,
        };
        if let Some(mut row) = executor.rows(&purged).await?.pop() {
            let at = readable(
                "soft_delete_audit",
                "at",
                row.take(0).unwrap_or_default(),
                parse_time,
            )?;
            let by = row.take(1).unwrap_or_default();
            return Ok(Error::Purged {
                model: model.name.clone(),
                id,
                at,
                by,
            });
        }
    }
    Ok(Error::NotFound {
        model: model.name.clone(),
        id,
    })
}

/// What an error means to the caller; everything was rolled back before.
pub(super) async fn explain<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    action: Action,
    error: Error,
) -> Error {
    let conflict = failure::unique_constraint(&error).filter(|_| action == Action::Restore);
    match (conflict, error) {
        (Some(constraint), Error::Database(source)) => {
            // The conflict is what matters; without the key's text it is still one.
            let id = record_id::without_log(executor, target).await;
            Error::Conflict {
                model: target.model.name.clone(),
                id: Some(id.map(|id| id.text).unwrap_or_default()),
                constraint,
                source,
            }
        }
        (_, error) => failure::missing_schema(executor, error).await,
    }
}
