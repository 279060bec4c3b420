//! What is gone of an operation: rows that it deleted and that were removed for good since.

use std::collections::BTreeMap;

use crate::{
    DeletionId, Descriptor, GoneRows, Result,
    executor::Executor,
    statement::{CountGone, OperationRef, OperationsOf, Rows, parse_time, readable},
};

/// What is gone of one operation.
#[derive(Default)]
pub(super) struct Gone {
    pub(super) models: Vec<GoneRows>,
    /// How many of the rows that were asked for.
    roots: u64,
}

/// What is gone of each of these operations, in one statement.
pub(super) async fn of<E: Executor>(
    executor: &mut E,
    operations: &[OperationRef],
) -> Result<BTreeMap<DeletionId, Gone>> {
    const TABLE: &str = "soft_delete_audit";
    let mut gone: BTreeMap<DeletionId, Gone> = BTreeMap::new();
    if operations.is_empty() {
        return Ok(gone);
    }
    for mut row in executor.rows(&CountGone(operations)).await? {
        let mut field = |place| row.take(place).unwrap_or_default();
        let id: DeletionId = readable(TABLE, "operation_id", field(0), str::parse)?;
        let (model, at, by) = (field(1), field(2), field(3));
        let rows = readable(TABLE, "COUNT(*)", field(4), str::parse)?;
        let roots: u64 = readable(TABLE, "COUNT(*)", field(5), str::parse)?;
        let known = gone.entry(id).or_default();
        known.roots += roots;
        let at = readable(TABLE, "at", at, parse_time)?;
        known.models.push(GoneRows::new(model, rows, at, by));
    }
    Ok(gone)
}

/// What these rows, and those that come back with them, have lost. Where rows that were asked for are gone themselves, nobody can
/// tell whose the others were.
pub(super) async fn with<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    rows: &Rows<'_, E::DB>,
) -> Result<Vec<GoneRows>> {
    let below = &model.relatives().below;
    if below.links.is_empty() || !model.is_in_operations() {
        return Ok(Vec::new());
    }
    let operations = OperationsOf {
        model,
        rows,
        limit: MOST,
    };
    let mut ids = Vec::new();
    for mut row in executor.rows(&operations).await? {
        ids.extend(row.take(0).and_then(|id| id.parse().ok()).map(OperationRef::new));
    }
    let mut lost: Vec<GoneRows> = Vec::new();
    let whole = of(executor, &ids)
        .await?
        .into_values()
        .filter(|gone| gone.roots == 0);
    for gone in whole.flat_map(|gone| gone.models) {
        let is_below = below.models.iter().any(|model| model.name() == gone.model);
        match lost.iter_mut().find(|known| known.model == gone.model) {
            _ if !is_below => {}
            Some(known) => {
                known.rows += gone.rows;
                if gone.at > known.at {
                    (known.at, known.by) = (gone.at, gone.by);
                }
            }
            None => lost.push(gone),
        }
    }
    Ok(lost)
}

// As many operations as are looked into for one plan.
const MOST: u64 = 1_000;
