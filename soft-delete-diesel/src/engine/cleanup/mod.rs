//! Removing what is due, model by model, children first.

mod batch;
mod job;
#[cfg(feature = "archive")]
mod keeper;
mod pacer;
mod pass;
mod preflight;
mod setting;
mod tally;

use soft_delete_core::{CleanupReport, ModelReport, Stopped, Stopwatch};

use self::{
    job::{Job, Question, Task},
    pacer::Pacer,
};
#[cfg(feature = "archive")]
use keeper::Keeper;

/// Without the feature there is nothing that keeps rows.
#[cfg(not(feature = "archive"))]
type Keeper = std::convert::Infallible;

use super::{checks, failure, gate, telemetry};
use crate::{
    Descriptor, Error, Page, Result, Run,
    cleanup::{Limits, Settings},
    executor::Executor,
    statement::{AbandonRuns, Act, BeginRun, Ddl, Instant, NoteRun, OperationRef, RunsPage},
};

/// Runs a cleanup, or says what it would do.
pub(crate) async fn cleanup<E: Executor>(executor: &mut E, settings: Settings<'_>) -> Result<CleanupReport> {
    settings.limits.check()?;
    let models = settings.chosen()?;
    let Some(first) = models.first().copied() else {
        return Ok(CleanupReport::begun(
            uuid::Uuid::nil(),
            settings.limits.dry_run,
            settings.who.now(),
        ));
    };
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
        return match foretell(executor, &jobs, &question, &limits, &mut report).await {
            Ok(()) => Ok(report),
            Err(error) => Err(failure::missing_schema(executor, error).await),
        };
    }
    let expired = jobs.iter().map(|job| job.expired).sum();
    let mut pacer = Pacer::new(limits, stop, listeners, &act, expired);
    let begun = begin(executor, &act, &mut pacer).await;
    if let Err(error) = begun {
        return Err(preflight::explain(executor, error).await);
    }
    let before = match setting::turn_off(executor).await {
        Ok(before) => before,
        Err(error) => return Err(preflight::explain(executor, error).await),
    };
    let watch = Stopwatch::start();
    #[cfg(feature = "archive")]
    let keeper = match archive {
        Some(archive) => match Keeper::begin(executor, archive, &act, &jobs).await {
            Ok(keeper) => Some(keeper),
            Err(error) => return Err(preflight::explain(executor, error).await),
        },
        None => None,
    };
    #[cfg(not(feature = "archive"))]
    let keeper: Option<Keeper> = None;
    let task = Task {
        question,
        keeper: keeper.as_ref(),
    };
    let everything = work(executor, &mut jobs, &act, &task, &mut report, &mut pacer);
    let outcome = telemetry::in_run(&act, everything).await;
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
    if outcome.is_err() {
        report.stopped = Stopped::Failed;
    }
    telemetry::run_took(&act, &report, watch.elapsed());
    match outcome {
        Ok(()) => Ok(report),
        Err(error) => Err(Error::CleanupFailed {
            report: Box::new(report),
            source: Box::new(failure::missing_schema(executor, error).await),
        }),
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
        // A dry run tells how much it would be, however much that is.
        let max_fraction = if limits.dry_run { 1.0 } else { limits.max_fraction };
        preflight::extent(executor, job, &question, max_fraction).await?;
    }
    Ok((question, jobs))
}

// Takes the lease, and sees that there is a gate at all.
async fn begin<E: Executor>(executor: &mut E, act: &Act<'_>, pacer: &mut Pacer<'_>) -> Result<()> {
    gate::close(executor).await?;
    pacer.take_lease(executor).await?;
    if pacer.has_lease() {
        executor.execute(&AbandonRuns(&OperationRef::of(act))).await?;
    }
    Ok(())
}

