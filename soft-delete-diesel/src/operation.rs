//! What an operation on a set of rows did.

use crate::DeletionId;

/// One operation: everything that one call changed, under one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Operation {
    /// The identity that its rows and its audit rows carry; what `undo` takes.
    pub id: DeletionId,
    /// How many rows of each model it changed; models of which it changed none are left out.
    pub models: Vec<ModelRows>,
}

/// How many rows of one model an operation changed, or a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ModelRows {
    /// The SQL table.
    pub model: String,
    /// Rows.
    pub rows: u64,
}

impl Operation {
    /// How many rows it changed in all.
    pub fn rows(&self) -> u64 {
        self.models.iter().map(|model| model.rows).sum()
    }

    /// Whether it changed anything.
    pub fn is_changed(&self) -> bool {
        self.rows() > 0
    }
}
