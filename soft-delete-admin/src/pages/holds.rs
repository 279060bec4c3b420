//! What is held, the oldest hold first.

use maud::html;
use soft_delete::HeldThing;

use super::{
    Page,
    layout::{self, Place},
    records, words,
};
use crate::{desk::Asked, source::Source};

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let part = asked.part()?;
    let holds = soft_delete::holds(conn, part)?;
    let next = holds.last().filter(|_| holds.len() == part.size() as usize);
    let content = html! {
        @if holds.is_empty() { p.quiet { "Nothing is held. A hold keeps a record from every cleanup, for a case or a complaint." } }
        @else { div.scroll tabindex="0" role="region" aria-label="Holds" { table {
            thead { tr {
                th scope="col" { "What" } th scope="col" { "Why" } th scope="col" { "Who" } th scope="col" { "Since" } th scope="col" { "Until" }
            } }
            tbody { @for hold in &holds {
                tr {
                    td data-label="What" { @match &hold.on {
                        HeldThing::Record { model, record_id } => a href={ "record?" (records::link(model, record_id)) } { (model) " " (record_id) },
                        HeldThing::Operation(operation) => { "operation " (operation) },
                        HeldThing::Model(model) => { "all of " (model) },
                        _ => "something else",
                    } }
                    td data-label="Why" { (hold.reason) }
                    td data-label="Who" { (hold.actor) }
                    td data-label="Since" { (words::time(hold.placed_at)) }
                    td data-label="Until" { (words::maybe_time(hold.ends_at)) }
                }
            } }
        } } }
        nav.pages aria-label="Pages of the list" {
            @if let Some(last) = next { a rel="next" href={ "holds?after=" (last.id) } { "Newer" } }
        }
    };
    Ok(layout::page(asked, Place::Holds, "Holds", &content))
}
