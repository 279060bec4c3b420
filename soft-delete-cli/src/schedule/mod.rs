//! `schedule`: cleanups at regular times, by this program or by what the system has for it.

mod health;
pub(crate) mod print;
mod quoted;

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

/// Runs until a signal comes; a database that is away is asked again.
pub(crate) fn run<C>(
    registry: &Registry,
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
    let scheduler = if let Some(expression) = &asked.cron {
        let scheduler = Scheduler::cron(registry, expression, &asked.time_zone)?;
        tracing::info!(cron = expression, time_zone = asked.time_zone, "scheduled");
        scheduler
    } else {
        let scheduler = Scheduler::every(registry, asked.every)?;
        tracing::info!(every_seconds = asked.every.as_secs(), "scheduled");
        scheduler
    };
    let who = who(common, Some("schedule".to_owned()));
    let limits = asked.limits.clone();
    scheduler
        .retry(asked.retry)
        .stop(&signals.stop)
        .cleanup(move |cleanup| limits.of(cleanup.by(who.clone())))
        .listen(move |event| {
            health.is(told(event, &metrics));
            if let Err(error) = metrics.write() {
                tracing::error!(%error, "the figures cannot be written");
            }
        })
        .run(connect);
    tracing::info!("stopped");
    Ok(Exit::Done)
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
