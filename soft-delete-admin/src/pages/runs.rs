//! Cleanups: those of the past, what the next one would remove, and one that is run from here.

use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use soft_delete::{Cleanup, CleanupReport, Run};

use super::{
    Page,
    layout::{self, Place},
    words,
};
use crate::{access::Right, desk::Asked, refusal::Refusal, source::Source};

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    shown(asked, conn, None)
}

/// What was asked for on the page: a forecast, a beginning or an end.
pub(crate) fn run<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Result<Response, Refusal> {
    if !may_clean(asked) {
        return Err(Refusal::Forbidden);
    }
    let desk = &asked.desk;
    match asked.fields.one("what") {
        // First what would go is shown, with a button to go on.
        Some("begin") if asked.fields.one("sure").is_some() => {
            desk.cleaner
                .begin(desk.source.clone(), desk.registry.clone(), asked.context())?;
            tracing::info!(visitor = asked.visitor.name(), "a cleanup was begun");
        }
        Some("forecast" | "begin") => {
            let cleanup = Cleanup::new(&desk.registry).by(asked.context());
            let forecast = cleanup.dry_run(true).run(conn)?;
            return Ok(shown(asked, conn, Some(&forecast))?.into_response());
        }
        Some("stop") => {
            desk.cleaner.stop();
            tracing::info!(visitor = asked.visitor.name(), "a cleanup was told to stop");
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Redirect::to("runs").into_response())
}

fn may_clean<S: Source>(asked: &Asked<S>) -> bool {
    let mut models = asked.desk.registry.models();
    asked.sees_everything() && models.all(|model| asked.may(Right::Clean, model.name()))
}

fn shown<S: Source>(asked: &Asked<S>, conn: &mut S::Connection, forecast: Option<&CleanupReport>) -> Page {
    let part = asked.part()?;
    let runs = soft_delete::runs(conn, part)?;
    let content = html! {
        @if may_clean(asked) { (next_one(asked)) }
        @if let Some(forecast) = forecast { (what_would_go(asked, forecast)) }
        h2 { "What was run" }
        (list(&runs))
    };
    Ok(layout::page(asked, Place::Runs, "Cleanups", &content))
}

fn next_one<S: Source>(asked: &Asked<S>) -> Markup {
    let (running, ended) = asked.desk.cleaner.shown();
    let button = |what: &str, class: &str, words: &str| {
        html! { button class=(class) name="what" value=(what) { (words) } }
    };
    html! {
        @match &running {
            Some(running) => div.notice role="status" data-live="runs" {
                "A cleanup is running: " (words::number(running.purged)) " of " (words::rows(running.expired)) " removed. "
                @if running.is_stopping { "It ends after its batch. " }
                a href="runs" { "Look again" } " "
                progress max=(running.expired.max(1)) value=(running.purged) aria-label="Removed" {}
            },
            None => @if let Some(ended) = &ended { div.notice role="status" { (ended) } },
        }
        form method="post" action="clean" {
            input type="hidden" name="token" value=(asked.token());
            div.actions {
                (button("forecast", "", "What would be removed?"))
                @if running.is_some() { (button("stop", "danger", "Stop it")) }
                @else { (button("begin", "danger", "Remove what is expired…")) }
            }
        }
    }
}

fn what_would_go<S: Source>(asked: &Asked<S>, forecast: &CleanupReport) -> Markup {
    html! {
        h2 { "What would be removed now" }
        div.scroll tabindex="0" role="region" aria-label="Forecast" { table {
            thead { tr { th scope="col" { "Model" } th scope="col" { "Expired" } th scope="col" { "Would go" } th scope="col" { "Held" } th scope="col" { "Blocked" } } }
            tbody { @for model in &forecast.models { tr {
                td data-label="Model" { (model.model) }
                td.number data-label="Expired" { (words::number(model.expired)) }
                td.number data-label="Would go" { (words::number(model.purged)) }
                td.number data-label="Held" { (words::number(model.held)) }
                td.number data-label="Blocked" { (words::number(model.blocked_rows)) }
            } } }
        } }
        @if forecast.kept() > 0 { ul { @for (model, cause) in forecast.causes() { li { (cause.describe(model)) } } } }
        p.quiet { "Nothing was changed." }
        @for model in forecast.models.iter().filter(|model| model.is_too_many) {
            div.notice.bad role="alert" {
                "A cleanup from here is refused: " (words::rows(model.expired)) " are more than half of " (model.model)
                ". Whoever runs the application can allow it."
            }
        }
        @let is_allowed = forecast.models.iter().all(|model| !model.is_too_many);
        @if asked.fields.one("what") == Some("begin") && is_allowed && forecast.purged() > 0 {
            form method="post" action="clean" {
                input type="hidden" name="token" value=(asked.token());
                input type="hidden" name="sure" value="yes";
                div.actions {
                    button.main.danger name="what" value="begin" { "Remove " (words::rows(forecast.purged())) " for good" }
                    a href="runs" { "Leave it" }
                }
            }
        }
    }
}

fn list(runs: &[Run]) -> Markup {
    let last = runs.last().map(|run| run.id);
    html! {
        @if runs.is_empty() { p.quiet { "Nothing yet: expired records stay until a cleanup is run." } }
        @else { div.scroll tabindex="0" role="region" aria-label="Cleanups" { table {
            thead { tr {
                th scope="col" { "Began" } th scope="col" { "Model" } th scope="col" { "State" } th scope="col" { "Removed" }
                th scope="col" { "Held" } th scope="col" { "Blocked" } th scope="col" { "Skipped" } th scope="col" { "Who" } th scope="col" { "Why it ended" }
            } }
            tbody { @for run in runs {
                tr {
                    td data-label="Began" { (words::time(run.started_at)) }
                    td data-label="Model" { (run.model) }
                    td data-label="State" { (run.state) }
                    td.number data-label="Removed" { (words::number(run.purged)) }
                    td.number data-label="Held" { (words::number(run.held)) }
                    td.number data-label="Blocked" { (words::number(run.blocked)) }
                    td.number data-label="Skipped" { (words::number(run.skipped)) }
                    td data-label="Who" { (run.actor) }
                    td data-label="Why it ended" { (words::maybe(run.stopped.as_deref())) }
                }
            } }
        } } }
        nav.pages aria-label="Pages of the list" {
            @if let Some(last) = last { a rel="next" href={ "runs?after=" (last) } { "Older" } }
        }
    }
}
