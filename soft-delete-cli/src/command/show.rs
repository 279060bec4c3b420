//! `show`: one deleted row, its holds, and what would come back with it.

use chrono::{DateTime, Utc};
use diesel::connection::LoadConnection;
use serde_json::{Value, json};
use soft_delete::{AuditRecord, DeletedRow, Dialect, Error, Hold, Listing, RecordState, RestorePlan};

use super::list_deleted::{CSV_COLUMNS, fields};
use crate::{
    exit::Exit,
    failure::{self, Failure},
    output::{Document, Format},
    session::{Answer, Session},
};

const NOT_DELETED: &str = "not deleted";

pub(crate) fn run<C>(session: &mut Session<'_, C>, model: &str, id: &str) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let records = session.registry.records(model)?;
    let who = session.who(None);
    let plan = records.restore_plan(session.conn, &[id], who)?;
    let holds = records.holds(session.conn, id);
    let holds = if_installed(session, holds)?;
    let history = records.history(session.conn, id);
    let history = if_installed(session, history)?;
    let page = session
        .registry
        .list_deleted(session.conn, model, &Listing::new().record(id))?;
    let row = page.rows.first();
    let state = records.state(session.conn, id)?;
    if row.is_none() && history.is_empty() && holds.is_empty() {
        return Err(Failure::new(
            Exit::Failure,
            format!("nothing is known of {id} in {model}: it is active and was never deleted, or not there"),
        ));
    }
    let known = Known {
        row,
        state: &state,
        holds: &holds,
        plan: &plan,
        history: &history,
    };
    let document = if matches!(session.common.format, Format::Csv | Format::Jsonl) {
        known.as_a_line(model, id)
    } else {
        known.as_a_document(model, id)?
    };
    session.answer(document)?;
    Ok(Exit::Done)
}

// Where the library's own tables are not there yet, nothing is held, and nothing is on record.
fn if_installed<C, T>(session: &Session<'_, C>, known: Result<Vec<T>, Error>) -> Result<Vec<T>, Failure>
where
    C: LoadConnection<Backend: Dialect>,
{
    match known {
        Err(error) if error.is_schema_missing() => {
            session.say(&failure::in_words(&error));
            Ok(Vec::new())
        }
        known => Ok(known?),
    }
}

/// What is known of a row.
struct Known<'a> {
    row: Option<&'a DeletedRow>,
    state: &'a RecordState,
    holds: &'a [Hold],
    plan: &'a RestorePlan,
    history: &'a [AuditRecord],
}

impl Known<'_> {
    // Of a row that is not deleted.
    fn state(&self) -> &'static str {
        match self.state {
            RecordState::Purged { .. } => "purged",
            RecordState::Missing => "missing",
            _ => NOT_DELETED,
        }
    }

    // The row as `list-deleted` has it; CSV has its acts from `audit MODEL ID`.
    fn as_a_line(&self, model: &str, id: &str) -> Document {
        let mut document = Document::list("rows", &CSV_COLUMNS);
        let item = document.add(CSV_COLUMNS.map(|column| (column, Value::Null)));
        item.set("model", model);
        item.set("id", id);
        item.set("status", self.state());
        item.set("is_held", !self.holds.is_empty());
        for (name, value) in self.row.cloned().map(fields).into_iter().flatten() {
            item.set(name, value);
        }
        item.set("holds", json!(self.holds));
        item.set("restore", json!(self.plan));
        item.set("acts", json!(self.history));
        document
    }

    fn as_a_document(&self, model: &str, id: &str) -> Result<Document, Failure> {
        let mut document = Document::list("acts", &["at", "action", "actor", "reason", "operation_id"]);
        document
            .field("model", model)
            .field("id", id)
            .field("state", self.row.map_or(self.state(), |row| row.status.as_str()))
            .field("row", json!(self.row))
            .field("holds", json!(self.holds))
            .field("restore", json!(self.plan));
        for act in self.history {
            document.push(act)?;
        }
        in_words(&mut document, model, id, self.row, self.state);
        for hold in self.holds {
            let end = hold.ends_at.map(|end| format!(" until {}", minute(end)));
            let end = end.unwrap_or_default();
            document.above(format!("Held by {}{end}: {}", hold.actor, hold.reason));
        }
        if self.plan.rows() > 0 {
            for words in super::change::plan_in_words(self.plan) {
                document.above(words);
            }
        }
        Ok(document)
    }
}

fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

// Who deleted it, when and why; and until when it stays.
fn in_words(document: &mut Document, model: &str, id: &str, row: Option<&DeletedRow>, state: &RecordState) {
    let Some(row) = row else {
        document.above(match state {
            RecordState::Purged { .. } => format!("{model} {id} was {state}."),
            RecordState::Missing => format!("{model} {id} is not there."),
            _ => format!("{model} {id} is not deleted."),
        });
        return;
    };
    let mut words = format!("{} {}", row.model, row.id);
    if let Some(label) = &row.label {
        words += &format!(" ({label})");
    }
    words += " was deleted";
    if let Some(at) = row.deleted_at {
        words += &format!(" at {}", minute(at));
    }
    if let Some(actor) = &row.deleted_by {
        words += &format!(" by {actor}");
    }
    if let Some(reason) = &row.reason {
        words += &format!(": {reason}");
    }
    words += ".";
    document.above(words);
    document.above(match (row.expires_at, row.days_left) {
        (Some(_), Some(0)) => "It is expired: the next cleanup removes it, unless it is held.".to_owned(),
        (Some(at), Some(1)) => format!("It stays for a day, until {}.", minute(at)),
        (Some(at), Some(days)) => format!("It stays for {days} days, until {}.", minute(at)),
        _ => "It stays for good.".to_owned(),
    });
}
