//! Counting what stayed, and why.

use soft_delete_core::ModelReport;

use super::{Job, Question, causes, preflight::number};
use crate::{
    Column, Descriptor, Result,
    executor::Executor,
    foreign_key::ForeignKey,
    statement::{Asked, BlockedBy, CountOf, KeptBelow, Referrer, Referring, Removable, Rows, Span},
};

/// Counts what is still due and why it is; rows that a hook or an unknown constraint kept are counted already.
pub(super) async fn count_kept<E: Executor>(
    executor: &mut E,
    job: &Job,
    question: &Question,
    report: &mut ModelReport,
) -> Result<()> {
    let isolated = report.blocked_rows;
    let removable = question.removable(job.model, job.keys.iter(), false);
    let left = count(executor, &removable, Asked::Due).await?;
    if left == 0 {
        return Ok(());
    }
    report.held = count(executor, &removable, Asked::Held).await?;
    if !job.keys.is_empty() || job.model.is_deleted.is_some() {
        report.blocked_rows += count(executor, &removable, Asked::Blocked).await?;
    }
    report.skipped = left.saturating_sub(report.held + report.blocked_rows);
    causes::note(executor, removable, report.blocked_rows - isolated, report).await?;
    if report.blocked_rows > isolated {
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
    let by_key = job.keys.iter().map(|key| (Some(key), key.constraint.clone()));
    for (key, constraint) in by_flag.into_iter().chain(by_key) {
        let kept = question.removable(job.model, key.into_iter(), false);
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
    if job.expired == 0 {
        return Ok(());
    }
    let removable = forecast(job, jobs, question, &mut vec![job.model]);
    report.purged = count(executor, &removable, Asked::All).await?;
    report.owned = owned_by(executor, job, &removable).await?;
    if report.purged == job.expired {
        return Ok(());
    }
    report.held = count(executor, &removable, Asked::Held).await?;
    report.blocked_rows = job.expired.saturating_sub(report.purged + report.held);
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
    causes::note(executor, removable, blocked, report).await
}

// Rows of tables that the removable rows own, which go with them.
async fn owned_by<E: Executor>(executor: &mut E, job: &Job, removable: &Removable<'_>) -> Result<u64> {
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

// A row that refers to another one does not keep it if it is gone by then. In a tree this looks to the bottom; where several
// models lead back to each other, one step far.
fn forecast<'k>(
    job: &'k Job,
    jobs: &'k [Job],
    question: &Question,
    above: &mut Vec<&'static Descriptor>,
) -> Removable<'k> {
    let mut removable = question.removable(job.model, std::iter::empty(), false);
    for key in &job.keys {
        let child = jobs.iter().find(|other| other.model.table.is_same_as(&key.child));
        let unless = child.map(|child| {
            if above.iter().any(|model| model.name() == child.model.name()) {
                return Box::new(question.removable(child.model, std::iter::empty(), false));
            }
            above.push(child.model);
            let gone = forecast(child, jobs, question, above);
            above.pop();
            Box::new(gone)
        });
        removable.referring.push(Referrer { key, unless });
    }
    to_the_bottom(job, removable, question)
}

// What a row of a tree refers to stays with it, and so on upwards.
fn to_the_bottom<'k>(job: &'k Job, mut removable: Removable<'k>, question: &Question) -> Removable<'k> {
    let model = job.model;
    let is_link = |key: &ForeignKey| {
        let columns = model.key.iter().map(Column::name);
        key.child.is_same_as(&model.table) && columns.eq(key.parent_columns.iter().map(String::as_str))
    };
    let links: Vec<&ForeignKey> = job.keys.iter().filter(|key| is_link(key)).collect();
    if links.is_empty() {
        return removable;
    }
    let mut others = question.removable(model, std::iter::empty(), false);
    std::mem::swap(&mut others.referring, &mut removable.referring);
    // A row that is not due itself keeps what it refers to; one that is stays only if something keeps it.
    removable.kept_below = Some(Box::new(KeptBelow {
        removable: others,
        links,
    }));
    removable
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