// Models that lead back to each other are gone through again as long as that removes rows.
async fn work<E: Executor>(
    executor: &mut E,
    jobs: &mut [Job],
    first: &Act<'_>,
    task: &Task<'_>,
    report: &mut CleanupReport,
    pacer: &mut Pacer<'_>,
) -> Result<()> {
    let mut next = 0;
    while next < jobs.len() {
        let together = group_size(&jobs[next..]);
        let group = &mut jobs[next..next + together];
        next += together;
        let begun = report.models.len();
        for job in group.iter() {
            let act = first.on(job.model);
            let cutoff = task.question.cutoff(job.model).map(Instant::new);
            executor
                .execute(&BeginRun {
                    act: &act,
                    cutoff: cutoff.as_ref(),
                })
                .await?;
            let mut model = ModelReport::begun(job.model.name());
            model.expired = job.expired;
            model.oldest_deleted_at = job.oldest;
            report.models.push(model);
        }
        let outcome = clean_group(executor, group, first, task, &mut report.models[begun..], pacer).await;
        let (stopped, error) = match &outcome {
            Ok(stopped) => (stopped.unwrap_or(Stopped::Completed), None),
            Err(error) => (Stopped::Failed, Some(error.to_string())),
        };
        for (job, model) in group.iter().zip(&report.models[begun..]) {
            let act = first.on(job.model);
            telemetry::cleaned(&act, model);
            let note = NoteRun {
                act: &act,
                report: model,
                stopped: Some(stopped.as_str()),
                error: error.as_deref(),
            };
            let noted = executor.execute(&note).await;
            // The error that ended the run is the one to tell.
            if outcome.is_ok() {
                noted?;
            }
        }
        if let Some(stopped) = outcome? {
            report.stopped = stopped;
            return Ok(());
        }
    }
    Ok(())
}

fn group_size(jobs: &[Job]) -> usize {
    let circle = &jobs[0].circle;
    let in_circle = |job: &&Job| circle.iter().any(|model| model.name() == job.model.name());
    jobs.iter().take_while(in_circle).count().max(1)
}

async fn clean_group<E: Executor>(
    executor: &mut E,
    group: &mut [Job],
    first: &Act<'_>,
    task: &Task<'_>,
    reports: &mut [ModelReport],
    pacer: &mut Pacer<'_>,
) -> Result<Option<Stopped>> {
    loop {
        let mut removed = 0;
        for (job, report) in group.iter_mut().zip(reports.iter_mut()) {
            if job.expired == 0 {
                continue;
            }
            let before = report.purged;
            if let Some(stopped) = clean(executor, job, &first.on(job.model), task, report, pacer).await? {
                return Ok(Some(stopped));
            }
            removed += report.purged - before;
        }
        if removed == 0 || group.iter().all(|job| job.circle.is_empty()) {
            return Ok(None);
        }
    }
}

// Once through, and once more for the rows that somebody else was working on.
async fn clean<E: Executor>(
    executor: &mut E,
    job: &mut Job,
    act: &Act<'_>,
    task: &Task<'_>,
    report: &mut ModelReport,
    pacer: &mut Pacer<'_>,
) -> Result<Option<Stopped>> {
    let watch = Stopwatch::start();
    for last in [false, true] {
        report.blocked.clear();
        (report.held, report.blocked_rows, report.skipped) = (0, 0, 0);
        let stopped = pass::walk(executor, job, act, task, report, pacer).await?;
        if stopped.is_some() {
            report.elapsed += watch.elapsed();
            return Ok(stopped);
        }
        if report.purged >= job.expired && report.blocked_rows == 0 {
            break;
        }
        tally::count_kept(executor, job, &task.question, report).await?;
        if report.skipped == 0 || last {
            break;
        }
    }
    report.elapsed += watch.elapsed();
    Ok(None)
}

// In a transaction that cannot write, unless it is the caller's.
async fn foretell<E: Executor>(
    executor: &mut E,
    jobs: &[Job],
    question: &Question,
    limits: &Limits,
    report: &mut CleanupReport,
) -> Result<()> {
    let outermost = executor.depth()? == 0;
    let read_only = super::database(executor).await?.syntax().read_only();
    let command = |statement: Option<&'static str>| statement.filter(|_| outermost).map(Ddl);
    if let Some(before) = command(read_only.before) {
        executor.execute(&before).await?;
    }
    let answer = match executor.begin().await {
        Ok(()) => {
            let inside = command(read_only.inside);
            let answer = foretell_in(executor, inside, jobs, question, limits, report).await;
            let _ = executor.rollback().await;
            answer
        }
        Err(error) => Err(error.into()),
    };
    // Also after an error: the connection must be able to write again.
    if let Some(after) = command(read_only.after) {
        executor.execute(&after).await?;
    }
    answer
}

async fn foretell_in<E: Executor>(
    executor: &mut E,
    read_only: Option<Ddl<'_>>,
    jobs: &[Job],
    question: &Question,
    limits: &Limits,
    report: &mut CleanupReport,
) -> Result<()> {
    if let Some(read_only) = read_only {
        executor.execute(&read_only).await?;
    }
    let mut left = limits.max_rows.unwrap_or(u64::MAX);
    for job in jobs {
        let mut model = ModelReport::begun(job.model.name());
        tally::foretell(executor, job, jobs, question, &mut model).await?;
        if model.purged > left {
            report.stopped = Stopped::MaxRows;
        }
        model.purged = model.purged.min(left);
        left -= model.purged;
        report.models.push(model);
    }
    Ok(())
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
