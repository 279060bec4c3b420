//! Why rows that were due stay, each cause with its count.

use soft_delete_core::{Cause, CauseKind, ModelReport};

use super::tally::count;
use crate::{
    Column, Result,
    executor::Executor,
    statement::{Asked, Removable},
};

/// Notes the causes of rows that are held, skipped and, of these, blocked by what the condition looks at.
///
/// A row that stays for several causes counts for the first of them: foreign keys are taken out of the condition one after
/// another, the last one first, and what is not blocked any more was blocked by that one. At most one count for each foreign
/// key, and none where there is one cause only.
pub(super) async fn note<E: Executor>(
    executor: &mut E,
    mut removable: Removable<'_>,
    blocked: u64,
    report: &mut ModelReport,
) -> Result<()> {
    report.keep(Cause::new(CauseKind::Held, None, None, report.held));
    report.keep(Cause::new(CauseKind::InUse, None, None, report.skipped));
    let flag = removable.model.is_deleted.as_ref();
    let mut left = blocked;
    match removable.kept_below.take() {
        Some(kept) if kept.together.is_empty() => {
            let (constraint, table) = kept
                .links
                .first()
                .map(|key| (key.constraint.clone(), key.child.to_string()))
                .unwrap_or_default();
            let rest = rest(executor, &removable, left).await?;
            keep(report, &constraint, &table, left.saturating_sub(rest));
            left = rest;
        }
        Some(kept) => removable.referring = kept.removable.referring,
        None => {}
    }
    while let Some(referrer) = removable.referring.pop() {
        let is_last = removable.referring.is_empty() && flag.is_none();
        let rest = if is_last {
            0
        } else {
            rest(executor, &removable, left).await?
        };
        let key = referrer.key;
        keep(
            report,
            &key.constraint,
            &key.child.to_string(),
            left.saturating_sub(rest),
        );
        left = rest;
    }
    let flag = flag.map(Column::name);
    report.keep(Cause::new(CauseKind::ActiveFlag, flag, None, left));
    Ok(())
}

async fn rest<E: Executor>(executor: &mut E, removable: &Removable<'_>, left: u64) -> Result<u64> {
    let is_blocked = !removable.referring.is_empty() || removable.model.is_deleted.is_some();
    Ok(if left > 0 && is_blocked {
        count(executor, removable, Asked::Blocked).await?.min(left)
    } else {
        0
    })
}

fn keep(report: &mut ModelReport, constraint: &str, table: &str, rows: u64) {
    report.keep(Cause::new(
        CauseKind::Referenced,
        Some(constraint),
        Some(table),
        rows,
    ));
}
