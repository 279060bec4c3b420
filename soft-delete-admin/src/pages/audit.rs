//! The audit trail: who did what to which record, when and why.

use maud::{Markup, html};
use soft_delete::{Action, AuditRecord, Trail};

use super::{
    Page,
    layout::{self, Place},
    records, words,
};
use crate::{desk::Asked, fields::Fields, refusal::Refusal, source::Source};

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let acts = match acts(asked, conn) {
        // What was typed is there still, to be mended.
        Err(Refusal::BadInput(words)) => {
            let content = html! {
                div.notice.bad role="alert" { (words) }
                (search(asked))
            };
            let page = layout::page(asked, Place::Audit, "Audit", &content);
            return Err(Refusal::OnForm(words, page));
        }
        acts => acts?,
    };
    let next = acts.last().filter(|_| acts.len() == asked.size() as usize);
    let next = next.map(|act| asked.fields.with("before", Some(&act.id.to_string())).query());
    let content = html! {
        (search(asked))
        @if acts.is_empty() { p.quiet { "Nothing like that was done." } }
        @else { div.scroll tabindex="0" role="region" aria-label="Acts" { table {
            thead { tr {
                th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Record" } th scope="col" { "Who" } th scope="col" { "Why" }
            } }
            tbody { @for act in &acts {
                tr {
                    td data-label="When" { (words::time(act.at)) }
                    td data-label="What" { (words::act(act.action)) }
                    td data-label="Record" { a href={ "record?" (records::link(&act.model, &act.record_id)) } { (act.model) " " (act.record_id) } }
                    td data-label="Who" { (act.actor) }
                    td data-label="Why" { (words::maybe(act.reason.as_deref())) }
                }
            } }
        } } }
        nav.pages aria-label="Pages of the list" {
            @if let Some(next) = next { a rel="next" href={ "audit?" (next) } { "Older" } }
        }
    };
    Ok(layout::page(asked, Place::Audit, "Audit", &content))
}

fn acts<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Result<Vec<AuditRecord>, Refusal> {
    let trail = trail(&asked.fields)?.size(asked.part()?.size());
    let trail = as_recorded(asked, conn, trail)?;
    Ok(soft_delete::audit(conn, &trail)?)
}

fn search<S: Source>(asked: &Asked<S>) -> Markup {
    let fields = &asked.fields;
    let action = fields.one("action").unwrap_or_default();
    html! {
        form.filters role="search" action="audit" {
            // The trail may know models that are no more.
            label { "Model" input type="search" name="model" list="models" value=[fields.one("model")]; }
            datalist id="models" { @for model in asked.models() { option value=(model.name()); } }
            label { "Id" input type="search" name="id" value=[fields.one("id")]; }
            label { "What" select name="action" {
                option value="" { "Anything" }
                @for known in Action::ALL {
                    option value=(known) selected[known.as_str() == action] { (words::act(*known)) }
                }
            } }
            label { "Who" input type="search" name="by" accesskey="s" value=[fields.one("by")]; }
            label { "Reason contains" input type="search" name="reason_has" value=[fields.one("reason_has")]; }
            label { "From (UTC)" input type="date" name="since" value=[fields.one("since")]; }
            label { "To (UTC)" input type="date" name="until" value=[fields.one("until")]; }
            @if let Some(operation) = fields.one("operation") {
                input type="hidden" name="operation" value=(operation);
            }
            button { "Search" }
            button formaction="audit.csv" { "As CSV" }
            button formaction="audit.jsonl" { "As JSON Lines" }
        }
    }
}

/// The same trail with the key as it is on record, in whatever spelling it was typed.
pub(crate) fn as_recorded<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    trail: Trail,
) -> Result<Trail, Refusal> {
    let (Some(model), Some(id)) = (asked.fields.one("model"), asked.fields.one("id")) else {
        return Ok(trail);
    };
    // The trail may know models that are no more, and acts on no single record.
    let Ok(records) = asked.desk.registry.records(model.trim()) else {
        return Ok(trail);
    };
    match records.record_id(conn, id.trim()) {
        Ok(id) => Ok(trail.record(id)),
        Err(error) if error.is_bad_input() => Ok(trail),
        Err(error) => Err(error.into()),
    }
}

/// The trail that these fields ask for.
pub(crate) fn trail(fields: &Fields) -> Result<Trail, Refusal> {
    let mut trail = Trail::new();
    if let Some(model) = fields.one("model") {
        trail = trail.model(model.trim());
    }
    if let Some(id) = fields.one("id") {
        trail = trail.record(id.trim());
    }
    if let Some(actor) = fields.one("by") {
        trail = trail.by(actor.trim());
    }
    if let Some(word) = fields.one("action") {
        let action = word.trim().parse();
        trail = trail
            .action(action.map_err(|_| Refusal::BadInput(format!("{word:?} is nothing that is done.")))?);
    }
    if let Some(text) = fields.one("reason_has") {
        trail = trail.reason_contains(text);
    }
    if let Some(day) = records::day(fields, "since")? {
        trail = trail.since(day);
    }
    if let Some(day) = records::end_of_day(fields, "until")? {
        trail = trail.until(day);
    }
    if let Some(operation) = records::operation(fields)? {
        trail = trail.operation(operation);
    }
    Ok(match fields.parsed("before") {
        Some(before) => trail.before(before),
        None => trail,
    })
}
