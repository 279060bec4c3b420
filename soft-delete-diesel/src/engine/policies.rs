//! Rows that a row level security policy keeps as they are, without an error.

use super::facts;
use crate::{Descriptor, Error, Result, executor::Executor};

/// Why a row that is there stayed as it is, if a policy of its table may be why.
pub(super) async fn kept<E: Executor>(executor: &mut E, model: &Descriptor) -> Result<Option<Error>> {
    let facts = facts::read(executor, vec![model.table.clone()]).await?;
    let has_policy = facts.of(&model.table).is_some_and(|table| table.has_policy);
    Ok(has_policy.then(|| Error::KeptByPolicy {
        model: model.name().to_owned(),
        rows: 1,
    }))
}
