//! Walking through a model's rows, batch by batch, past everything that stays.

use std::time::Duration;

use super::{
    Job, Pacer, Question,
    batch::{
        AtOnce, Batches, BySpan, Candidate, Chosen, InSteps, Taken, candidates, is_at_once, is_passing,
        is_span, refusal,
    },
};
use crate::{
    Error, Result,
    engine::{
        hooks,
        transaction::{self, Work},
    },
    executor::Executor,
    statement::{Act, Place},
};
use soft_delete_core::{ModelReport, Stopped};

/// Goes once through the rows that are due; `None` when it came to the end.
pub(super) async fn walk<E: Executor>(
    executor: &mut E,
    job: &mut Job,
    act: &Act<'_>,
    question: &Question,
    report: &mut ModelReport,
    pacer: &mut Pacer<'_>,
) -> Result<Option<Stopped>> {
    let mut place: Option<Place> = None;
    loop {
        if let Some(stopped) = pacer.before_batch(executor, act, report).await? {
            return Ok(Some(stopped));
        }
        let limit = pacer.batch_size().min(job.largest_batch());
        let batches = Batches {
            job,
            act,
            removable: job.removable(question),
            order: job.order(),
        };
        let after = place.as_ref();
        let taken = match next(executor, &batches, after, limit).await {
            Ok(taken) => taken,
            // The database named nothing but a foreign key: ask who refers to the rows, and leave those out that are.
            Err(error) if is_about_foreign_keys(&error) && job.can_be_more_careful() => {
                job.careful = true;
                continue;
            }
            Err(error) => isolate(executor, &batches, after, limit, report, error).await?,
        };
        report.purged += taken.gone;
        report.owned += taken.owned;
        report.batches += u64::from(taken.gone > 0);
        if taken.gone > 0 {
            hooks::log(act, taken.gone);
            hooks::after(act, &taken.ids);
        }
        pacer.after_batch(executor, act, report, taken.gone).await?;
        if taken.seen < limit {
            return Ok(None);
        }
        place = taken.place;
    }
}

fn is_about_foreign_keys(error: &Error) -> bool {
    refusal(error).is_some() && !matches!(error, Error::Vetoed { .. })
}

async fn next<E: Executor>(
    executor: &mut E,
    batches: &Batches<'_>,
    after: Option<&Place>,
    limit: u64,
) -> Result<Taken> {
    if is_at_once::<E>(batches.job) {
        let work = AtOnce {
            batches,
            after,
            limit,
        };
        return patiently(executor, &work).await;
    }
    if is_span::<E>(batches.job) {
        let work = BySpan {
            batches,
            after,
            limit,
        };
        return patiently(executor, &work).await;
    }
    let work = InSteps {
        batches,
        which: Chosen::Next { after, limit },
    };
    patiently(executor, &work).await
}

const ATTEMPTS: u32 = 5;

/// Does the work, and again after a while when somebody else may have been in the way.
async fn patiently<E: Executor, W: Work<E>>(executor: &mut E, work: &W) -> Result<W::Answer> {
    let mut attempt = 0;
    loop {
        let outermost = executor.depth()? == 0;
        match transaction::once(executor, work, outermost).await {
            Err(error) if attempt + 1 < ATTEMPTS && outermost && is_passing(&error) => {
                executor.pause(waiting_time(attempt)).await;
                attempt += 1;
            }
            answer => return answer,
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
) -> Result<Taken> {
    executor.depth()?;
    let chosen = Chosen::Next { after, limit };
    let (rows, place) = candidates(executor, batches, &chosen, false).await?;
    let mut sum = Taken {
        seen: rows.len() as u64,
        place,
        ..Taken::default()
    };
    if rows.is_empty() {
        return Err(error);
    }
    if refusal(&error).is_none() {
        // Nothing says that this is about a row. If the first alone fails as well, it is about all of them.
        let alone = part(executor, batches, &rows[..1]).await?;
        sum.gone += alone.gone;
        sum.owned += alone.owned;
    }
    let mut waiting: Vec<&[Candidate]> = vec![&rows];
    while let Some(rows) = waiting.pop() {
        match part(executor, batches, rows).await {
            Ok(taken) => {
                sum.gone += taken.gone;
                sum.owned += taken.owned;
                hooks::after(batches.act, &taken.ids);
            }
            Err(error) if rows.len() == 1 => {
                let constraint = refusal(&error).unwrap_or_else(|| error.to_string());
                report.blocked_rows += 1;
                report.block(rows[0].id.clone(), constraint);
            }
            Err(_) => {
                let (first, second) = rows.split_at(rows.len() / 2);
                waiting.push(second);
                waiting.push(first);
            }
        }
    }
    Ok(sum)
}

async fn part<E: Executor>(executor: &mut E, batches: &Batches<'_>, rows: &[Candidate]) -> Result<Taken> {
    let work = InSteps {
        batches,
        which: Chosen::Among(rows),
    };
    patiently(executor, &work).await
}
