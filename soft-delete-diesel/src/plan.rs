//! What a restore would do, told before it is done.

use crate::ModelRows;

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
    /// Deleted rows that the rows hang on, one of each relation; empty where the parents are asked for as well.
    pub deleted_parents: Vec<DeletedParentRow>,
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

    /// Whether nothing stands in the way.
    pub fn is_possible(&self) -> bool {
        self.conflicts.is_empty() && self.deleted_parents.is_empty()
    }
}
