//! `stats`: figures per model.

use diesel::connection::LoadConnection;
use soft_delete::{Dialect, Stats};

use crate::{
    exit::Exit,
    output::Document,
    session::{Answer, Session},
};

const COLUMNS: [&str; 7] = [
    "model",
    "active",
    "deleted",
    "expired",
    "expiring_soon",
    "held",
    "oldest_deleted_at",
];

pub(crate) fn run<C>(
    session: &mut Session<'_, C>,
    models: &[String],
    soon: u32,
    estimate: Option<u64>,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    for model in models {
        session.registry.model(model)?;
    }
    let mut question = Stats::of(session.registry).expiring_within(soon);
    if let Some(rows) = estimate {
        question = question.estimate_above(rows);
    }
    let mut document = Document::list("models", &COLUMNS);
    let mut estimated = false;
    for stats in question.run(session.conn)? {
        if !models.is_empty() && !models.contains(&stats.model) {
            continue;
        }
        estimated |= stats.is_estimated;
        let item = document.push(&stats)?;
        item.set("table", stats.model.clone());
    }
    if estimated {
        document.note("Some figures are estimates of the catalogue.");
    }
    session.answer(document)?;
    Ok(Exit::Done)
}
