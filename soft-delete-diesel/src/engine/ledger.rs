//! The operations of the past.

use soft_delete_core::Action;

use super::{failure, gone};
use crate::{
    ModelRows, OperationEntry, Page, Registry, Result,
    executor::Executor,
    statement::{CountLeft, CountOperations, OperationRef, OperationsPage, Window, readable},
};

/// A page of operations, newest first, with what they reached and what is left of them.
pub(crate) async fn operations<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    page: Page,
) -> Result<Vec<OperationEntry>> {
    page.check()?;
    match list(executor, registry, page).await {
        Ok(entries) => Ok(entries),
        Err(error) => Err(failure::missing_schema(executor, error).await),
    }
}

async fn list<E: Executor>(executor: &mut E, registry: &Registry, page: Page) -> Result<Vec<OperationEntry>> {
    let before = page.last_known().map(OperationRef::new);
    let rows = OperationsPage {
        size: page.size(),
        before: before.as_ref(),
    };
    let rows = executor.rows(&rows).await?;
    let mut entries = rows
        .into_iter()
        .map(OperationEntry::read)
        .collect::<Result<Vec<_>>>()?;
    if entries.is_empty() {
        return Ok(entries);
    }
    let ids: Vec<OperationRef> = entries.iter().map(|entry| OperationRef::new(entry.id)).collect();
    for mut row in executor.rows(&CountOperations(&ids)).await? {
        let (id, model) = (row.take(0), row.take(1).unwrap_or_default());
        let (rows, roots) = (number(row.take(2))?, number(row.take(3))?);
        if let Some(entry) = entry_of(&mut entries, id) {
            entry.roots += roots;
            entry.models.push(ModelRows { model, rows });
        }
    }
    count_left(executor, registry, &mut entries).await?;
    Ok(entries)
}

async fn count_left<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    entries: &mut [OperationEntry],
) -> Result<()> {
    let deletions = entries.iter().filter(|entry| entry.action == Action::SoftDelete);
    let deletions: Vec<_> = deletions.map(|entry| (entry.id, entry.at)).collect();
    let times = deletions.iter().map(|(_, at)| *at);
    let (Some(first), Some(last)) = (times.clone().min(), times.max()) else {
        return Ok(());
    };
    let window = Window::around(first, last);
    let ids: Vec<OperationRef> = deletions.iter().map(|(id, _)| OperationRef::new(*id)).collect();
    for model in registry.models().filter(|model| model.deletion_id.is_some()) {
        let left = CountLeft {
            model,
            operations: &ids,
            window: &window,
        };
        for mut row in executor.rows(&left).await? {
            let (id, rows) = (row.take(0), number(row.take(1))?);
            if let Some(entry) = entry_of(entries, id) {
                entry.left.push(ModelRows {
                    model: model.name().to_owned(),
                    rows,
                });
            }
        }
    }
    note_gone(executor, entries).await
}

// Only what is not left can be gone.
async fn note_gone<E: Executor>(executor: &mut E, entries: &mut [OperationEntry]) -> Result<()> {
    let left = |entry: &OperationEntry| entry.left.iter().map(|model| model.rows).sum::<u64>();
    let has_lost = |entry: &&OperationEntry| entry.action == Action::SoftDelete && left(entry) < entry.rows();
    let ids: Vec<OperationRef> = entries
        .iter()
        .filter(has_lost)
        .map(|entry| OperationRef::new(entry.id))
        .collect();
    let mut gone = gone::of(executor, &ids).await?;
    for entry in entries {
        entry.gone = gone.remove(&entry.id).unwrap_or_default().models;
    }
    Ok(())
}

fn entry_of(entries: &mut [OperationEntry], id: Option<String>) -> Option<&mut OperationEntry> {
    let id = id?.parse().ok()?;
    entries.iter_mut().find(|entry| entry.id == id)
}

fn number(text: Option<String>) -> Result<u64> {
    readable("the database", "COUNT(*)", text.unwrap_or_default(), str::parse)
}
