//! What a cleanup would find.

use soft_delete_core::chrono::{DateTime, Utc};

use crate::{
    Descriptor, Result,
    executor::Executor,
    operation::ModelRows,
    statement::{CountExpired, Expired, readable},
};

/// How many rows of each model are due at this moment.
pub(crate) async fn count_expired<E: Executor>(
    executor: &mut E,
    models: &[&'static Descriptor],
    now: DateTime<Utc>,
) -> Result<Vec<ModelRows>> {
    let mut counted = Vec::with_capacity(models.len());
    for model in models {
        let count = CountExpired(Expired::at(model, now));
        let row = executor.rows(&count).await?.pop();
        let rows = row.and_then(|mut row| row.take(0)).unwrap_or_default();
        counted.push(ModelRows {
            model: model.name.clone(),
            rows: readable(model.name(), "COUNT(*)", rows, str::parse)?,
        });
    }
    Ok(counted)
}
