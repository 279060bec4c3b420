//! `cleanup`: expired rows are removed for good, after they were counted and somebody said yes.

use diesel::connection::LoadConnection;
use soft_delete::{CleanupReport, Clock, Dialect, Error, SystemClock};

use crate::{
    args::{Arguments, CleanupArgs, Command},
    exit::Exit,
    failure::Failure,
    metrics::Metrics,
    output::{Document, rows},
    session::{Answer, Session},
    signals::Signals,
};

const COLUMNS: [&str; 7] = [
    "model",
    "expired",
    "purged",
    "owned",
    "held",
    "blocked_rows",
    "skipped",
];

// More of them are in JSON; the line of their cause counts them all.
const NAMED: usize = 10;

pub(crate) fn run<C>(session: &mut Session<'_, C>, asked: &CleanupArgs) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    for model in asked.models.iter().chain(&asked.except) {
        session.registry.model(model)?;
    }
    if !asked.except.is_empty() && models(session, asked).is_empty() {
        return Err(Failure::usage("--except leaves no model"));
    }
    if asked.dry_run {
        let report = cleanup(session, asked).dry_run(true).run(session.conn)?;
        answer(session, &report)?;
        return match too_many(&report) {
            Some(refusal) => Err(refusal),
            None => Ok(Exit::Done),
        };
    }
    if !session.common.yes {
        let forecast = cleanup(session, asked).dry_run(true).run(session.conn)?;
        session.say(&forecast.to_string());
        if let Some(refusal) = too_many(&forecast) {
            return Err(refusal);
        }
        let due = forecast.purged();
        if due == 0 {
            // A run that has nothing to remove is on record all the same.
            let ran = cleanup(session, asked).run(session.conn);
            let noted = note(asked, &ran);
            answer(session, &ran?)?;
            return noted.map(|()| Exit::Done);
        }
        if !session.consent().to(&format!("Remove {} for good", rows(due)))? {
            session.say("Nothing was removed.");
            return Ok(Exit::Done);
        }
    }
    let mut noted = Ok(());
    let exit = finish(session, |session, signals| {
        let cleanup = cleanup(session, asked);
        let ran = signals.watch(cleanup, session.common.quiet).run(session.conn);
        noted = note(asked, &ran);
        ran
    })?;
    noted.map(|()| exit)
}

/// Counts, in the file of figures, if there is to be one, a cleanup that failed: also one that never reached the database.
pub(crate) fn counting_failures(arguments: Arguments, run: impl FnOnce(Arguments) -> Answer) -> Answer {
    let file = match &arguments.command {
        Command::Cleanup(asked) => asked.metrics_file.clone(),
        _ => None,
    };
    let answer = run(arguments);
    if let (Some(_), Err(failure)) = (&file, &answer)
        && failure.exit() != Exit::Locked
    {
        let metrics = Metrics::new(file);
        metrics.failed();
        // What failed is told, and more than that would not help.
        let _ = metrics.write();
    }
    answer
}

// Adds to the file of figures, if there is to be one, what was done.
fn note(asked: &CleanupArgs, ran: &Result<CleanupReport, Error>) -> Result<(), Failure> {
    let Some(file) = &asked.metrics_file else {
        return Ok(());
    };
    let metrics = Metrics::new(Some(file.clone()));
    match ran {
        Ok(report) => metrics.ran(report, SystemClock.now()),
        Err(Error::CleanupFailed { report, .. }) => metrics.broke_off(report),
        Err(_) => return Ok(()),
    }
    metrics.write().map_err(|error| {
        Failure::new(
            Exit::Failure,
            format!("the figures cannot be written to {}: {error}", file.display()),
        )
    })
}

// What would be refused is refused before anybody is asked.
fn too_many(forecast: &CleanupReport) -> Option<Failure> {
    let model = forecast.models.iter().find(|model| model.is_too_many)?;
    Some(Failure::new(
        Exit::Refused,
        format!(
            "{} of {} are more of the table than a cleanup takes unasked: --max-fraction allows it",
            rows(model.expired),
            model.model
        ),
    ))
}

fn cleanup<'r, C>(session: &Session<'r, C>, asked: &CleanupArgs) -> soft_delete::Cleanup<'r>
where
    C: LoadConnection<Backend: Dialect>,
{
    let cleanup = soft_delete::Cleanup::new(session.registry)
        .models(models(session, asked))
        .by(session.who(asked.reason.clone()));
    let cleanup = asked.limits.of(cleanup);
    match asked.retention {
        Some(retention) => cleanup.retention(retention),
        None => cleanup,
    }
}

// None are all; of all but some, those that are left.
fn models<C>(session: &Session<'_, C>, asked: &CleanupArgs) -> Vec<String>
where
    C: LoadConnection<Backend: Dialect>,
{
    if asked.except.is_empty() {
        return asked.models.clone();
    }
    let all = session.registry.models().map(|model| model.name().to_owned());
    all.filter(|model| !asked.except.contains(model)).collect()
}

/// Runs a cleanup that signals stop, and tells what it did, also when an error ended it.
pub(super) fn finish<C>(
    session: &mut Session<'_, C>,
    run: impl FnOnce(&mut Session<'_, C>, &Signals) -> Result<CleanupReport, Error>,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let signals = Signals::listen()?;
    match run(session, &signals) {
        Ok(report) => {
            answer(session, &report)?;
            session.say(&report.conclusion());
            Ok(signals.exit(&report))
        }
        Err(Error::CleanupFailed { report, source }) => {
            answer(session, &report)?;
            Err(Failure::from(Error::CleanupFailed { report, source }))
        }
        Err(error) => Err(error.into()),
    }
}

fn answer<C>(session: &Session<'_, C>, report: &CleanupReport) -> Result<(), Failure>
where
    C: LoadConnection<Backend: Dialect>,
{
    let mut document = Document::list("models", &COLUMNS);
    document
        .field("dry_run", report.dry_run)
        .field("stopped", report.stopped.as_str())
        .field("run_id", report.run_id.to_string())
        .field("at", serde_json::to_value(report.at)?)
        .field("archive", serde_json::to_value(&report.archive)?);
    for model in &report.models {
        let item = document.push(model)?;
        item.remove("elapsed");
        item.set("seconds", model.elapsed.as_secs_f64());
        for blocked in model.blocked.iter().take(NAMED) {
            document.note(format!(
                "{} {} stays: {}",
                model.model, blocked.id, blocked.constraint
            ));
        }
    }
    for (model, cause) in report.causes() {
        document.note(cause.describe(model));
    }
    if let Some(archive) = &report.archive {
        document.note(format!("Archived to {}", archive.display()));
    }
    if report.dry_run {
        document.note(format!(
            "Dry run: nothing was changed. {} would be removed.",
            rows(report.purged())
        ));
    }
    session.answer(document)
}
