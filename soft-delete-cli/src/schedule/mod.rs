//! `schedule`: cleanups at regular times, by this program or by what the system has for it.

mod health;
mod metrics;
pub(crate) mod print;
mod ticks;

use std::{
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::LoadConnection;
use soft_delete::{
    Cleanup, CleanupReport, Clock, Dialect, Error, Page, Registry, Run, RunState, SystemClock,
};

use self::{health::Health, metrics::Metrics, ticks::Ticks};
use crate::{
    args::{Common, ScheduleRun},
    command::cleanup::archived,
    exit::Exit,
    failure::Failure,
    log::Log,
    session::{Answer, who},
    signals::Signals,
};

/// How long a run that somebody else has begun is left alone before it is looked at again: about a lease.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often a wait looks up.
const GLANCE: Duration = Duration::from_millis(100);

/// What came of a tick.
enum Tick {
    Done(Box<CleanupReport>),
    /// Another instance has done it.
    DoneElsewhere,
    /// Another instance is at it.
    BusyElsewhere,
}

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
    let log = Log::new(asked.log_format);
    let signals = Signals::listen()?;
    let metrics = Metrics::new(asked.metrics_file.clone());
    let health = Health::serve(asked.listen, &metrics)?;
    let mut ticks = Ticks::every(asked.every)?;
    log.event("scheduled", &[("every", &format!("{} s", asked.every.as_secs()))]);
    loop {
        let tick = ticks.next(SystemClock.now());
        // Instances that were started together do not all come at once.
        let due = tick.max(SystemClock.now()) + jitter();
        if !wait_until(&signals, || due <= SystemClock.now()) {
            break;
        }
        while !signals.came() {
            let outcome = connect().and_then(|mut conn| {
                at(&mut conn, registry, common, asked, &signals, tick).map_err(Failure::from)
            });
            let again = match &outcome {
                Ok(Tick::Done(report)) => {
                    metrics.ran(report, SystemClock.now());
                    log.report(report);
                    None
                }
                Ok(Tick::DoneElsewhere) => {
                    log.event("done by another instance", &[]);
                    None
                }
                Ok(Tick::BusyElsewhere) => Some(PATIENCE.min(asked.every / 4)),
                Err(failure) => {
                    metrics.failed();
                    log.event("failed", &[("error", &failure.to_string())]);
                    Some(asked.retry)
                }
            };
            health.is(outcome.is_ok());
            metrics.write()?;
            let Some(pause) = again else { break };
            let since = started();
            wait_until(&signals, || since.elapsed() >= pause);
        }
        if signals.came() {
            break;
        }
    }
    log.event("stopped", &[]);
    Ok(Exit::Done)
}

#[allow(
    clippy::disallowed_methods,
    reason = "how long a wait takes is no time that is stored"
)]
fn started() -> Instant {
    Instant::now()
}

// Up to a second.
fn jitter() -> TimeDelta {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let random = RandomState::new().build_hasher().finish() % 1_000;
    TimeDelta::milliseconds(i64::try_from(random).unwrap_or_default())
}

// Whether it came to be, before a signal did.
fn wait_until(signals: &Signals, is_there: impl Fn() -> bool) -> bool {
    while !signals.came() {
        if is_there() {
            return true;
        }
        thread::sleep(GLANCE);
    }
    false
}

// Whether a run that has begun since has come to its end with every model.
fn is_done<C>(conn: &mut C, registry: &Registry, tick: DateTime<Utc>) -> Result<bool, Error>
where
    C: LoadConnection<Backend: Dialect>,
{
    let models = registry.models().len();
    let page = Page::of(
        u32::try_from(models)
            .unwrap_or(Page::LARGEST)
            .clamp(1, Page::LARGEST),
    );
    let newest = soft_delete::runs(conn, page)?;
    let Some(id) = newest.first().map(|run| run.id) else {
        return Ok(false);
    };
    let is_done = |run: &&Run| run.id == id && run.started_at >= tick && run.state == RunState::Completed;
    Ok(newest.iter().filter(is_done).count() == models)
}

fn at<C>(
    conn: &mut C,
    registry: &Registry,
    common: &Common,
    asked: &ScheduleRun,
    signals: &Signals,
    tick: DateTime<Utc>,
) -> Result<Tick, Error>
where
    C: LoadConnection<Backend: Dialect>,
{
    if is_done(conn, registry, tick)? {
        return Ok(Tick::DoneElsewhere);
    }
    let cleanup = Cleanup::new(registry)
        .by(who(common, Some("schedule".to_owned())))
        .max_fraction(asked.max_fraction);
    let cleanup = archived(cleanup, asked.archive.as_deref());
    match signals.watch(cleanup, true).run(conn) {
        Ok(report) => Ok(Tick::Done(Box::new(report))),
        Err(Error::AlreadyRunning { .. }) => Ok(Tick::BusyElsewhere),
        Err(error) => Err(error),
    }
}
