//! `show`: one deleted row, its holds, and what would come back with it.

use diesel::connection::LoadConnection;
use serde_json::json;
use soft_delete::{DeletedRow, Dialect, Listing};

use crate::{
    exit::Exit,
    failure::Failure,
    output::Document,
    session::{Answer, Session},
};

pub(crate) fn run<C>(session: &mut Session<'_, C>, model: &str, id: &str) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let records = session.registry.records(model)?;
    let who = session.who(None);
    let plan = records.restore_plan(session.conn, &[id], who)?;
    let holds = records.holds(session.conn, id)?;
    let history = records.history(session.conn, id)?;
    let page = session
        .registry
        .list_deleted(session.conn, model, &Listing::new().record(id))?;
    let row = page.rows.first();
    if row.is_none() && history.is_empty() && holds.is_empty() {
        return Err(Failure::new(
            Exit::Failure,
            format!("nothing is known of {id} in {model}: it is active and was never deleted, or not there"),
        ));
    }
    let mut document = Document::list("acts", &["at", "action", "actor", "reason", "operation_id"]);
    document
        .field("model", model)
        .field("id", id)
        .field("state", row.map_or("not deleted", |row| row.status.as_str()))
        .field("row", json!(row))
        .field("holds", json!(holds))
        .field("restore", json!(plan));
    for act in &history {
        document.push(act)?;
    }
    document.note(match row {
        Some(row) => in_words(row),
        None => format!("{model} {id} is not deleted."),
    });
    for hold in &holds {
        document.note(format!("Held by {}: {}", hold.actor, hold.reason));
    }
    if plan.rows() > 0 {
        document.note(super::change::plan_in_words(&plan));
    }
    session.answer(document)?;
    Ok(Exit::Done)
}

fn in_words(row: &DeletedRow) -> String {
    let minute = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
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
    words += ".\n";
    words += &match (row.expires_at, row.days_left) {
        (Some(_), Some(0)) => "It is expired: the next cleanup removes it, unless it is held.".to_owned(),
        (Some(at), Some(1)) => format!("It stays for a day, until {}.", minute(at)),
        (Some(at), Some(days)) => format!("It stays for {days} days, until {}.", minute(at)),
        _ => "It stays for good.".to_owned(),
    };
    words
}
