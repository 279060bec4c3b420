//! The audit trail: who did what to which record, when and why.

use maud::html;
use soft_delete::Trail;

use super::{
    Page,
    layout::{self, Place},
    records, words,
};
use crate::{desk::Asked, fields::Fields, refusal::Refusal, source::Source};

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let size = asked.part()?.size();
    let acts = soft_delete::audit(conn, &trail(&asked.fields)?.size(size))?;
    let next = acts.last().filter(|_| acts.len() == size as usize);
    let next = next.map(|act| asked.fields.with("before", Some(&act.id.to_string())).query());
    let content = html! {
        form.filters role="search" action="audit" {
            label { "Model" input type="search" name="model" value=[asked.fields.one("model")]; }
            label { "Id" input type="search" name="id" value=[asked.fields.one("id")]; }
            label { "Who" input type="search" name="by" value=[asked.fields.one("by")]; }
            label { "What" input type="search" name="action" value=[asked.fields.one("action")]; }
            label { "Reason contains" input type="search" name="reason_has" value=[asked.fields.one("reason_has")]; }
            button { "Search" }
            button formaction="audit.csv" { "As CSV" }
            button formaction="audit.jsonl" { "As JSON Lines" }
        }
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
    Ok(match fields.parsed("before") {
        Some(before) => trail.before(before),
        None => trail,
    })
}
