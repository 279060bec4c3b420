//! The cleanups of the past, newest first.

use maud::html;
use soft_delete::Page as Part;

use super::{
    Page,
    layout::{self, Place},
    size, words,
};
use crate::{
    access::Access,
    desk::{Asked, Backend, Refusal},
    source::Source,
};

pub(crate) async fn page<S, A>(asked: Asked<S, A>) -> Page
where
    S: Source,
    A: Access<Backend<S>>,
{
    asked
        .work(|asked, conn| {
            if !asked.sees_everything() {
                return Err(Refusal::Forbidden);
            }
            let part = Part::of(size(&asked.fields));
            let part = match asked.fields.parsed("after") {
                Some(after) => part.after(after),
                None => part,
            };
            let runs = soft_delete::runs(conn, part)?;
            let last = runs.last().map(|run| run.id);
            let content = html! {
                @if runs.is_empty() { p.quiet { "No cleanup was run yet: expired records stay until one is." } }
                @else { div.scroll tabindex="0" role="region" aria-label="Cleanups" { table {
                    thead { tr {
                        th scope="col" { "Began" } th scope="col" { "Model" } th scope="col" { "State" } th scope="col" { "Removed" }
                        th scope="col" { "Held" } th scope="col" { "Blocked" } th scope="col" { "Who" } th scope="col" { "Why it ended" }
                    } }
                    tbody { @for run in &runs {
                        tr {
                            td data-label="Began" { (words::time(run.started_at)) }
                            td data-label="Model" { (run.model) }
                            td data-label="State" { (run.state) }
                            td.number data-label="Removed" { (words::number(run.purged)) }
                            td.number data-label="Held" { (words::number(run.held)) }
                            td.number data-label="Blocked" { (words::number(run.blocked)) }
                            td data-label="Who" { (run.actor) }
                            td data-label="Why it ended" { (words::maybe(run.stopped.as_deref())) }
                        }
                    } }
                } } }
                nav.pages aria-label="Pages of the list" {
                    @if let Some(last) = last { a rel="next" href={ "runs?after=" (last) } { "Older" } }
                }
            };
            Ok(layout::page(asked, Place::Runs, "Cleanups", &content))
        })
        .await
}
