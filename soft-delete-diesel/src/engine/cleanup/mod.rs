//! Removing what is due, model by model, children first.

mod batch;
mod causes;
mod family;
mod forecast;
mod foreseen;
mod job;
#[cfg(feature = "archive")]
mod keeper;
mod kin;
mod pacer;
mod panics;
mod pass;
mod preflight;
mod removal_order;
mod schema_watch;
mod setting;
mod shared_rows;
mod tally;
mod work;

use soft_delete_core::{CleanupReport, Stopped, Stopwatch};

#[cfg(feature = "archive")]
use self::keeper::Keeper;
use self::{
    job::{Job, Question, Task},
    pacer::Pacer,
};

use super::{checks, failure, gate, schedule::is_done, telemetry, time_zone};
#[cfg(feature = "archive")]
use crate::Archive;
use crate::{
    Descriptor, Error, Page, Result, Run,
    cleanup::{Limits, Settings},
    executor::{ChangedSession, Executor},
    schedule::Turn,
    statement::{AbandonRuns, Act, OperationRef, RunsPage},
};

/// Without the feature there is nothing that keeps rows.
#[cfg(not(feature = "archive"))]
type Keeper = std::convert::Infallible;
#[cfg(not(feature = "archive"))]
type Archive = std::convert::Infallible;

/// Runs a cleanup, or says what it would do.
pub(crate) async fn cleanup<E: Executor>(executor: &mut E, settings: Settings<'_>) -> Result<CleanupReport> {
    let nothing = nothing(&settings);
    Ok(unless_done(executor, settings, None).await?.unwrap_or(nothing))
}

/// As [`cleanup`], but `None` where this turn of a schedule is found to be over when the lease is taken: until then another
/// process may have been at it.
pub(crate) async fn unless_done<E: Executor>(
    executor: &mut E,
    settings: Settings<'_>,
    turn: Option<Turn>,
) -> Result<Option<CleanupReport>> {
    settings.limits.check()?;
    let models = settings.chosen()?;
    let Some(first) = models.first().copied() else {
        return Ok(Some(nothing(&settings)));
    };
    let mut session = ChangedSession::of(executor);
    let executor = session.executor();
    let before = match time_zone::enter_utc(executor).await {
        Ok(before) => before,
        Err(error) => {
            session.mended();
            return Err(error);
        }
    };
    let outcome = in_utc(executor, settings, models, first, turn).await;
    let left = time_zone::leave_utc(executor, before).await;
    if left.is_ok() {
        session.mended();
    }
    outcome
}

// The rest of it, where a time is the same whatever the session was set to.
async fn in_utc<E: Executor>(
    executor: &mut E,
    settings: Settings<'_>,
    models: Vec<&'static Descriptor>,
    first: &'static Descriptor,
    turn: Option<Turn>,
) -> Result<Option<CleanupReport>> {
    let Settings {
        registry,
        who,
        limits,
        stop,
        listeners,
        #[cfg(feature = "archive")]
        archive,
        ..
    } = settings;
    let act = Act::new(limits.action(), first, &who);
    checks::check(&act)?;
    let prepared = prepare(executor, registry, models, &who, &limits).await;
    let (question, mut jobs) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return Err(preflight::explain(executor, error).await),
    };
    let mut report = CleanupReport::begun(act.operation.as_uuid(), limits.dry_run, question.now);
    if limits.dry_run {
        return match forecast::foretell(executor, &jobs, &question, &limits, &mut report).await {
            Ok(()) => Ok(Some(report)),
            Err(error) => Err(failure::missing_schema(executor, error).await),
        };
    }
    let expired = jobs.iter().map(|job| job.expired).sum();
    let mut pacer = Pacer::new(limits, stop, listeners, &act, expired);
    match begin(executor, &act, &mut pacer, &jobs, turn).await {
        Ok(true) => {}
        Ok(false) => {
            pacer.release_lease(executor).await;
            return Ok(None);
        }
        Err(error) => {
            // It may have been taken before the error.
            pacer.release_lease(executor).await;
            return Err(preflight::explain(executor, error).await);
        }
    }
    #[cfg(not(feature = "archive"))]
    let archive = None;
    let mut session = ChangedSession::of(executor);
    let executor = session.executor();
    let (before, keeper) = match surroundings(executor, archive, &act, &jobs).await {
        Ok(surroundings) => surroundings,
        Err(error) => {
            pacer.release_lease(executor).await;
            let error = preflight::explain(executor, error).await;
            session.mended();
            return Err(error);
        }
    };
    let transactions = executor.depth().unwrap_or_default();
    let watch = Stopwatch::start();
    let task = Task {
        registry,
        act: &act,
        question,
        keeper: keeper.as_ref(),
    };
    let everything = work::all(executor, &mut jobs, &task, &mut report, &mut pacer);
    let outcome = match panics::caught(telemetry::in_run(&act, everything)).await {
        Ok(outcome) => outcome,
        Err(panic) => {
            panics::end_run(executor, transactions, &act, &mut pacer).await;
            std::panic::resume_unwind(panic)
        }
    };
    #[cfg(feature = "archive")]
    let outcome = match keeper {
        Some(keeper) => {
            let ended = keeper.end(executor).await.map(|path| report.archive = path);
            // The error that ended the run is the one to tell.
            outcome.and(ended)
        }
        None => outcome,
    };
    setting::restore(executor, before).await;
    pacer.release_lease(executor).await;
    let outcome = match outcome {
        Ok(()) => Ok(()),
        Err(error) => Err(failure::missing_schema(executor, error).await),
    };
    session.mended();
    if outcome.is_err() {
        report.stopped = Stopped::Failed;
    }
    telemetry::run_took(&act, &report, watch.elapsed());
    match outcome {
        Ok(()) => Ok(Some(report)),
        Err(error) => Err(Error::CleanupFailed {
            report: Box::new(report),
            source: Box::new(error),
        }),
    }
}

