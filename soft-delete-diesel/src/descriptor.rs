//! A model without its type: what the engine knows of it.

use std::sync::Arc;

use soft_delete_core::{AuditHook, Retention};

use crate::{
    ColumnKind, NamedTable, Relation, TableName,
    family::{Family, Relatives, Remembered},
    flag::FlagValues,
    policy::Policy,
    relation::Parent,
};

/// A column by its SQL name, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    name: String,
    kind: ColumnKind,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }

    /// The SQL name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn kind(&self) -> ColumnKind {
        self.kind
    }
}

/// A model as the engine sees it: the table, its key, the columns with a role, the rules.
///
/// The derive makes one for each model. It is built by hand only for tables without a Rust type:
///
/// ```
/// use soft_delete_diesel::{Column, ColumnKind, Descriptor, TableName};
/// let leads = Descriptor::new(TableName::new("leads"), Column::new("deleted_at", ColumnKind::Timestamp))
///     .key(Column::new("id", ColumnKind::BigInt))
///     .deleted_by(Column::new("deleted_by_id", ColumnKind::BigInt));
/// assert_eq!(leads.name(), "leads");
/// ```
#[derive(Clone)]
#[must_use = "a descriptor is for the engine"]
pub struct Descriptor {
    pub(crate) table: TableName,
    pub(crate) name: String,
    pub(crate) key: Vec<Column>,
    pub(crate) deleted_at: Column,
    pub(crate) deleted_by: Option<Column>,
    pub(crate) deletion_reason: Option<Column>,
    pub(crate) deletion_id: Option<Column>,
    pub(crate) purge_after: Option<Column>,
    pub(crate) is_deleted: Option<Column>,
    pub(crate) flag: FlagValues,
    pub(crate) label: Option<String>,
    pub(crate) unique: Vec<Vec<String>>,
    pub(crate) retention: Policy,
    pub(crate) reason_required: bool,
    pub(crate) actor_may_not_fit: bool,
    pub(crate) audited: bool,
    pub(crate) hooks: Option<Arc<dyn AuditHook>>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) parents: Vec<Parent>,
    pub(crate) harmless_triggers: Vec<String>,
    /// The foreign keys of this model's rows of which only this model knows.
    pub(crate) references: Vec<(Parent, Relation)>,
    relatives: Remembered,
}

impl Descriptor {
    /// A model with nothing but the column that marks a deletion; add the key next.
    pub fn new(table: TableName, deleted_at: Column) -> Self {
        Self {
            name: table.to_string(),
            table,
            key: Vec::new(),
            deleted_at,
            deleted_by: None,
            deletion_reason: None,
            deletion_id: None,
            purge_after: None,
            is_deleted: None,
            flag: FlagValues::of(ColumnKind::Bool),
            label: None,
            unique: Vec::new(),
            retention: Policy::declared(Retention::DEFAULT),
            reason_required: false,
            actor_may_not_fit: false,
            audited: true,
            hooks: None,
            relations: Vec::new(),
            parents: Vec::new(),
            harmless_triggers: Vec::new(),
            references: Vec::new(),
            relatives: Remembered::default(),
        }
    }

    /// Declares that a trigger on `DELETE` of the model's table, or of one that it owns, changes no row that should stay: somebody
    /// has looked at it.
    ///
    /// Without this, rows are not removed from a table with a trigger that may change other rows
    /// ([`DangerousTable`](crate::Error::DangerousTable)): one whose body updates or deletes, runs other functions, or cannot be read.
    ///
    /// ```
    /// # use soft_delete_diesel::{Column, ColumnKind, Descriptor, TableName};
    /// let leads = Descriptor::new(TableName::new("leads"), Column::new("deleted_at", ColumnKind::Timestamp))
    ///     .key(Column::new("id", ColumnKind::BigInt))
    ///     .harmless_trigger("leads_counter");
    /// assert_eq!(leads.name(), "leads");
    /// ```
    pub fn harmless_trigger(mut self, name: impl Into<String>) -> Self {
        self.harmless_triggers.push(name.into());
        self
    }

    /// A model of a Diesel table.
    pub(crate) fn of<T: NamedTable>(deleted_at: Column) -> Self {
        Self::new(T::table_name(), deleted_at)
    }

    /// Whether its rows tell by which operation they were deleted, so that it can be undone as a whole.
    pub fn is_in_operations(&self) -> bool {
        self.deletion_id.is_some()
    }

    /// Whether its rows tell who deleted them.
    pub fn tells_actor(&self) -> bool {
        self.deleted_by.is_some()
    }

    /// Whether its rows tell why they were deleted.
    pub fn tells_reason(&self) -> bool {
        self.deletion_reason.is_some()
    }

    /// The column that tells who deleted a row, by its SQL name.
    pub fn actor_column(&self) -> Option<&str> {
        self.deleted_by.as_ref().map(Column::name)
    }

    /// The column that tells why a row was deleted, by its SQL name.
    pub fn reason_column(&self) -> Option<&str> {
        self.deletion_reason.as_ref().map(Column::name)
    }

    /// Whether a deletion without a reason is refused.
    pub fn is_reason_required(&self) -> bool {
        self.reason_required
    }

    /// Adds a column to the key.
    pub fn key(mut self, column: Column) -> Self {
        self.key.push(column);
        self
    }

    /// The column that holds who deleted a row.
    pub fn deleted_by(self, column: Column) -> Self {
        Self {
            deleted_by: Some(column),
            ..self
        }
    }

