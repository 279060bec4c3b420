//! Holds that keep nothing, because nobody who removes rows goes by the name that they are on.

use super::Findings;
use crate::{
    Check, Database, Registry, Result, Severity,
    executor::Executor,
    statement::{CountUnreadableEnds, HeldModels, OtherTablesOfHolds},
};

const TABLE: &str = "soft_delete_holds";

/// Whether every hold is on a model of the registry, and in the table that is asked.
pub(super) async fn examine<E: Executor>(
    executor: &mut E,
    registry: &Registry,
    findings: &mut Findings,
) -> Result<()> {
    for mut row in executor.rows(&HeldModels).await? {
        let (model, holds) = (row.take(0).unwrap_or_default(), row.take(1).unwrap_or_default());
        let letters_count = findings.database != Database::Sqlite;
        let is_known = registry.recorded(&model).is_ok()
            || !letters_count
                && registry
                    .models()
                    .any(|known| known.name().eq_ignore_ascii_case(&model));
        if !is_known {
            findings.add(
                Severity::Warning,
                Check::Holds,
                TABLE,
                format!("{holds} of its holds are on {model}, which is no model here"),
                format!("register {model}, or release the holds that `holds` lists"),
            );
        }
    }
    let unreadable = executor.rows(&CountUnreadableEnds).await?.pop();
    let unreadable = unreadable.and_then(|mut row| row.take(0)).unwrap_or_default();
    if !matches!(unreadable.as_str(), "" | "0") {
        findings.add(
            Severity::Warning,
            Check::Holds,
            TABLE,
            format!(
                "{unreadable} of its holds have an end that is no time: they hold until they are released"
            ),
            "write it as `YYYY-MM-DD HH:MM:SS` in UTC, or as NULL".to_owned(),
        );
    }
    for mut row in executor.rows(&OtherTablesOfHolds).await? {
        let schema = row.take(0).unwrap_or_default();
        findings.add(
            Severity::Warning,
            Check::Holds,
            TABLE,
            format!("there is another one in the schema {schema}, whose holds keep nothing that is removed from here"),
            "place holds with the same search path as the cleanup, and drop the table that is left over".to_owned(),
        );
    }
    Ok(())
}
