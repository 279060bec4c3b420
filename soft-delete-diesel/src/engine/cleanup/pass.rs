//! Walking through a model's rows, batch by batch, past everything that stays.

use std::time::Duration;

use super::{
    Job, Pacer, Task,
    batch::{
        AtOnce, Batches, BySpan, Candidate, Chosen, InSteps, Taken, candidates, is_at_once, is_passing,
        is_span, refusal,
    },
    family::InFamilies,
    schema_watch, shared_rows,
};
use crate::{
    Descriptor, Error, Result,
    engine::{
        hooks, telemetry,
        transaction::{self, Work},
        triggers,
    },
    executor::Executor,
    statement::{Act, Attempt, Place},
};
use soft_delete_core::{Cause, CauseKind, ModelReport, Stopped, Stopwatch};

/// Goes once through the rows that are due; `None` when it came to the end.
pub(super) async fn walk<E: Executor>(
    executor: &mut E,
    jobs: &mut [Job],
    at: usize,
    task: &Task<'_>,
    report: &mut ModelReport,
    along: &mut Vec<(&'static Descriptor, u64, u64)>,
    pacer: &mut Pacer<'_>,
) -> Result<Option<Stopped>> {
    let act = &task.act.on(jobs[at].model);
    let mut place: Option<Place> = None;
    let mut advance = Advance::default();
    // Heads and rows of the last batch, so that a transaction stays near the size that was asked for.
    let (mut heads, mut rows) = (1, jobs[at].kin.family.models.len() as u64);
    loop {
        if let Some(stopped) = pacer.before_batch(executor, act, report).await? {
            return Ok(Some(stopped));
        }
        schema_watch::follow(executor, task.registry, jobs, at).await?;
        let job = &jobs[at];
        let mut size = pacer.batch_size().min(job.largest_batch());
        if job.shares_rows() {
            size = size.min(shared_rows::most(job.model));
        }
        let limit = if job.kin.has_others() {
            (size.saturating_mul(heads) / rows).clamp(1, size)
        } else {
            size
        };
        let batches = Batches::new(jobs, job, act, &task.question, task.keeper);
        let after = place.as_ref();
        let watch = Stopwatch::start();
        let attempt = next(executor, &batches, after, limit);
        let mut taken = Taken::default();
        let mut outcome = Ok(());
        match telemetry::in_batch(act, report.batches + 1, attempt).await {
            Ok(answer) => taken = answer,
            Err(error @ Error::ArchiveFailed { .. }) => outcome = Err(error),
            // The database may have named nothing but a foreign key, or not even that: ask who refers to the rows, and leave those
            // out that are.
            Err(error) if may_be_about_foreign_keys(&error) && can_be_more_careful(jobs, at) => {
                let shares = job.shares_rows();
                let asked = jobs
                    .iter_mut()
                    .enumerate()
                    .filter(|(place, _)| shares || *place == at);
                asked.for_each(|(_, job)| job.careful = true);
                continue;
            }
            Err(error) => {
                outcome = isolate(executor, &batches, after, limit, report, error, &mut taken).await;
            }
        }
        telemetry::batch_took(act, watch.elapsed());
        let kept_silently = is_at_once::<E>(&batches) && taken.gone < taken.seen;
        report.purged += taken.gone;
        report.owned += taken.owned;
        report.batches += u64::from(taken.gone > 0);
        if taken.gone > 0 {
            telemetry::acted(act, taken.gone);
            hooks::after(act, &taken.ids);
            (heads, rows) = (taken.seen.max(1), taken.all_gone().max(1));
        }
        for others in taken.along.iter().filter(|others| others.gone > 0) {
            let act = act.on(others.model);
            telemetry::acted(&act, others.gone);
            hooks::after(&act, &others.ids);
            along.push((others.model, others.gone, others.owned));
        }
        // What was done before an error is told all the same.
        outcome?;
        pacer.after_batch(executor, act, taken.all_gone()).await;
        // One statement does not tell which rows stayed: the same place again, in steps.
        if kept_silently && triggers::keeping(executor, act.model).await.is_some() {
            jobs[at].has_keeping_trigger = true;
            continue;
        }
        if taken.seen < limit {
            return Ok(None);
        }
        advance.note(act, taken.place.as_ref())?;
        place = taken.place;
    }
}

/// Sees that a pass gets on: that a place does not come again, however long the way back to it is.
#[derive(Default)]
struct Advance {
    seen: Option<Place>,
    batches: u64,
}

impl Advance {
    // One place is remembered, and after twice as many batches the one that is reached then: a circle of any length comes to it.
    fn note(&mut self, act: &Act<'_>, place: Option<&Place>) -> Result<()> {
        if place.is_none() || self.seen.as_ref() == place {
            return Err(Error::CleanupStuck {
                model: act.model.name().to_owned(),
                place: place.map(Place::as_text).unwrap_or_default(),
            });
        }
        self.batches += 1;
        if self.batches.is_power_of_two() {
            self.seen = place.cloned();
        }
        Ok(())
    }
}

// Heads of other models are removed in a batch as well, where they share rows.
fn can_be_more_careful(jobs: &[Job], at: usize) -> bool {
    let shares = jobs[at].shares_rows();
    let mut jobs = jobs
        .iter()
        .enumerate()
        .filter(|(place, _)| shares || *place == at);
    jobs.any(|(_, job)| job.can_be_more_careful())
}

fn may_be_about_foreign_keys(error: &Error) -> bool {
    refusal(error).is_none_or(|cause| cause.kind == CauseKind::Referenced)
}

async fn next<E: Executor>(
    executor: &mut E,
    batches: &Batches<'_>,
    after: Option<&Place>,
    limit: u64,
) -> Result<Taken> {
    if is_at_once::<E>(batches) {
        let work = AtOnce {
            batches,
            after,
            limit,
        };
        return patiently(executor, batches, &work, ATTEMPTS).await;
    }
    if is_span::<E>(batches) {
        let work = BySpan {
            batches,
            after,
            limit,
        };
        return patiently(executor, batches, &work, ATTEMPTS).await;
    }
    let which = Chosen::Next { after, limit };
    in_steps(executor, batches, which, ATTEMPTS).await
}

async fn in_steps<E: Executor>(
    executor: &mut E,
    batches: &Batches<'_>,
    which: Chosen<'_>,
    attempts: u32,
) -> Result<Taken> {
    if batches.job.kin.has_others() {
        return patiently(executor, batches, &InFamilies { batches, which }, attempts).await;
    }
    patiently(executor, batches, &InSteps { batches, which }, attempts).await
}

const ATTEMPTS: u32 = 5;

// The whole batch was tried often enough for whoever was in the way to be gone.
const ATTEMPTS_OF_A_PART: u32 = 2;

/// Does the work, and again after a while when somebody else may have been in the way.
async fn patiently<E: Executor, W: Work<E>>(
    executor: &mut E,
    batches: &Batches<'_>,
    work: &W,
    attempts: u32,
) -> Result<W::Answer> {
    let mut attempt = 0;
    loop {
        let outermost = executor.depth()? == 0;
        match transaction::once(executor, work, outermost).await {
            Err(error) if attempt + 1 < attempts && outermost && is_passing(&error) => {
                executor.pause(waiting_time(attempt)).await;
                attempt += 1;
            }
            Ok(answer) => {
                batches.confirm();
                return Ok(answer);
            }
            Err(error) => return Err(error),
        }
    }
}

// 10 ms, then twice as long each time, and up to half of that more, so that two who met do not meet again.
fn waiting_time(attempt: u32) -> Duration {
    let base = 10 << attempt;
    let random = uuid::Uuid::now_v7().as_bytes()[15];
    Duration::from_millis(base + base * u64::from(random) / 512)
}

/// Does a batch that failed again in parts, until every row that cannot go is known; the rows around it go.
async fn isolate<E: Executor>(
    executor: &mut E,
    batches: &Batches<'_>,
    after: Option<&Place>,
    limit: u64,
    report: &mut ModelReport,
    error: Error,
    sum: &mut Taken,
) -> Result<()> {
    executor.depth()?;
    let chosen = Chosen::Next { after, limit };
    let (rows, place) = candidates(executor, batches, &chosen, false).await?;
    let [first, .., last] = rows.as_slice() else {
        // With one row, or none, nothing else can be tried.
        let Some(row) = rows.first() else {
            return Err(error);
        };
        sum.seen = 1;
        sum.place = place;
        return block(executor, batches, row, error, report).await;
    };
    sum.seen = rows.len() as u64;
    sum.place = place;
    if refusal(&error).is_none() {
        // Nothing says that this is about a row. If two of them fail alone as well, it is about all of them.
        let mut answer = part(executor, batches, std::slice::from_ref(first)).await;
        if answer.is_err() {
            answer = part(executor, batches, std::slice::from_ref(last)).await;
        }
        sum.add(answer?);
    }
    let mut waiting: Vec<&[Candidate]> = vec![&rows];
    while let Some(rows) = waiting.pop() {
        match (part(executor, batches, rows).await, rows) {
            (Ok(taken), _) => sum.add(taken),
            (Err(error @ Error::ArchiveFailed { .. }), _) => return Err(error),
            (Err(error), [row]) => block(executor, batches, row, error, report).await?,
            // All of them are kept: parts would be as well.
            (Err(error @ Error::KeptByTrigger { .. }), rows)
                if !batches.job.kin.has_others() && keeps_all(&error, batches.job.model, rows) =>
            {
                for row in rows {
                    note(report, row, refusal(&error), &error);
                }
            }
            (Err(_), rows) => {
                let (first, second) = rows.split_at(rows.len() / 2);
                waiting.push(second);
                waiting.push(first);
            }
        }
    }
    Ok(())
}

// A row that fails alone is at fault, unless the database would not remove any: then the error is about all of them.
async fn block<E: Executor>(
    executor: &mut E,
    batches: &Batches<'_>,
    row: &Candidate,
    error: Error,
    report: &mut ModelReport,
) -> Result<()> {
    let table = &batches.job.model.table;
    let refused = refusal(&error);
    if refused.is_none() && executor.execute(&Attempt::Delete(table)).await.is_err() {
        return Err(error);
    }
    note(report, row, refused, &error);
    Ok(())
}

fn note(report: &mut ModelReport, row: &Candidate, refused: Option<Cause>, error: &Error) {
    let message = error.to_string();
    let cause = refused.unwrap_or_else(|| Cause::new(CauseKind::Refused, Some(&message), None, 1));
    if cause.kind == CauseKind::Family {
        report.with_family += 1;
        report.keep(cause);
        return;
    }
    report.blocked_rows += 1;
    let constraint = cause.constraint.clone().unwrap_or_default();
    report.block(
        row.id.clone(),
        match cause.kind {
            CauseKind::Vetoed => format!("refused by {constraint}"),
            CauseKind::Trigger => format!("the trigger {constraint} kept it"),
            _ => constraint,
        },
    );
    report.keep(cause);
}

// Not rows that they own.
fn keeps_all(error: &Error, kept: &Descriptor, part: &[Candidate]) -> bool {
    matches!(error, Error::KeptByTrigger { model, rows, .. } if model == kept.name() && *rows == part.len() as u64)
}

async fn part<E: Executor>(executor: &mut E, batches: &Batches<'_>, rows: &[Candidate]) -> Result<Taken> {
    in_steps(executor, batches, Chosen::Among(rows), ATTEMPTS_OF_A_PART).await
}
