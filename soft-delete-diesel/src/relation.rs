//! How the rows of one model hang on those of another.

use std::sync::OnceLock;

use crate::{Column, ColumnKind, Descriptor, Error, Result, TableName};

/// What a model says of the rows that refer to its own.
///
/// The derive makes one for each entry of `cascade(..)`, `owns(..)` and `restrict(..)`.
#[derive(Debug, Clone)]
#[must_use = "a relation belongs to a descriptor"]
pub struct Relation {
    kind: RelationKind,
    child: Child,
    foreign_key: Vec<String>,
    references: Vec<String>,
    conditions: Vec<Condition>,
    nullable: bool,
    apart: bool,
}

/// A column of the child, and the value that it has in every row of a relation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Condition {
    pub(crate) column: Column,
    pub(crate) value: String,
}

/// A value in the condition of a relation: a text or a whole number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RelationValue {
    kind: ColumnKind,
    text: String,
}

impl From<&str> for RelationValue {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for RelationValue {
    fn from(text: String) -> Self {
        Self {
            kind: ColumnKind::Text,
            text,
        }
    }
}

impl From<i64> for RelationValue {
    fn from(number: i64) -> Self {
        Self {
            kind: ColumnKind::BigInt,
            text: number.to_string(),
        }
    }
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
    /// Nothing is done to them; they do not come back while it is deleted.
    Reference,
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
        references: Vec<(&'static Self, Relation)>,
    ) -> &'static Descriptor {
        self.related.get_or_init(|| {
            let mut model = relations
                .into_iter()
                .fold(self.alone.clone(), Descriptor::relation);
            model.parents.extend(parents.iter().copied().map(Parent::Found));
            let references = references.into_iter();
            model
                .references
                .extend(references.map(|(parent, relation)| (Parent::Found(parent), relation)));
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

    /// Rows of this table refer to others, and nothing else is said of them.
    pub(crate) fn reference<S: Into<String>>(
        table: TableName,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(RelationKind::Reference, Child::Table(table), foreign_key)
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
            references: Vec::new(),
            conditions: Vec::new(),
            nullable: true,
            apart: false,
        }
    }

    /// The foreign key refers to these columns of the parent, in its order, instead of the parent's key.
    ///
    /// ```
    /// use soft_delete_diesel::{Relation, TableName};
    /// let pictures = Relation::owns(TableName::new("pictures"), ["user_number"]).references(["number"]);
    /// assert_eq!(pictures.foreign_key(), ["user_number"]);
    /// ```
    pub fn references<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.references = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Only the child's rows that have this value in this column belong to the relation; several conditions hold together.
    ///
    /// For a child whose rows refer to several tables, and say in a column of their own to which. Only for `owns`.
    ///
    /// ```
    /// use soft_delete_diesel::{Relation, TableName};
    /// let comments = Relation::owns(TableName::new("comments"), ["commentable_id"]).only_where("commentable_type", "Post");
    /// assert!(comments.is_conditional());
    /// ```
    pub fn only_where(mut self, column: impl Into<String>, value: impl Into<RelationValue>) -> Self {
        let value = value.into();
        self.conditions.push(Condition {
            column: Column::new(column, value.kind),
            value: value.text,
        });
        self
    }

    /// The child's rows are removed when they are due themselves, before those that they were deleted with and would come back with.
    /// Only for `cascade`.
    ///
    /// Without it a row and what was deleted with it are removed in one transaction: when the last of them is due, and none is held.
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() {
    /// use soft_delete_diesel::Relation;
    /// let leads = Relation::cascade(Lead::descriptor, ["merged_into"]).apart();
    /// assert!(leads.is_apart());
    /// # }
    /// ```
    pub fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// Whether the child's rows may be removed before those that they were deleted with.
    pub fn is_apart(&self) -> bool {
        self.apart
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

    /// Whether only some of the rows that refer to a row belong to it.
    pub fn is_conditional(&self) -> bool {
        !self.conditions.is_empty()
    }

    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Whether the foreign key refers to other columns than the parent's key.
    pub(crate) fn is_to_other_columns(&self, parent: &Descriptor) -> bool {
        !self.references.is_empty()
            && !self
                .references
                .iter()
                .map(String::as_str)
                .eq(parent.key.iter().map(Column::name))
    }

    /// The parent's columns that the foreign key refers to, in its order: the parent's key unless others are named.
    pub(crate) fn parent_columns<'c>(&'c self, parent: &'c Descriptor) -> Vec<&'c str> {
        if self.references.is_empty() {
            parent.key.iter().map(Column::name).collect()
        } else {
            self.references.iter().map(String::as_str).collect()
        }
    }

    /// Refuses columns that cannot tell which row of the parent a row refers to.
    pub(crate) fn check(&self, parent: &Descriptor) -> Result<()> {
        let (columns, referred) = (&self.foreign_key, self.parent_columns(parent));
        let refuse = |problem: String| {
            Err(Error::InvalidRelation {
                parent: parent.name().to_owned(),
                child: self.child_table().to_string(),
                columns: columns.clone(),
                problem,
            })
        };
        if let Some(column) = first_repeated(columns.iter().map(String::as_str)) {
            return refuse(format!("{column} stands twice among them: name each column once"));
        }
        if let Some(column) = first_repeated(referred.iter().copied()) {
            return refuse(format!(
                "it refers to {column} twice: name each column of {} once",
                parent.name()
            ));
        }
        if columns.len() != referred.len() {
            return refuse(format!(
                "it refers to ({}) of {}: name one column for each of those, in their order",
                referred.join(", "),
                parent.name()
            ));
        }
        if self.is_conditional() && self.kind != RelationKind::Owns {
            return refuse(
                "a condition is for `owns` alone: leave it out, or give the rows a column for each parent"
                    .to_owned(),
            );
        }
        if self.apart && self.kind != RelationKind::Cascade {
            return refuse(
                "`apart` is for `cascade` alone, whose rows are otherwise removed together: leave it out"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// What tells it from another relation of the same model.
    pub(crate) fn rule(&self, parent: &Descriptor) -> String {
        let mut rule = format!(
            "{} {} ({}) -> ({})",
            match self.kind {
                RelationKind::Cascade => "cascade",
                RelationKind::Owns => "owns",
                RelationKind::Restrict => "restrict",
                RelationKind::Reference => "reference",
            },
            self.child_table(),
            self.foreign_key.join(", "),
            self.parent_columns(parent).join(", ")
        );
        if self.apart {
            rule += " apart";
        }
        for Condition { column, value } in &self.conditions {
            rule += &format!(" where {} = {value:?}", column.name());
        }
        rule
    }
}

fn first_repeated<'c>(columns: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let mut seen: Vec<&str> = Vec::new();
    for column in columns {
        if seen.contains(&column) {
            return Some(column);
        }
        seen.push(column);
    }
    None
}
