//! `hold`, `release` and `holds`.

use chrono::{DateTime, Utc};
use diesel::connection::LoadConnection;
use soft_delete::{DeletionId, Dialect, Error, HeldThing, Hold};

use super::trail;
use crate::{
    args::Paged,
    exit::Exit,
    failure::Failure,
    output::Document,
    session::{Answer, Session},
};

const COLUMNS: [&str; 6] = ["what", "reason", "actor", "placed_at", "ends_at", "id"];

/// What is held, or let go.
#[derive(Clone, Copy)]
pub(crate) enum Thing<'a> {
    Rows(&'a str, &'a [String]),
    Model(&'a str),
    Operation(DeletionId),
    Hold(DeletionId),
}

impl<'a> Thing<'a> {
    /// As it was said on the command line.
    pub(crate) fn of(
        model: Option<&'a str>,
        ids: &'a [String],
        operation: Option<DeletionId>,
        hold: Option<DeletionId>,
    ) -> Result<Self, Failure> {
        match (model, operation, hold) {
            (Some(model), ..) if ids.is_empty() => Ok(Self::Model(model)),
            (Some(model), ..) => Ok(Self::Rows(model, ids)),
            (_, Some(operation), _) => Ok(Self::Operation(operation)),
            (.., Some(hold)) => Ok(Self::Hold(hold)),
            _ => Err(Failure::usage("say a model, its rows, or an operation")),
        }
    }
}

pub(crate) fn hold<C>(
    session: &mut Session<'_, C>,
    thing: Thing<'_>,
    reason: String,
    until: Option<DateTime<Utc>>,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let who = session.who(Some(reason));
    let who = match until {
        Some(until) => who.until(until),
        None => who,
    };
    let mut document = Document::list("holds", &COLUMNS);
    match thing {
        Thing::Model(model) => {
            let records = session.registry.records(model)?;
            let question = format!("Hold all rows of {model}");
            if !session.consent().to(&question)? {
                return Ok(Exit::Done);
            }
            push(&mut document, &records.hold_all(session.conn, who)?)?;
        }
        Thing::Rows(model, ids) => {
            let records = session.registry.records(model)?;
            // All of them or, where one is not there, none.
            let holds = session.conn.transaction(|conn| {
                let holds = ids.iter().map(|id| records.hold(conn, id, who.clone()));
                holds.collect::<Result<Vec<Hold>, Error>>()
            })?;
            for hold in &holds {
                push(&mut document, hold)?;
            }
        }
        Thing::Operation(operation) | Thing::Hold(operation) => {
            push(
                &mut document,
                &soft_delete::hold_operation(session.conn, operation, who)?,
            )?;
        }
    }
    session.answer(document)?;
    Ok(Exit::Done)
}

pub(crate) fn release<C>(session: &mut Session<'_, C>, thing: Thing<'_>) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let who = session.who(None);
    let mut without = Vec::new();
    let (what, released) = match thing {
        Thing::Model(model) => {
            let records = session.registry.records(model)?;
            (format!("all of {model}"), records.release_all(session.conn, who)?)
        }
        Thing::Rows(model, ids) => {
            let records = session.registry.records(model)?;
            let mut released = 0;
            for id in ids {
                let holds = records.release(session.conn, id, who.clone())?;
                released += holds;
                if holds == 0 {
                    without.push(id.as_str());
                }
            }
            (format!("{model} {}", ids.join(" ")), released)
        }
        Thing::Operation(operation) => {
            let released = soft_delete::release_operation(session.conn, operation, who)?;
            (format!("operation {operation}"), released)
        }
        Thing::Hold(hold) => {
            soft_delete::release(session.conn, hold, who)?;
            (format!("hold {hold}"), 1)
        }
    };
    let mut document = Document::list("released", &["what", "holds"]);
    document.push(&serde_json::json!({ "what": what, "holds": released }))?;
    session.answer(document)?;
    if released == 0 {
        return Err(Failure::new(
            Exit::Failure,
            format!("there was no hold on {what}: `holds` lists those that are"),
        ));
    }
    if !without.is_empty() {
        session.say(&format!("There was no hold on {}.", without.join(", ")));
        return Ok(Exit::Partial);
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
    item.set("what", what);
    Ok(())
}
