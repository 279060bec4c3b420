//! `show`: one deleted row, its holds, and what would come back with it.

use diesel::connection::LoadConnection;
use serde_json::json;
use soft_delete::Dialect;

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
    if plan.rows() == 0 && history.is_empty() && holds.is_empty() {
        return Err(Failure::new(
            Exit::Failure,
            format!("nothing is known of {id} in {model}: it is active and was never deleted, or not there"),
        ));
    }
    let state = if plan.rows() > 0 { "deleted" } else { "not deleted" };
    let mut document = Document::list("acts", &["at", "action", "actor", "reason", "operation_id"]);
    document
        .field("model", model)
        .field("id", id)
        .field("state", state)
        .field("holds", json!(holds))
        .field("restore", json!(plan));
    for act in &history {
        document.push(act)?;
    }
    document.note(format!("{model} {id} is {state}."));
    for hold in &holds {
        document.note(format!("Held by {}: {}", hold.actor, hold.reason));
    }
    if plan.rows() > 0 {
        document.note(super::change::plan_in_words(&plan));
    }
    session.answer(document)?;
    Ok(Exit::Done)
}
