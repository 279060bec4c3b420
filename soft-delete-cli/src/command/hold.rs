//! `hold`, `release` and `holds`.

use chrono::{DateTime, Utc};
use diesel::connection::LoadConnection;
use soft_delete::{Dialect, HeldThing, Hold};

use super::trail;
use crate::{
    args::Paged,
    exit::Exit,
    failure::Failure,
    output::Document,
    session::{Answer, Session},
};

const COLUMNS: [&str; 6] = ["id", "what", "reason", "actor", "placed_at", "ends_at"];

pub(crate) fn hold<C>(
    session: &mut Session<'_, C>,
    model: &str,
    ids: &[String],
    reason: String,
    until: Option<DateTime<Utc>>,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let records = session.registry.records(model)?;
    let who = session.who(Some(reason));
    let who = match until {
        Some(until) => who.until(until),
        None => who,
    };
    let mut document = Document::list("holds", &COLUMNS);
    if ids.is_empty() {
        let question = format!("Hold all rows of {model}");
        if !session.consent().to(&question)? {
            return Ok(Exit::Done);
        }
        push(&mut document, &records.hold_all(session.conn, who.clone())?)?;
    }
    for id in ids {
        push(&mut document, &records.hold(session.conn, id, who.clone())?)?;
    }
    session.answer(document)?;
    Ok(Exit::Done)
}

pub(crate) fn release<C>(session: &mut Session<'_, C>, model: &str, ids: &[String]) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let records = session.registry.records(model)?;
    let mut released = 0;
    if ids.is_empty() {
        let who = session.who(None);
        released += records.release_all(session.conn, who)?;
    }
    for id in ids {
        let who = session.who(None);
        released += records.release(session.conn, id, who)?;
    }
    let mut document = Document::list("models", &["model", "released"]);
    document.push(&serde_json::json!({ "model": model, "released": released }))?;
    session.answer(document)?;
    if released == 0 {
        let thing = if ids.is_empty() { "the model" } else { "these rows" };
        return Err(Failure::new(
            Exit::Failure,
            format!("there was no hold on {thing}: `holds` lists those that are"),
        ));
    }
    Ok(Exit::Done)
}

pub(crate) fn list<C>(session: &mut Session<'_, C>, asked: &Paged) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let mut document = Document::list("holds", &COLUMNS);
    let holds = soft_delete::holds(session.conn, trail::page(asked))?;
    for hold in &holds {
        push(&mut document, hold)?;
    }
    trail::next(
        &mut document,
        asked,
        holds.len(),
        holds.last().map(|hold| hold.id),
    );
    session.answer(document)?;
    Ok(Exit::Done)
}

fn push(document: &mut Document, hold: &Hold) -> Result<(), Failure> {
    let what = match &hold.on {
        HeldThing::Record { model, record_id } => format!("{model} {record_id}"),
        HeldThing::Operation(operation) => format!("operation {operation}"),
        HeldThing::Model(model) => format!("all of {model}"),
        other => format!("{other:?}"),
    };
    let item = document.push(hold)?;
    item.insert("what".to_owned(), what.into());
    Ok(())
}
