//! Going through the models, children first, and noting what became of each.

use soft_delete_core::{CleanupReport, ModelReport, Stopped, Stopwatch};

use super::{
    job::{Job, Task},
    pacer::Pacer,
    pass, tally,
};
use crate::{
    Descriptor, Result,
    engine::telemetry,
    executor::Executor,
    statement::{Act, BeginRun, Instant, NoteRun},
};

/// Rows of other models that went along with those of one: how many, and how many that they own.
type WentAlong = Vec<(&'static Descriptor, u64, u64)>;

/// Models that lead back to each other are gone through again as long as that removes rows.
///
/// A model is noted as ended when no later one can take rows of it along any more.
pub(super) async fn all<E: Executor>(
    executor: &mut E,
    jobs: &mut [Job],
    first: &Act<'_>,
    task: &Task<'_>,
    report: &mut CleanupReport,
    pacer: &mut Pacer<'_>,
) -> Result<()> {
    let mut next = 0;
    let mut begun: Vec<usize> = Vec::new();
    while next < jobs.len() {
        let group = next..next + group_size(&jobs[next..]);
        next = group.end;
        for place in group.clone().filter(|place| !jobs[*place].only_along) {
            begin(executor, &jobs[place], first, task, report).await?;
            begun.push(place);
        }
        let mut outcome = clean_group(executor, &mut jobs[group], first, task, report, pacer).await;
        // What went along of a model that was not asked for stands where it would have, children first.
        report
            .models
            .sort_by_key(|model| jobs.iter().position(|job| job.model.name() == model.model));
        let is_over = !matches!(outcome, Ok(None));
        let later = &jobs[next..];
        let (ended, open): (Vec<usize>, Vec<usize>) = begun
            .into_iter()
            .partition(|place| is_over || !later.iter().any(|job| job.takes_along(jobs[*place].model)));
        begun = open;
        if let Ok(None) = outcome {
            let counted = count_kept(executor, jobs, &ended, task, report).await;
            outcome = counted.map(|()| None);
        }
        note(executor, jobs, &ended, first, report, &outcome).await?;
        if let Some(stopped) = outcome? {
            report.stopped = stopped;
            return Ok(());
        }
    }
    Ok(())
}

async fn begin<E: Executor>(
    executor: &mut E,
    job: &Job,
    first: &Act<'_>,
    task: &Task<'_>,
    report: &mut CleanupReport,
) -> Result<()> {
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
    Ok(())
}

// Where rows go along with others it is known only now which of them stay.
async fn count_kept<E: Executor>(
    executor: &mut E,
    jobs: &[Job],
    ended: &[usize],
    task: &Task<'_>,
    report: &mut CleanupReport,
) -> Result<()> {
    for job in ended.iter().map(|place| &jobs[*place]) {
        let model = of(report, job.model);
        if job.has_family() {
            tally::count_kept(executor, job, &task.question, model).await?;
        }
    }
    Ok(())
}

// The error that ended the run is the one to tell.
async fn note<E: Executor>(
    executor: &mut E,
    jobs: &[Job],
    ended: &[usize],
    first: &Act<'_>,
    report: &mut CleanupReport,
    outcome: &Result<Option<Stopped>>,
) -> Result<()> {
    let (stopped, error) = match outcome {
        Ok(stopped) => (stopped.unwrap_or(Stopped::Completed), None),
        Err(error) => (Stopped::Failed, Some(error.to_string())),
    };
    for job in ended.iter().map(|place| &jobs[*place]) {
        let act = first.on(job.model);
        let model = of(report, job.model);
        telemetry::cleaned(&act, model);
        let note = NoteRun {
            act: &act,
            report: model,
            stopped: Some(stopped.as_str()),
            error: error.as_deref(),
        };
        let noted = executor.execute(&note).await;
        if outcome.is_ok() {
            noted?;
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
    report: &mut CleanupReport,
    pacer: &mut Pacer<'_>,
) -> Result<Option<Stopped>> {
    loop {
        let mut removed = 0;
        for job in group.iter_mut() {
            if job.expired == 0 {
                continue;
            }
            let before = report.purged();
            let mut along = WentAlong::new();
            let model = of(report, job.model);
            let stopped = clean(
                executor,
                job,
                &first.on(job.model),
                task,
                model,
                &mut along,
                pacer,
            )
            .await;
            for (other, rows, owned) in along {
                let other = of(report, other);
                other.purged += rows;
                other.owned += owned;
                // Of a model that was not asked for nothing else is known to be due.
                other.expired = other.expired.max(other.purged);
            }
            if let Some(stopped) = stopped? {
                return Ok(Some(stopped));
            }
            removed += report.purged() - before;
        }
        if removed == 0 || group.iter().all(|job| job.circle.is_empty()) {
            return Ok(None);
        }
    }
}

// The report of a model, which one that was not asked for has once rows of it went along.
fn of<'r>(report: &'r mut CleanupReport, model: &Descriptor) -> &'r mut ModelReport {
    let place = report.models.iter().position(|known| known.model == model.name());
    let place = place.unwrap_or_else(|| {
        report.models.push(ModelReport::begun(model.name()));
        report.models.len() - 1
    });
    &mut report.models[place]
}

// Once through, and once more for the rows that somebody else was working on.
async fn clean<E: Executor>(
    executor: &mut E,
    job: &mut Job,
    act: &Act<'_>,
    task: &Task<'_>,
    report: &mut ModelReport,
    along: &mut WentAlong,
    pacer: &mut Pacer<'_>,
) -> Result<Option<Stopped>> {
    let watch = Stopwatch::start();
    for last in [false, true] {
        report.blocked.clear();
        report.causes.clear();
        (report.held, report.blocked_rows, report.skipped) = (0, 0, 0);
        report.with_family = 0;
        let stopped = pass::walk(executor, job, act, task, report, along, pacer).await?;
        if stopped.is_some() {
            report.elapsed += watch.elapsed();
            return Ok(stopped);
        }
        if report.purged >= job.expired && report.blocked_rows == 0 {
            break;
        }
        // Rows that go along with those of a later model are not counted before that.
        let mut counted = report.clone();
        tally::count_kept(executor, job, &task.question, &mut counted).await?;
        let is_done = counted.skipped == 0 || last;
        if !job.has_family() {
            *report = counted;
        }
        if is_done {
            break;
        }
    }
    report.elapsed += watch.elapsed();
    Ok(None)
}
