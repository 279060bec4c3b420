//! Whether there are rows that cannot be right.

use soft_delete_core::{Clock, EARLIEST, LATEST, SystemClock, chrono::TimeDelta};

use super::Findings;
use crate::{
    Check, Descriptor, RelationKind, Result, Severity,
    executor::Executor,
    statement::{
        ActiveUnderDeleted, ContraryFlags, FutureTimes, Statement, TimeRange, UnreadableTimes, readable,
    },
};

/// Counts rows that the library would not have made.
pub(super) async fn examine<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    findings: &mut Findings,
) -> Result<()> {
    let deleted_at = model.deleted_at.name();
    let ever = TimeRange::of(EARLIEST, LATEST);
    for column in std::iter::once(&model.deleted_at).chain(&model.purge_after) {
        let unreadable = UnreadableTimes {
            model,
            column,
            ever: &ever,
        };
        let (rows, id) = count(executor, &unreadable).await?;
        if rows > 0 {
            let name = column.name();
            findings.of(
                model,
                Severity::Error,
                Check::UnreadableTimes,
                format!("{name} of {rows} deleted rows is no time that the library understands, row {id} among them: they are never due"),
                format!("write it as `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, between the years 1 and 9999, into {name}"),
            );
        }
    }
    let soon = soft_delete_core::to_micros(SystemClock.now() + TimeDelta::seconds(60));
    let future = FutureTimes {
        model,
        from_now_on: &TimeRange::of(soon, LATEST),
    };
    let (rows, id) = count(executor, &future).await?;
    if rows > 0 {
        findings.of(
            model,
            Severity::Warning,
            Check::FutureTimes,
            format!("{rows} rows were deleted in the future, row {id} among them"),
            "set the clock right that wrote them; restore the rows and delete them again".to_owned(),
        );
    }
    if let Some(flag) = &model.is_deleted {
        let (rows, id) = count(executor, &ContraryFlags { model, flag }).await?;
        if rows > 0 {
            let flag = flag.name();
            findings.of(
                model,
                Severity::Error,
                Check::Flags,
                format!("{flag} and {deleted_at} of {rows} rows contradict each other, row {id} among them: they go by {deleted_at}, but no cleanup removes those that {flag} calls active"),
                format!("where they are active set {deleted_at} to NULL, where they are deleted set {flag}; make whoever writes one of the two write both"),
            );
        }
    }
    // Each foreign key once, from the side of the child, whatever its parent says of it.
    let family = &model.relatives().above;
    for link in family.links_into(0) {
        let (parent, child, relation) = (family.models[link.parent], model, link.relation);
        // A deletion asks nothing of rows that are merely referred to, so this is no fault of anybody.
        let (severity, remedy) = if relation.kind() == RelationKind::Reference {
            (
                Severity::Warning,
                format!(
                    "delete them, restore their {0}, or declare `cascade(..)` or `restrict(..)` of {0}",
                    parent.name()
                ),
            )
        } else {
            (
                Severity::Error,
                format!(
                    "delete them, or restore their {}; `guards_for_relation` keeps it from happening again",
                    parent.name()
                ),
            )
        };
        let orphans = ActiveUnderDeleted {
            parent,
            child,
            relation,
        };
        // A child whose table is not there has a finding of its own.
        let Ok((rows, id)) = count(executor, &orphans).await else {
            continue;
        };
        if rows > 0 {
            findings.of(
                child,
                severity,
                Check::ActiveUnderDeleted,
                format!(
                    "{rows} active rows hang on deleted rows of {}, row {id} among them",
                    parent.name()
                ),
                remedy,
            );
        }
    }
    Ok(())
}

async fn count<E: Executor, S: Statement<E::DB>>(executor: &mut E, statement: &S) -> Result<(u64, String)> {
    let mut row = executor.rows(statement).await?.pop().unwrap_or_default();
    let rows = readable(
        "the database",
        "COUNT(*)",
        row.take(0).unwrap_or_default(),
        str::parse,
    )?;
    Ok((rows, row.take(1).unwrap_or_default()))
}
