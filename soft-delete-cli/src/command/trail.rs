//! `operations`, `audit` and `runs`: what was done.

use diesel::connection::LoadConnection;
use soft_delete::{DeletionId, Dialect, Error, Page, Trail};

use crate::{
    args::{Audit, Paged},
    exit::Exit,
    output::Document,
    session::{Answer, Session},
};

const RUN_FIELDS: [&str; 16] = [
    "id",
    "model",
    "action",
    "state",
    "stopped",
    "error",
    "actor",
    "reason",
    "started_at",
    "finished_at",
    "expired",
    "purged",
    "owned",
    "held",
    "blocked",
    "skipped",
];

/// The part of a list that was asked for.
pub(super) fn page(asked: &Paged) -> Page {
    let page = Page::of(asked.limit);
    match asked.after {
        Some(after) => page.after(after),
        None => page,
    }
}

/// Tells where the next page begins, if this one is full.
pub(super) fn next(document: &mut Document, asked: &Paged, shown: usize, last: Option<DeletionId>) {
    let next = last.filter(|_| shown == asked.limit as usize);
    document.field("next", next.map(|id| id.to_string()));
    if let Some(next) = next {
        document.more(&next);
    }
}

pub(crate) fn operations<C>(session: &mut Session<'_, C>, asked: &Paged) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let columns = ["at", "action", "rows", "left", "actor", "reason", "id"];
    let mut document = Document::list("operations", &columns);
    let entries = soft_delete::operations(session.conn, session.registry, page(asked))?;
    let in_columns = session.is_in_columns();
    for entry in &entries {
        let left: u64 = entry.left.iter().map(|model| model.rows).sum();
        let item = document.push(entry)?;
        item.set("rows", entry.rows());
        if in_columns {
            item.set("left", left);
        }
    }
    next(
        &mut document,
        asked,
        entries.len(),
        entries.last().map(|entry| entry.id),
    );
    session.answer(document)?;
    Ok(Exit::Done)
}

pub(crate) fn audit<C>(session: &mut Session<'_, C>, asked: &Audit) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let columns = [
        "at",
        "action",
        "model",
        "record_id",
        "actor",
        "reason",
        "operation_id",
    ];
    let mut document = Document::list("acts", &columns);
    let trail = as_recorded(session, asked)?;
    let acts = soft_delete::audit(session.conn, &trail)?;
    // The trail may know a model that is no more; a name that nobody knows is a mistake.
    if let Some(model) = asked.model.as_deref().filter(|_| acts.is_empty()) {
        let ever = Trail::new().model(model).size(1);
        if soft_delete::audit(session.conn, &ever)?.is_empty() {
            session.registry.model(model)?;
        }
    }
    for act in &acts {
        document.push(act)?;
    }
    let next = acts.last().filter(|_| acts.len() == asked.limit as usize);
    document.field("next", next.map(|act| act.id));
    match (next, acts.is_empty()) {
        (Some(next), _) => document.more(&next.id),
        (None, true) => document.note("Nothing like that was ever done."),
        (None, false) => &mut document,
    };
    session.answer(document)?;
    Ok(Exit::Done)
}

// With the key as it is on record, in whatever spelling it was typed. The trail may know models that are no more, and acts on
// no single record.
fn as_recorded<C>(session: &mut Session<'_, C>, asked: &Audit) -> Result<Trail, Error>
where
    C: LoadConnection<Backend: Dialect>,
{
    let trail = trail(asked);
    let (Some(model), Some(id)) = (&asked.model, &asked.id) else {
        return Ok(trail);
    };
    let Ok(records) = session.registry.records(model) else {
        return Ok(trail);
    };
    match records.record_id(session.conn, id) {
        Ok(id) => Ok(trail.record(id)),
        Err(error) if error.is_bad_input() => Ok(trail),
        Err(error) => Err(error),
    }
}

fn trail(asked: &Audit) -> Trail {
    let mut trail = Trail::new().size(asked.limit);
    if let Some(model) = &asked.model {
        trail = trail.model(model);
    }
    if let Some(id) = &asked.id {
        trail = trail.record(id);
    }
    if let Some(actor) = &asked.filters.by {
        trail = trail.by(actor);
    }
    if let Some(action) = asked.action {
        trail = trail.action(action);
    }
    if let Some(operation) = asked.filters.operation {
        trail = trail.operation(operation);
    }
    if let Some(text) = &asked.filters.reason {
        trail = trail.reason_contains(text);
    }
    if let Some(since) = asked.filters.since {
        trail = trail.since(since);
    }
    if let Some(until) = asked.filters.until {
        trail = trail.until(until);
    }
    match asked.after {
        Some(after) => trail.before(after),
        None => trail,
    }
}

pub(crate) fn runs<C>(session: &mut Session<'_, C>, asked: &Paged) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let columns = [
        "started_at",
        "model",
        "state",
        "purged",
        "held",
        "blocked",
        "skipped",
        "stopped",
    ];
    let mut document = Document::list("runs", &columns).in_csv(&RUN_FIELDS);
    let runs = soft_delete::runs(session.conn, page(asked))?;
    for run in &runs {
        document.push(run)?;
    }
    next(&mut document, asked, runs.len(), runs.last().map(|run| run.id));
    session.answer(document)?;
    Ok(Exit::Done)
}
