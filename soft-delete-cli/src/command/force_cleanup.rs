//! `force-cleanup`: deleted rows are removed for good, however young.

use std::path::PathBuf;

use diesel::connection::LoadConnection;
use soft_delete::Dialect;

use super::cleanup;
use crate::{
    exit::Exit,
    output::Document,
    session::{Answer, Session},
};

/// What was asked for.
pub(crate) struct Asked {
    pub(crate) model: String,
    pub(crate) ids: Vec<String>,
    pub(crate) reason: String,
    pub(crate) confirm: Option<String>,
    pub(crate) max_fraction: f64,
    pub(crate) archive: Option<PathBuf>,
}

pub(crate) fn run<C>(session: &mut Session<'_, C>, asked: Asked) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let records = session.registry.records(&asked.model)?;
    let model = asked.model.as_str();
    let what = if asked.ids.is_empty() {
        let stats = session.registry.stats(session.conn)?;
        let deleted = stats.iter().find(|stats| stats.model == model);
        let (deleted, held) = deleted.map_or((0, 0), |stats| (stats.deleted, stats.held));
        format!("All deleted rows of {model} go for good, {deleted} but for {held} that are held")
    } else {
        format!("{} of {model} go for good", asked.ids.join(", "))
    };
    if !session
        .consent()
        .by_name(&what, model, asked.confirm.as_deref())?
    {
        session.say("Nothing was removed.");
        return Ok(Exit::Done);
    }
    if asked.ids.is_empty() {
        return cleanup::finish(session, |session, signals| {
            let cleanup = soft_delete::Cleanup::new(session.registry)
                .model(model)
                .max_fraction(asked.max_fraction);
            let cleanup = cleanup::archived(cleanup, asked.archive.as_deref());
            let who = session.who(Some(asked.reason));
            signals
                .watch(cleanup, session.common.quiet)
                .force_regardless_of_age(session.conn, who)
        });
    }
    let who = session.who(Some(asked.reason));
    let operation = records.force_delete(session.conn, &asked.ids, who)?;
    let mut document = Document::list("models", &["model", "rows"]);
    document.field("operation_id", operation.id.to_string());
    for rows in &operation.models {
        document.push(rows)?;
    }
    session.answer(document)?;
    Ok(Exit::Done)
}
