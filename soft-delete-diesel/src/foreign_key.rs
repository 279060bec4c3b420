//! A foreign key into a table, as far as a removal has to know it.

use crate::TableName;

/// Rows of one table that refer to rows of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignKey {
    /// The constraint as the database names it, or the child's columns where there is none.
    pub(crate) constraint: String,
    /// The child as this session can name it.
    pub(crate) child: TableName,
    /// The child by its schema and name in the catalog, which tells it from every other table.
    pub(crate) canonical_child: TableName,
    /// The child's columns.
    pub(crate) columns: Vec<String>,
    /// The parent's columns that they refer to.
    pub(crate) parent_columns: Vec<String>,
    pub(crate) rule: Rule,
    /// Whether the database checks it at the commit only.
    pub(crate) is_deferred: bool,
    /// Whether the database enforces it for a part of the child's rows only: on PostgreSQL not for those of tables that inherit from it.
    pub(crate) is_partial: bool,
    /// What keeps this session from seeing all rows of the child, if anything does.
    pub(crate) hidden_rows: Option<HiddenRows>,
    /// Whether it refers to a table behind the one that was asked about (the table under a view), so that its columns cannot be
    /// looked up there.
    pub(crate) is_indirect: bool,
}

/// Why rows of a table cannot all be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HiddenRows {
    /// The user may not read the table.
    NoRight,
    /// A row level security policy applies to the user.
    Policy,
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
        self.rule != Rule::Refuses || self.is_partial
    }

    /// Whether it pairs the same columns of the child with the same columns of the parent, in any order.
    pub(crate) fn pairs<C: AsRef<str>, P: AsRef<str>>(&self, columns: &[C], parent_columns: &[P]) -> bool {
        let own = pairs(&self.columns, &self.parent_columns);
        own == pairs(columns, parent_columns)
    }

    /// Whether it is over these columns of the child, in any order.
    pub(crate) fn is_over<C: AsRef<str>>(&self, columns: &[C]) -> bool {
        sorted(&self.columns) == sorted(columns)
    }

    /// Whether it refers to these columns of the parent, in any order.
    pub(crate) fn is_to<P: AsRef<str>>(&self, parent_columns: &[P]) -> bool {
        sorted(&self.parent_columns) == sorted(parent_columns)
    }
}

// SQLite and MySQL do not tell `Lead_Id` from `lead_id`; two such columns in one table would be odd anywhere.
fn sorted<C: AsRef<str>>(columns: &[C]) -> Vec<String> {
    let mut columns: Vec<String> = columns
        .iter()
        .map(|column| column.as_ref().to_ascii_lowercase())
        .collect();
    columns.sort_unstable();
    columns
}

fn pairs<C: AsRef<str>, P: AsRef<str>>(columns: &[C], parent_columns: &[P]) -> Vec<(String, String)> {
    let lower = |name: &str| name.to_ascii_lowercase();
    let mut pairs: Vec<(String, String)> = columns
        .iter()
        .zip(parent_columns)
        .map(|(column, parent)| (lower(column.as_ref()), lower(parent.as_ref())))
        .collect();
    pairs.sort_unstable();
    pairs
}
