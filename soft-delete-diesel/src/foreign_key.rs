//! A foreign key into the table of a model, as far as a removal has to know it.

use crate::TableName;

/// Rows of one table that refer to rows of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignKey {
    /// The constraint as the database names it, or the child's columns where there is none.
    pub(crate) constraint: String,
    pub(crate) child: TableName,
    /// The child's columns.
    pub(crate) columns: Vec<String>,
    /// The parent's columns that they refer to.
    pub(crate) parent_columns: Vec<String>,
    pub(crate) rule: Rule,
}

/// What the database does when the parent's row is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It refuses.
    Refuses,
    /// It changes the child's rows, in the words of `ON DELETE`.
    Changes(String),
    /// Nothing: there is no constraint, or the session does not enforce any.
    Ignores,
}

impl ForeignKey {
    /// Whether the statement that removes the parent must look for children itself, because the database would not refuse.
    pub(crate) fn is_silent(&self) -> bool {
        self.rule != Rule::Refuses
    }

    /// Whether it is over these columns of this table.
    pub(crate) fn is_over(&self, child: &TableName, columns: &[String]) -> bool {
        let mut own = self.columns.clone();
        let mut asked = columns.to_vec();
        own.sort_unstable();
        asked.sort_unstable();
        self.child.is_same_as(child) && own == asked
    }
}
