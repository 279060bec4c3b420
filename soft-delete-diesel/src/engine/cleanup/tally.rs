//! Counting what stayed, and why.

use soft_delete_core::{Cause, CauseKind, ModelReport};

use super::{Job, Question, causes, foreseen::Foreseen, preflight::number};
use crate::{
    Descriptor, Result,
    executor::Executor,
    statement::{Asked, BlockedBy, CountOf, Referring, Removable, Rows, Span},
};

/// Counts what is still due and why it is; rows that a hook or an unknown constraint kept are counted already.
pub(super) async fn count_kept<E: Executor>(
    executor: &mut E,
    job: &Job,
    question: &Question,
    report: &mut ModelReport,
) -> Result<()> {
    let (blocked_alone, family_alone) = (report.blocked_rows, report.with_family);
    // Of these some may have gone since, with others.
    report.with_family = 0;
    report.causes.retain(|cause| cause.kind != CauseKind::Family);
    let removable = job.remaining(question);
    let left = count(executor, &removable, Asked::Due).await?;
    if left == 0 {
        // Whatever kept a row by itself, it has gone with another one since.
        report.causes.clear();
        report.blocked.clear();
        (report.held, report.blocked_rows, report.skipped) = (0, 0, 0);
        return Ok(());
    }
    report.held = count(executor, &removable, Asked::Held).await?;
    if !removable.referring.is_empty() || job.model.is_deleted.is_some() {
        report.blocked_rows += count(executor, &removable, Asked::Blocked).await?;
    }
    let rest = left.saturating_sub(report.held + report.blocked_rows);
    report.skipped = rest;
    if job.has_family() {
        let could_go = count(executor, &removable, Asked::All).await?;
        let taken = could_go.saturating_sub(blocked_alone + family_alone);
        report.skipped = taken.min(rest);
        report.with_family = rest - report.skipped;
    }
    let blocked = report.blocked_rows - blocked_alone;
    causes::note(executor, removable, blocked, report).await?;
    report.keep(Cause::new(CauseKind::Family, None, None, report.with_family));
    if blocked > 0 {
        name_blocked(executor, job, question, report).await?;
    }
    Ok(())
}

// The first rows that their own flag keeps, and each foreign key.
async fn name_blocked<E: Executor>(
    executor: &mut E,
    job: &Job,
    question: &Question,
    report: &mut ModelReport,
) -> Result<()> {
    let by_flag = flag_says(job.model).map(|says| (None, says));
    let referring = job.remaining(question).referring.into_iter();
    let by_key = referring.map(|referrer| {
        let constraint = referrer.key.constraint.clone();
        (Some(referrer), constraint)
    });
    for (referrer, constraint) in by_flag.into_iter().chain(by_key) {
        let kept = Removable {
            referring: referrer.into_iter().collect(),
            ..question.removable(job.model, false)
        };
        let blocked = BlockedBy {
            removable: &kept,
            // A report names no more.
            limit: ModelReport::BLOCKED_NAMED.saturating_sub(report.blocked.len()),
        };
        if blocked.limit == 0 {
            return Ok(());
        }
        for mut row in executor.rows(&blocked).await? {
            let id = row.take(0).unwrap_or_default();
            if report.blocked.iter().all(|known| known.id != id) {
                report.block(id, constraint.clone());
            }
        }
    }
    Ok(())
}

/// Says what a run would do to a model, after it had done its work on those before it.
pub(super) async fn foretell<E: Executor>(
    executor: &mut E,
    job: &Job,
    jobs: &[Job],
    question: &Question,
    report: &mut ModelReport,
) -> Result<()> {
    report.expired = job.expired;
    report.oldest_deleted_at = job.oldest;
    if job.expired == 0 && !job.only_along {
        return Ok(());
    }
    let removable = Foreseen::of(jobs, question, job);
    report.purged = count(executor, &removable, Asked::All).await?;
    if report.purged > 0 {
        report.owned = owned_rows(executor, job, &removable).await?;
    }
    if job.only_along {
        report.expired = report.purged;
    }
    if report.purged == report.expired {
        return Ok(());
    }
    report.held = count(executor, &removable, Asked::Held).await?;
    let left = report.expired.saturating_sub(report.purged + report.held);
    report.blocked_rows = if job.has_family() && left > 0 {
        count(executor, &removable, Asked::Blocked).await?.min(left)
    } else {
        left
    };
    report.with_family = left - report.blocked_rows;
    if report.blocked_rows > 0 {
        let blocked = BlockedBy {
            removable: &removable,
            limit: ModelReport::BLOCKED_NAMED,
        };
        let keys = job.keys.iter().map(|key| key.constraint.clone());
        let names: Vec<String> = keys.chain(flag_says(job.model)).collect();
        for mut row in executor.rows(&blocked).await? {
            report.block(row.take(0).unwrap_or_default(), names.join(" or "));
        }
    }
    let blocked = report.blocked_rows;
    causes::note(executor, removable, blocked, report).await?;
    report.keep(Cause::new(CauseKind::Family, None, None, report.with_family));
    Ok(())
}

// Rows of tables that the removable rows own, which go with them.
async fn owned_rows<E: Executor>(executor: &mut E, job: &Job, removable: &Removable<'_>) -> Result<u64> {
    let order = job.order();
    let all = Span {
        removable,
        order: &order,
        after: None,
        up_to: None,
    };
    let rows = Rows::Span(&all);
    let mut owned = 0;
    for relation in job.owned() {
        let referring = Referring {
            parent: job.model,
            relation,
            rows: &rows,
        };
        let mut row = executor.rows(&referring).await?.pop().unwrap_or_default();
        owned += number(&mut row, 0)?;
    }
    Ok(owned)
}

fn flag_says(model: &Descriptor) -> Option<String> {
    let flag = model.is_deleted.as_ref()?;
    Some(format!("{} says that it is active", flag.name()))
}

pub(super) async fn count<E: Executor>(
    executor: &mut E,
    removable: &Removable<'_>,
    asked: Asked,
) -> Result<u64> {
    let mut row = executor
        .rows(&CountOf { removable, asked })
        .await?
        .pop()
        .unwrap_or_default();
    number(&mut row, 0)
}