// The setting of the session that was turned off, and the archive; whoever fails leaves the session as it was.
async fn surroundings<E: Executor>(
    executor: &mut E,
    archive: Option<Archive>,
    act: &Act<'_>,
    jobs: &[Job],
) -> Result<(Option<String>, Option<Keeper>)> {
    let before = setting::turn_off(executor).await?;
    let Some(archive) = archive else {
        return Ok((before, None));
    };
    #[cfg(feature = "archive")]
    let begun = Keeper::begin(executor, archive, act, jobs).await;
    #[cfg(not(feature = "archive"))]
    let begun = {
        let _ = (act, jobs);
        Ok(archive)
    };
    match begun {
        Ok(keeper) => Ok((before, Some(keeper))),
        Err(error) => {
            setting::restore(executor, before).await;
            Err(error)
        }
    }
}

async fn prepare<E: Executor>(
    executor: &mut E,
    registry: &crate::Registry,
    models: Vec<&'static Descriptor>,
    who: &soft_delete_core::Context,
    limits: &Limits,
) -> Result<(Question, Vec<Job>)> {
    let question = Question {
        now: preflight::instant(executor, who, limits).await?,
        retention: limits.retention,
        regardless_of_age: limits.regardless_of_age,
    };
    let mut jobs = preflight::jobs(executor, registry, models).await?;
    if !limits.dry_run {
        preflight::permission(executor, &jobs).await?;
    }
    for job in &mut jobs {
        preflight::extent(executor, job, &question, limits).await?;
    }
    Ok((question, jobs))
}

fn nothing(settings: &Settings<'_>) -> CleanupReport {
    CleanupReport::begun(uuid::Uuid::nil(), settings.limits.dry_run, settings.who.now())
}

// Takes the lease, and sees that there is a gate at all, and something left to do in this turn.
async fn begin<E: Executor>(
    executor: &mut E,
    act: &Act<'_>,
    pacer: &mut Pacer<'_>,
    jobs: &[Job],
    turn: Option<Turn>,
) -> Result<bool> {
    gate::close(executor).await?;
    pacer.take_lease(executor).await?;
    if !pacer.has_lease() {
        return Ok(true);
    }
    executor.execute(&AbandonRuns(&OperationRef::of(act))).await?;
    match turn {
        Some(turn) => {
            let models: Vec<&Descriptor> = jobs.iter().map(|job| job.model).collect();
            Ok(!is_done(executor, &models, turn).await?)
        }
        None => Ok(true),
    }
}

/// A page of the cleanups of the past, newest first.
pub(crate) async fn runs<E: Executor>(executor: &mut E, page: Page) -> Result<Vec<Run>> {
    page.check()?;
    let before = page.last_known().map(OperationRef::new);
    let rows = RunsPage {
        before: before.as_ref(),
        size: page.size(),
    };
    match executor.rows(&rows).await {
        Ok(rows) => rows.into_iter().map(Run::read).collect(),
        Err(error) => Err(failure::missing_schema(executor, error.into()).await),
    }
}