    /// The column that holds why a row was deleted.
    pub fn deletion_reason(self, column: Column) -> Self {
        Self {
            deletion_reason: Some(column),
            ..self
        }
    }

    /// The column that holds the operation that deleted a row.
    pub fn deletion_id(self, column: Column) -> Self {
        Self {
            deletion_id: Some(column),
            ..self
        }
    }

    /// The column that holds when a deleted row becomes due, stamped at its deletion.
    pub fn purge_after(self, column: Column) -> Self {
        Self {
            purge_after: Some(column),
            ..self
        }
    }

    /// A legacy flag that is kept in step: a truth value, or a whole number that is 1 in deleted rows and 0 in active ones. Where an application has changed it alone, rows go by `deleted_at`, but no cleanup removes
    /// one that the flag calls active, and [`doctor`](crate::doctor()) finds it.
    pub fn is_deleted(self, column: Column) -> Self {
        Self {
            flag: FlagValues::of(column.kind()),
            is_deleted: Some(column),
            ..self
        }
    }

    /// The same with values of its own.
    pub(crate) fn flagged_by(self, column: Column, flag: FlagValues) -> Self {
        Self {
            is_deleted: Some(column),
            flag,
            ..self
        }
    }

    /// The flag, unless the database computes it.
    pub(crate) fn written_flag(&self) -> Option<&Column> {
        self.is_deleted.as_ref().filter(|_| !self.flag.is_generated)
    }

    /// The column that names a row to people.
    pub fn label(self, column: impl Into<String>) -> Self {
        Self {
            label: Some(column.into()),
            ..self
        }
    }

    /// Columns that are unique among active rows, and may repeat among deleted ones.
    pub fn unique<S: AsRef<str>>(mut self, columns: &[S]) -> Self {
        self.unique
            .push(columns.iter().map(|column| column.as_ref().to_owned()).collect());
        self
    }

    /// Adds what this model says of the rows that refer to its own.
    pub fn relation(mut self, relation: Relation) -> Self {
        self.relations.push(relation);
        self
    }

    /// Names a model that rows of this one refer to; only what that model says of it counts.
    pub fn parent(mut self, parent: fn() -> &'static Descriptor) -> Self {
        self.parents.push(Parent::Model(parent));
        self
    }

    /// Names a model that rows of this one refer to, and the columns that do so: a row does not come back under a deleted one,
    /// whatever that model says of it.
    pub fn refers_to<S: Into<String>>(
        mut self,
        parent: fn() -> &'static Descriptor,
        foreign_key: impl IntoIterator<Item = S>,
    ) -> Self {
        let relation = Relation::reference(self.table.clone(), foreign_key);
        self.references.push((Parent::Model(parent), relation));
        self
    }

    /// How long deleted rows stay.
    pub fn retention(self, retention: Retention) -> Self {
        Self {
            retention: Policy::declared(retention),
            ..self
        }
    }

    /// Refuses a deletion without a reason.
    pub fn reason_required(self) -> Self {
        Self {
            reason_required: true,
            ..self
        }
    }

    /// Leaves the column of [`deleted_by`](Descriptor::deleted_by) NULL where it cannot hold an actor, such as a name where the
    /// application keeps a number, instead of refusing the act; the audit trail tells who it was.
    pub fn actor_may_not_fit(self) -> Self {
        Self {
            actor_may_not_fit: true,
            ..self
        }
    }

    /// Writes no audit rows for this model.
    pub fn without_audit(self) -> Self {
        Self {
            audited: false,
            ..self
        }
    }

    /// Calls this hook around each act.
    pub fn hooks(self, hook: impl AuditHook + 'static) -> Self {
        Self {
            hooks: Some(Arc::new(hook)),
            ..self
        }
    }

    /// The SQL table, schema included: the model's name in the audit trail, on the command line and in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The SQL table.
    pub fn table(&self) -> &TableName {
        &self.table
    }

    /// The key's columns.
    pub fn key_columns(&self) -> &[Column] {
        &self.key
    }

    /// How long deleted rows stay: what the model declares, or what was [configured](crate::Registry::configure) since.
    pub fn retention_policy(&self) -> Retention {
        self.retention.in_force()
    }

    /// The column that names a row to people, if one was declared.
    pub fn label_column(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The sets of columns that are unique among active rows.
    pub fn unique_keys(&self) -> &[Vec<String>] {
        &self.unique
    }

    /// What this model says of the rows that refer to its own.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// The columns that the model names: its key, and those of a deletion.
    pub(crate) fn named_columns(&self) -> impl Iterator<Item = &Column> {
        let roles = [
            Some(&self.deleted_at),
            self.deleted_by.as_ref(),
            self.deletion_reason.as_ref(),
            self.deletion_id.as_ref(),
            self.purge_after.as_ref(),
            self.is_deleted.as_ref(),
        ];
        self.key.iter().chain(roles.into_iter().flatten())
    }

    /// The models that go along with this one, and those that it goes along with.
    pub(crate) fn relatives(&'static self) -> &'static Relatives {
        self.relatives.of(self)
    }

    /// The models whose rows are removed in one transaction with those of this one that they were deleted with.
    pub(crate) fn removed_together(&'static self) -> &'static Family {
        self.relatives.removed_together(self)
    }

    /// Whether acts on this model leave audit rows.
    pub fn is_audited(&self) -> bool {
        self.audited
    }
}

impl std::fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Descriptor")
            .field("name", &self.name)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
