//! Going through the models, children first, and noting what became of each.

use soft_delete_core::{CleanupReport, ModelReport, Stopped, Stopwatch};

use super::{
    job::{Job, Task},
    pacer::Pacer,
    pass, tally,
};
use crate::{
    Result,
    engine::telemetry,
    executor::Executor,
    statement::{Act, BeginRun, Instant, NoteRun},
};

/// Models that lead back to each other are gone through again as long as that removes rows.
pub(super) async fn all<E: Executor>(
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
        report.causes.clear();
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
