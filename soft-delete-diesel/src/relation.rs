//! How the rows of one model hang on those of another.

use std::sync::OnceLock;

use crate::{Descriptor, TableName};

/// What a model says of the rows that refer to its own.
///
/// The derive makes one for each entry of `cascade(..)`, `owns(..)` and `restrict(..)`.
#[derive(Debug, Clone)]
#[must_use = "a relation belongs to a descriptor"]
pub struct Relation {
    kind: RelationKind,
    child: Child,
    foreign_key: Vec<String>,
    nullable: bool,
}

/// What happens to the rows that refer to a deleted row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelationKind {
    /// They are deleted with it and come back with it.
    Cascade,
    /// They have no deletion columns: they stay while it is deleted, and are removed with it.
    Owns,
    /// While one of them is active it cannot be deleted.
    Restrict,
}

// Models may refer to each other in circles, so a descriptor must not be asked for while another one is made.
#[derive(Debug, Clone)]
enum Child {
    Model(fn() -> &'static Descriptor),
    Found(&'static FoundModel),
    Table(TableName),
}

/// A model without a Rust type, which others may name before all that it says of itself is known.
#[derive(Debug)]
pub(crate) struct FoundModel {
    alone: Descriptor,
    related: OnceLock<Descriptor>,
}

impl FoundModel {
    /// It lives as long as the process.
    pub(crate) fn new(alone: Descriptor) -> &'static Self {
        let related = OnceLock::new();
        Box::leak(Box::new(Self { alone, related }))
    }

    /// Adds, once, what hangs on it and what it hangs on.
    pub(crate) fn relate(
        &'static self,
        relations: Vec<Relation>,
        parents: &[&'static Self],
    ) -> &'static Descriptor {
        self.related.get_or_init(|| {
            let mut model = relations
                .into_iter()
                .fold(self.alone.clone(), Descriptor::relation);
            model.parents.extend(parents.iter().copied().map(Parent::Found));
            model
        })
    }

    pub(crate) fn table(&self) -> &TableName {
        self.alone.table()
    }

    /// Whether its rows tell in which operation they were deleted.
    pub(crate) fn is_in_operations(&self) -> bool {
        self.alone.is_in_operations()
    }

    fn descriptor(&'static self) -> &'static Descriptor {
        self.related.get().unwrap_or(&self.alone)
    }
}

/// A model that rows refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parent {
    Model(fn() -> &'static Descriptor),
    Found(&'static FoundModel),
}

impl Parent {
    pub(crate) fn descriptor(self) -> &'static Descriptor {
        match self {
            Self::Model(model) => model(),
            Self::Found(model) => model.descriptor(),
        }
    }
}

impl Relation {
    /// The child's rows are deleted and restored along with the rows that they refer to.
    ///
    /// The foreign key is the child's columns, in the order of the parent's key.
    pub fn cascade<S: Into<String>>(
        child: fn() -> &'static Descriptor,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(RelationKind::Cascade, Child::Model(child), foreign_key)
    }

    /// A row with active children is not deleted.
    pub fn restrict<S: Into<String>>(
        child: fn() -> &'static Descriptor,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(RelationKind::Restrict, Child::Model(child), foreign_key)
    }

    /// The rows of this table have no deletion columns and are removed together with the row that they refer to.
    pub fn owns<S: Into<String>>(table: TableName, foreign_key: impl IntoIterator<Item = S>) -> Self {
        Self::new(RelationKind::Owns, Child::Table(table), foreign_key)
    }

    /// The same for a child without a Rust type.
    pub(crate) fn found(kind: RelationKind, child: &'static FoundModel, foreign_key: &[String]) -> Self {
        Self::new(kind, Child::Found(child), foreign_key)
    }

    fn new<S: Into<String>>(
        kind: RelationKind,
        child: Child,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        let foreign_key = foreign_key.into_iter().map(Into::into).collect();
        Self {
            kind,
            child,
            foreign_key,
            nullable: true,
        }
    }

    /// The same relation over a foreign key that may not be NULL.
    pub fn not_nullable(self) -> Self {
        Self {
            nullable: false,
            ..self
        }
    }

    /// Whether a child's row can be without a parent.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// What happens to the child's rows.
    pub fn kind(&self) -> RelationKind {
        self.kind
    }

    /// The child as a model; `None` for a table without deletion columns.
    pub fn child(&self) -> Option<&'static Descriptor> {
        match &self.child {
            Child::Model(model) => Some(model()),
            Child::Found(model) => Some(model.descriptor()),
            Child::Table(_) => None,
        }
    }

    /// The child's SQL table.
    pub fn child_table(&self) -> &TableName {
        match &self.child {
            Child::Model(model) => model().table(),
            Child::Found(model) => model.descriptor().table(),
            Child::Table(table) => table,
        }
    }

    /// The child's columns that refer to the parent's key, in the key's order.
    pub fn foreign_key(&self) -> &[String] {
        &self.foreign_key
    }
}
