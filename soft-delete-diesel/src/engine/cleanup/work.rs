//! Going through the models, children first, and noting what became of each.

use std::ops::Range;

use soft_delete_core::{CleanupReport, ModelReport, Stopped, Stopwatch};

use super::{
    job::{self, Job, Task},
    pacer::Pacer,
    pass, tally,
};
use crate::{
    Descriptor, Result,
    engine::telemetry,
    executor::Executor,
    statement::{BeginRun, Instant, NoteRun},
};

/// Rows of other models that went along with those of one: how many, and how many that they own.
type WentAlong = Vec<(&'static Descriptor, u64, u64)>;

/// Models that lead back to each other are gone through again as long as that removes rows.
///
/// A model is noted as ended when no later one can take rows of it along any more.
pub(super) async fn all<E: Executor>(
    executor: &mut E,
    jobs: &mut [Job],
    task: &Task<'_>,
    report: &mut CleanupReport,
    pacer: &mut Pacer<'_>,
) -> Result<()> {
    let mut next = 0;
    let mut begun: Vec<usize> = Vec::new();
    let mut ended: Vec<usize> = Vec::new();
    while next < jobs.len() {
        let group = next..next + group_size(&jobs[next..]);
        next = group.end;
        let takes_along = |place: usize| {
            let mut group = group.clone();
            group.any(|at| job::takes_along(jobs, at, jobs[place].model))
        };
        let is_next = |place: &usize| {
            let is_looked_for = !jobs[*place].only_along && !ended.contains(place);
            is_looked_for && (group.contains(place) || takes_along(*place))
        };
        for place in (0..jobs.len()).filter(is_next) {
            if !begun.contains(&place) {
                begin(executor, &jobs[place], task, report).await?;
                begun.push(place);
            }
        }
        let mut outcome = clean_group(executor, jobs, group.clone(), task, report, pacer).await;
        // What went along of a model that was not asked for stands where it would have, children first.
        report
            .models
            .sort_by_key(|model| jobs.iter().position(|job| job.model.name() == model.model));
        let is_over = !matches!(outcome, Ok(None));
        let may_go_on = |place: usize| {
            let mut later = next..jobs.len();
            place >= next || later.any(|at| job::takes_along(jobs, at, jobs[place].model))
        };
        let (over, open): (Vec<usize>, Vec<usize>) =
            begun.into_iter().partition(|place| is_over || !may_go_on(*place));
        begun = open;
        ended.extend(&over);
        if let Ok(None) = outcome {
            outcome = clean_rest(executor, jobs, &group, &over, task, report, pacer).await;
        }
        if let Ok(None) = outcome {
            let counted = count_kept(executor, jobs, &over, task, report).await;
            outcome = counted.map(|()| None);
        }
        note(executor, jobs, &over, task, report, &outcome).await?;
        if let Some(stopped) = outcome? {
            report.stopped = stopped;
            return Ok(());
        }
    }
    Ok(())
}

// What went since a model was gone through may have been all that kept rows of it; the group was gone through just now.
async fn clean_rest<E: Executor>(
    executor: &mut E,
    jobs: &mut [Job],
    group: &Range<usize>,
    over: &[usize],
    task: &Task<'_>,
    report: &mut CleanupReport,
    pacer: &mut Pacer<'_>,
) -> Result<Option<Stopped>> {
    let mut places: Vec<usize> = over
        .iter()
        .copied()
        .filter(|place| !group.contains(place))
        .collect();
    loop {
        let before = report.purged();
        for place in &places {
            let expired = jobs[*place].expired;
            if of(report, jobs[*place].model).purged < expired {
                let one = *place..place + 1;
                let stopped = clean_group(executor, jobs, one, task, report, pacer).await?;
                if stopped.is_some() {
                    return Ok(stopped);
                }
            }
        }
        if report.purged() == before {
            return Ok(None);
        }
        over.clone_into(&mut places);
    }
}

async fn begin<E: Executor>(
    executor: &mut E,
    job: &Job,
    task: &Task<'_>,
    report: &mut CleanupReport,
) -> Result<()> {
    let act = task.act.on(job.model);
    let cutoff = task.question.cutoff(job.model).map(Instant::new);
    executor
        .execute(&BeginRun {
            act: &act,
            cutoff: cutoff.as_ref(),
        })
        .await?;
    let model = of(report, job.model);
    model.expired = job.expired;
    model.oldest_deleted_at = job.oldest;
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
    task: &Task<'_>,
    report: &mut CleanupReport,
    outcome: &Result<Option<Stopped>>,
) -> Result<()> {
    let (stopped, error) = match outcome {
        Ok(stopped) => (stopped.unwrap_or(Stopped::Completed), None),
        Err(error) => (Stopped::Failed, Some(error.to_string())),
    };
    for job in ended.iter().map(|place| &jobs[*place]) {
        let act = task.act.on(job.model);
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
    jobs: &mut [Job],
    group: Range<usize>,
    task: &Task<'_>,
    report: &mut CleanupReport,
    pacer: &mut Pacer<'_>,
) -> Result<Option<Stopped>> {
    loop {
        let mut removed = 0;
        for at in group.clone() {
            let model = jobs[at].model;
            if jobs[at].expired == 0 {
                continue;
            }
            let before = report.purged();
            let mut along = WentAlong::new();
            let model = of(report, model);
            let stopped = clean(executor, jobs, at, task, model, &mut along, pacer).await;
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
        // A head may refer to a row of another family of its own model.
        let leads_back = |job: &Job| !job.circle.is_empty() || job.kin.back_references.change_rows();
        if removed == 0 || !jobs[group.clone()].iter().any(leads_back) {
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
    jobs: &mut [Job],
    at: usize,
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
        let stopped = pass::walk(executor, jobs, at, task, report, along, pacer).await?;
        let job = &jobs[at];
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
