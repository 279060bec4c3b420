//! `schedule`: cleanups at regular times, by this program or by what the system has for it.

mod health;
pub(crate) mod print;
mod quoted;

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::connection::LoadConnection;
use soft_delete::{Clock, Dialect, Error, Registry, ScheduleEvent, Scheduler, SystemClock};

use self::health::Health;
use crate::{
    args::{Common, ScheduleRun},
    exit::Exit,
    failure::Failure,
    metrics::Metrics,
    session::{Answer, who},
    signals::Signals,
};

/// How often it looks whether it was told to stop, while it waits for the models.
const GLANCE: Duration = Duration::from_millis(100);

/// Runs until a signal comes; a database that is away is asked again, also for the models.
pub(crate) fn run<C>(
    models: impl Fn() -> Result<Registry, Failure>,
    common: &Common,
    asked: &ScheduleRun,
    connect: impl Fn() -> Result<C, Failure>,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let signals = Signals::listen()?;
    let metrics = Metrics::new(asked.metrics_file.clone());
    let health = Health::serve(asked.listen, &metrics)?;
    // A time that makes no sense is told before anything is waited for.
    drop(scheduler(&Registry::new(), asked)?);
    if asked.cron.is_some() {
        tracing::info!(cron = asked.cron, time_zone = asked.time_zone, "scheduled");
    } else {
        tracing::info!(every_seconds = asked.every.as_secs(), "scheduled");
    }
    let Some(registry) = known(models, asked, &signals, |error| {
        failed(&metrics, &error.to_string());
        health.is(false);
        write(&metrics);
    })?
    else {
        tracing::info!("stopped");
        return Ok(Exit::Done);
    };
    let who = who(common, Some("schedule".to_owned()));
    let limits = asked.limits.clone();
    scheduler(&registry, asked)?
        .retry(asked.retry)
        .stop(&signals.stop)
        .cleanup(move |cleanup| limits.of(cleanup.by(who.clone())))
        .listen(move |event| {
            health.is(told(event, &metrics));
            write(&metrics);
        })
        .run(connect);
    tracing::info!("stopped");
    Ok(Exit::Done)
}

fn scheduler(registry: &Registry, asked: &ScheduleRun) -> Result<Scheduler, soft_delete::Error> {
    match &asked.cron {
        Some(expression) => Scheduler::cron(registry, expression, &asked.time_zone),
        None => Scheduler::every(registry, asked.every),
    }
}

// The models, as soon as whoever knows them can be asked; `None` where it is told to stop before. What makes no sense stays so.
fn known(
    models: impl Fn() -> Result<Registry, Failure>,
    asked: &ScheduleRun,
    signals: &Signals,
    failed: impl Fn(&Failure),
) -> Result<Option<Registry>, Failure> {
    while !signals.stop.is_stopped() {
        match models() {
            Ok(registry) => return Ok(Some(registry)),
            Err(failure) if failure.exit() == Exit::Usage => return Err(failure),
            Err(failure) => failed(&failure),
        }
        let since = Instant::now();
        while since.elapsed() < asked.retry && !signals.stop.is_stopped() {
            thread::sleep(GLANCE);
        }
    }
    Ok(None)
}

fn write(metrics: &Metrics) {
    if let Err(error) = metrics.write() {
        tracing::error!(%error, "the figures cannot be written");
    }
}

// Whether all is well.
fn told(event: &ScheduleEvent, metrics: &Metrics) -> bool {
    match event {
        // The engine has told of it.
        ScheduleEvent::Done(report) => metrics.ran(report, SystemClock.now()),
        ScheduleEvent::DoneElsewhere => {
            metrics.done_elsewhere(SystemClock.now());
            tracing::info!("done by another instance");
        }
        ScheduleEvent::BusyElsewhere => tracing::info!("another instance is at it"),
        ScheduleEvent::Failed(error) => {
            if let Error::CleanupFailed { report, .. } = &**error {
                metrics.broke_off(report);
            }
            failed(metrics, &error.to_string());
        }
        ScheduleEvent::NoConnection(error) => failed(metrics, error),
        _ => {}
    }
    !matches!(event, ScheduleEvent::Failed(_) | ScheduleEvent::NoConnection(_))
}

fn failed(metrics: &Metrics, error: &str) {
    metrics.failed();
    tracing::error!(error, "failed");
}
