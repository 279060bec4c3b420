//! What a deletion writes into a row.

use soft_delete_core::{
    Action,
    chrono::{DateTime, Utc},
};

use crate::{
    DeletionId, Descriptor, Result,
    statement::{Act, TextRow, parse_time, readable},
};

/// The deletion columns of one row: all empty while it is active.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stamp {
    /// When the row was deleted, in UTC with microseconds.
    pub deleted_at: Option<DateTime<Utc>>,
    /// By whom, where the model has such a column.
    pub deleted_by: Option<String>,
    /// Why, where the model has such a column.
    pub deletion_reason: Option<String>,
    /// In which operation, where the model has such a column.
    pub deletion_id: Option<DeletionId>,
    /// When the row becomes due for removal, where the model has such a column.
    pub purge_after: Option<DateTime<Utc>>,
}

impl Stamp {
    /// What the act left in the row it changed.
    pub(crate) fn of(act: &Act<'_>) -> Self {
        if act.action != Action::SoftDelete {
            return Self::default();
        }
        Self {
            deleted_at: Some(act.at),
            deleted_by: Some(act.actor.to_owned()),
            deletion_reason: act.reason.map(ToOwned::to_owned),
            deletion_id: Some(act.operation),
            purge_after: act.purge_after.as_ref().map(|stamp| stamp.at),
        }
    }

    /// Reads a row of the `State` statement.
    pub(crate) fn read(model: &Descriptor, mut row: TextRow) -> Result<Self> {
        let deleted_at = row
            .take(0)
            .map(|text| readable(model.name(), model.deleted_at.name(), text, parse_time));
        let purge_after = row.take(4).zip(model.purge_after.as_ref());
        let purge_after =
            purge_after.map(|(text, column)| readable(model.name(), column.name(), text, parse_time));
        let deletion_id = row.take(3).zip(model.deletion_id.as_ref());
        let deletion_id =
            deletion_id.map(|(text, column)| readable(model.name(), column.name(), text, str::parse));
        Ok(Self {
            deleted_at: deleted_at.transpose()?,
            deleted_by: row.take(1),
            deletion_reason: row.take(2),
            deletion_id: deletion_id.transpose()?,
            purge_after: purge_after.transpose()?,
        })
    }
}
