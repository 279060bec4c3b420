//! What was done, operation by operation, newest first.

use maud::html;

use super::{
    Page,
    layout::{self, Place},
    records, words,
};
use crate::{access::Right, desk::Asked, source::Source};

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let part = asked.part()?;
    let entries = soft_delete::operations(conn, &asked.desk.registry, part)?;
    let next = entries.last().filter(|_| entries.len() == part.size() as usize);
    let may_undo = asked
        .desk
        .registry
        .models()
        .all(|model| asked.may(Right::Restore, model.name()));
    let content = html! {
        (records::done(&asked.fields))
        @if entries.is_empty() { p.quiet { "Nothing was done yet." } }
        @else { div.scroll tabindex="0" role="region" aria-label="Operations" { table {
            thead { tr {
                th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Records" }
                th scope="col" { "Who" } th scope="col" { "Why" } th scope="col" { "Still deleted" }
            } }
            tbody { @for entry in &entries {
                tr {
                    td data-label="When" { (words::time(entry.at)) }
                    td data-label="What" { (words::act(entry.action)) }
                    td data-label="Records" { @for model in &entry.models { div { (words::number(model.rows)) " of " (model.model) } } }
                    td data-label="Who" { (entry.actor) }
                    td data-label="Why" { (words::maybe(entry.reason.as_deref())) }
                    td data-label="Still deleted" {
                        @for left in entry.left.iter().filter(|left| left.rows > 0) {
                            div { a href={ "records?model=" (left.model) "&operation=" (entry.id) } { (words::number(left.rows)) " of " (left.model) } }
                        }
                        @for gone in &entry.gone { div.quiet { (gone.describe()) } }
                        @if may_undo && entry.left.iter().any(|left| left.rows > 0) {
                            form method="post" action="undo" {
                                input type="hidden" name="token" value=(asked.token());
                                input type="hidden" name="operation" value=(entry.id);
                                button { "Take it back…" }
                            }
                        }
                    }
                }
            } }
        } } }
        nav.pages aria-label="Pages of the list" {
            @if let Some(last) = next { a rel="next" href={ "operations?after=" (last.id) } { "Older" } }
        }
    };
    Ok(layout::page(asked, Place::Operations, "Operations", &content))
}
