//! What a deletion writes into a row.

use soft_delete_core::chrono::{DateTime, Utc};

use crate::DeletionId;

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
}
