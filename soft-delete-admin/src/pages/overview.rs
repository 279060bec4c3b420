//! The overview: figures of each model, and what needs somebody's attention.

use maud::html;
use soft_delete::{Page as Part, Severity};

use super::{
    Page, chart,
    layout::{self, Place},
    words,
};
use crate::{desk::Asked, source::Source};

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let models = asked.models();
    // Figures count everybody's rows.
    let whole = |name: &str| asked.rows(name).is_none();
    let mut figures = None;
    if models.iter().any(|model| whole(model.name())) {
        figures = Some(asked.desk.figures.figures(asked, conn)?);
    }
    let next = asked.desk.timetable.as_ref();
    let next = next.and_then(|timetable| timetable.after(asked.now));
    let stats_of = |name: &str| {
        let figures = figures.as_ref().filter(|_| whole(name))?;
        figures.what.iter().find(|stats| stats.model == name)
    };
    let (mut health, mut last) = (None, Vec::new());
    if asked.sees_everything() {
        health = Some(asked.desk.health.health(asked, conn)?);
        last = soft_delete::runs(conn, Part::of(1))?;
    }
    let cards = html! {
        ul.cards {
            @for model in &models {
                li.card {
                    h2 { a href={ "records?model=" (model.name()) } { (model.name()) } }
                    @match stats_of(model.name()) {
                        Some(stats) => dl.figures {
                            dt { "Active" } dd { (words::number(stats.active)) }
                            dt { "Deleted" } dd { (words::number(stats.deleted)) }
                            dt { "Expired" } dd { (words::number(stats.expired)) }
                            dt { "Expire within a week" } dd { (words::number(stats.expiring_soon)) }
                            dt { "Held" } dd { (words::number(stats.held)) }
                            dt { "Oldest deletion" } dd { (words::maybe_time(stats.oldest_deleted_at)) }
                        },
                        None => p.quiet { "You see the rows that are yours." },
                    }
                }
            }
        }
    };
    let findings = health.iter().flat_map(|health| &health.what.findings);
    let warnings = findings.filter(|finding| finding.severity != Severity::Advice);
    let content = html! {
        @if models.is_empty() {
            p { "No model is registered that you may see." }
        }
        @for finding in warnings {
            div.notice.warn {
                strong { (finding.table) } ": " (finding.evidence)
                br;
                span.quiet { "To mend it: " (finding.remedy) }
            }
        }
        (cards)
        @if let Some(figures) = figures.as_ref().filter(|figures| figures.is_kept) {
            p.quiet { "As of " (words::time(figures.at)) ": figures of large tables are found out once a minute." }
        }
        @if let Some(health) = &health {
            h2 { "Thirty days" }
            (chart::of(&health.what.activity, asked.now))
            h2 { "Cleanups" }
            @match last.iter().map(|run| run.purged).reduce(|a, b| a + b) {
                Some(purged) => p {
                    "The last one began at " (words::time(last[0].started_at)) " by " (last[0].actor) ", removed "
                    (words::rows(purged)) ". " a href="runs" { "All cleanups" }
                },
                None => p.quiet { "There was none yet: expired rows stay until one is run." },
            }
            @if let Some(next) = next { p { "The next one comes at " (words::time(next)) "." } }
        }
    };
    Ok(layout::page(asked, Place::Overview, "Overview", &content))
}
