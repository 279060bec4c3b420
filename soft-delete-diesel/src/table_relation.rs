//! How the rows of a table without a Rust type hang on those of another.

use crate::{Error, Relation, RelationKind, RelationValue, Result, TableName, relation::FoundModel};

/// What is said of two tables without Rust types: rows of the child refer to rows of the parent.
///
/// For [`Registry::with_tables`](crate::Registry::with_tables). The foreign key is the child's columns, in the order of the
/// parent's key unless [`references`](TableRelation::references) names others; it may be NULL unless it is said that it may
/// not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a relation is for a registry"]
pub struct TableRelation {
    kind: RelationKind,
    pub(crate) parent: TableName,
    pub(crate) child: TableName,
    foreign_key: Vec<String>,
    references: Vec<String>,
    conditions: Vec<(String, RelationValue)>,
    is_nullable: bool,
    is_apart: bool,
}

impl TableRelation {
    /// The child's rows are deleted and restored along with the rows that they refer to.
    pub fn cascade<S: Into<String>>(
        parent: TableName,
        child: TableName,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(RelationKind::Cascade, parent, child, foreign_key)
    }

    /// A row with active children is not deleted.
    pub fn restrict<S: Into<String>>(
        parent: TableName,
        child: TableName,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(RelationKind::Restrict, parent, child, foreign_key)
    }

    /// The child's rows have no deletion columns and are removed together with the row that they refer to.
    pub fn owns<S: Into<String>>(
        parent: TableName,
        child: TableName,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(RelationKind::Owns, parent, child, foreign_key)
    }

    /// Nothing happens to the child's rows; they do not come back while the row that they refer to is deleted.
    pub fn reference<S: Into<String>>(
        parent: TableName,
        child: TableName,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(RelationKind::Reference, parent, child, foreign_key)
    }

    /// Whether it is of this kind.
    pub(crate) fn is_reference(&self) -> bool {
        self.kind == RelationKind::Reference
    }

    fn new<S: Into<String>>(
        kind: RelationKind,
        parent: TableName,
        child: TableName,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            kind,
            parent,
            child,
            foreign_key: foreign_key.into_iter().map(Into::into).collect(),
            references: Vec::new(),
            conditions: Vec::new(),
            is_nullable: true,
            is_apart: false,
        }
    }

    /// The foreign key refers to these columns of the parent, in its order, instead of the parent's key.
    pub fn references<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.references = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Only the child's rows that have this value in this column belong to the relation: see [`Relation::only_where`].
    pub fn only_where(mut self, column: impl Into<String>, value: impl Into<RelationValue>) -> Self {
        self.conditions.push((column.into(), value.into()));
        self
    }

    /// The same over a foreign key that may not be NULL.
    pub fn not_nullable(self) -> Self {
        Self {
            is_nullable: false,
            ..self
        }
    }

    /// The child's rows are removed when they are due themselves, before those that they were deleted with: see
    /// [`Relation::apart`]. Only for `cascade`.
    pub fn apart(self) -> Self {
        Self {
            is_apart: true,
            ..self
        }
    }

    /// Refuses a cascade that could not be restored: rows that come back together are those of one operation.
    pub(crate) fn check(&self, named: &dyn Fn(&TableName) -> Result<&'static FoundModel>) -> Result<()> {
        if self.kind != RelationKind::Cascade {
            return Ok(());
        }
        let ends = [named(&self.parent)?, named(&self.child)?];
        match ends.into_iter().find(|model| !model.is_in_operations()) {
            None => Ok(()),
            Some(model) => Err(Error::BadSetting {
                setting: "cascade",
                value: format!("over {}, which has no deletion_id", model.table()),
                way_out: "add that column, which tells what comes back together, or take restrict",
            }),
        }
    }

    /// What the parent says of it, once the child is known by its name.
    pub(crate) fn of(&self, named: &dyn Fn(&TableName) -> Result<&'static FoundModel>) -> Result<Relation> {
        let relation = match self.kind {
            RelationKind::Owns => Relation::owns(self.child.clone(), &self.foreign_key),
            RelationKind::Reference => {
                named(&self.child)?;
                Relation::reference(self.child.clone(), &self.foreign_key)
            }
            _ => Relation::found(self.kind, named(&self.child)?, &self.foreign_key),
        };
        let relation = relation.references(&self.references);
        let conditions = self.conditions.iter().cloned();
        let relation = conditions.fold(relation, |relation, (column, value)| {
            relation.only_where(column, value)
        });
        let relation = if self.is_apart { relation.apart() } else { relation };
        Ok(if self.is_nullable {
            relation
        } else {
            relation.not_nullable()
        })
    }
}
