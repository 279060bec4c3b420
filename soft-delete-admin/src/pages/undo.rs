//! A whole operation is taken back: first what it did is shown, then it is done.

use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use soft_delete::{Action, DeletionId, Trail};

use super::{
    layout::{self, Place},
    words,
};
use crate::{access::Right, desk::Asked, fields::Fields, refusal::Refusal, source::Source};

/// So many rows are named; an operation may have reached millions.
const NAMED_ROWS: u32 = 20;

/// The operation that is named, if they may take it back: it may reach every model, and rows of everybody.
pub(crate) fn allowed<S: Source>(asked: &Asked<S>) -> Result<DeletionId, Refusal> {
    let mut models = asked.desk.registry.models();
    if !asked.sees_everything() || !models.all(|model| asked.may(Right::Restore, model.name())) {
        return Err(Refusal::Forbidden);
    }
    asked.fields.parsed("operation").ok_or(Refusal::NotFound)
}

pub(crate) fn run<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Result<Response, Refusal> {
    let operation = allowed(asked)?;
    if asked.fields.one("sure").is_some() {
        let undone = soft_delete::undo(conn, &asked.desk.registry, operation, asked.context())?;
        tracing::info!(visitor = asked.visitor.name(), %operation, rows = undone.rows(), "undone");
        let leads_to = Fields::default()
            .with("done", Some("undo"))
            .with("rows", Some(&undone.rows().to_string()));
        return Ok(Redirect::to(&format!("operations?{}", leads_to.query())).into_response());
    }
    let acts = soft_delete::audit(conn, &Trail::new().operation(operation).size(NAMED_ROWS + 1))?;
    let first = acts.first().ok_or(Refusal::NotFound)?;
    if first.action != Action::SoftDelete {
        return Err(Refusal::BadInput(
            "Only deletions can be taken back as a whole.".to_owned(),
        ));
    }
    let content = html! {
        p { "Everything that was deleted at " (words::time(first.at)) " by " (first.actor) " and is still deleted comes back." }
        @if let Some(reason) = &first.reason { p { "Reason: " (reason) } }
        ul {
            @for act in acts.iter().take(NAMED_ROWS as usize) { li { (act.model) " " (act.record_id) } }
            @if acts.len() > NAMED_ROWS as usize { li.quiet { "and more" } }
        }
        form.confirm method="post" action="undo" {
            input type="hidden" name="token" value=(asked.token());
            input type="hidden" name="operation" value=(operation);
            input type="hidden" name="sure" value="yes";
            label { "Reason (optional)" input type="text" name="reason" maxlength="2000" autocomplete="off"; }
            div.actions { button.main { "Take it back" } a href="operations" { "Leave it" } }
        }
    };
    Ok(layout::page(asked, Place::Operations, "Take an operation back", &content).into_response())
}
