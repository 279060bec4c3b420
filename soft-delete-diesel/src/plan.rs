//! What a restore would do, told before it is done.

use crate::{GoneRows, ModelRows};

/// What a restore would bring back, and what stands in its way; made by the same selection that the restore uses.
///
/// It tells of the moment at which it was made. Others may change rows before the restore is run, which then checks again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct RestorePlan {
    /// How many rows of each model would come back; models without any are left out.
    pub models: Vec<ModelRows>,
    /// Rows whose unique values are taken; a hundred of each unique key at the most.
    pub conflicts: Vec<RestoreConflict>,
    /// Unique keys that may be in the way and that a plan cannot compare: on expressions, with NULLs that are equal, exclusion
    /// constraints. Only the restore itself checks them, and then answers [`Conflict`](crate::Error::Conflict).
    #[cfg_attr(feature = "serde", serde(default))]
    pub unchecked: Vec<UncheckedKey>,
    /// Deleted rows that the rows hang on, one of each relation; empty where the parents are asked for as well.
    pub deleted_parents: Vec<DeletedParentRow>,
    /// Rows that were deleted in the same operation, are removed for good and so do not come back: of cascades that are `apart`, or
    /// removed before families were kept whole. Of an operation of which whole families are gone as well nobody can tell whose the
    /// others were, and nothing is told.
    #[cfg_attr(feature = "serde", serde(default))]
    pub gone: Vec<GoneRows>,
}

/// Two rows that cannot be active at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct RestoreConflict {
    /// The SQL table of both.
    pub model: String,
    /// The columns of the unique key.
    pub columns: Vec<String>,
    /// The key of the row that would come back.
    pub id: String,
    /// The key of the row that has its values: an active one, or another one that would come back.
    pub taken_by: String,
}

/// A unique key that a plan of a restore cannot compare.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UncheckedKey {
    /// The SQL table.
    pub model: String,
    /// The constraint or index as the database names it.
    pub constraint: String,
}

/// A deleted row that rows to be restored hang on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct DeletedParentRow {
    /// Its SQL table.
    pub model: String,
    /// Its key as text.
    pub id: String,
}

impl RestorePlan {
    /// How many rows would come back in all.
    pub fn rows(&self) -> u64 {
        self.models.iter().map(|model| model.rows).sum()
    }

    /// Whether everything that could stand in the way was compared, so that the restore will do what the plan says unless rows
    /// change meanwhile.
    pub fn is_certain(&self) -> bool {
        self.unchecked.is_empty()
    }

    /// Whether nothing that the plan can compare stands in the way; see [`is_certain`](RestorePlan::is_certain).
    pub fn is_possible(&self) -> bool {
        self.conflicts.is_empty() && self.deleted_parents.is_empty()
    }
}
