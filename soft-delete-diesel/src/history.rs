//! The audit trail of a record.

use soft_delete_core::{
    Action,
    chrono::{DateTime, Utc},
};

use crate::{
    DeletionId, Result,
    statement::{TextRow, parse_time, readable},
};

/// One row of the audit trail: one act on one record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AuditRecord {
    /// The position in the trail; later acts have higher ones.
    pub id: i64,
    /// The operation that the act belonged to.
    pub operation_id: DeletionId,
    /// The act.
    pub action: Action,
    /// The SQL table.
    pub model: String,
    /// The key as text.
    pub record_id: String,
    /// Who acted.
    pub actor: String,
    /// Why, if it was said.
    pub reason: Option<String>,
    /// When, in UTC with microseconds.
    pub at: DateTime<Utc>,
    /// Whether the act was asked for on this very record; `false` for a record that went along with another.
    pub root: bool,
}

const TABLE: &str = "soft_delete_audit";

impl AuditRecord {
    /// Reads a row of the `Audited` statement.
    pub(crate) fn read(mut row: TextRow) -> Result<Self> {
        let mut field = |index| row.take(index).unwrap_or_default();
        let (id, operation_id, action, model) = (field(0), field(1), field(2), field(3));
        let (record_id, actor) = (field(4), field(5));
        let (at, root) = (field(7), field(8));
        Ok(Self {
            id: readable(TABLE, "id", id, str::parse)?,
            operation_id: readable(TABLE, "operation_id", operation_id, str::parse)?,
            action: readable(TABLE, "action", action, str::parse)?,
            model,
            record_id,
            actor,
            reason: row.take(6),
            at: readable(TABLE, "at", at, parse_time)?,
            root: root == "yes",
        })
    }
}
