//! The models of an application.

use diesel::connection::LoadConnection;
use soft_delete_core::{
    Retention,
    chrono::{DateTime, Utc},
};

use crate::{
    Descriptor, Dialect, Error, Model, ModelRows, Records, Relation, RelationKind, Result, TableName,
    TableRelation,
    conflict::{Conflict, Registered},
    engine,
    executor::{Blocking, run},
    relation::FoundModel,
};

/// The models of an application, for everything that works on more than one of them.
///
/// ```
/// # use soft_delete_diesel::Registry;
/// let registry = Registry::new();
/// let error = registry.model("leads").unwrap_err();
/// assert!(error.to_string().starts_with("unknown model \"leads\""));
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a registry is for operations on many models"]
pub struct Registry {
    models: Vec<Registered>,
    conflicts: Vec<Conflict>,
}

// The origin of models that are not of a Rust type.
const TABLE: &str = "a table without a Rust type";

impl Registry {
    /// A registry without models.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model; adding it twice changes nothing.
    ///
    /// Two types of one table may both be added if they declare the same rules. If they do not, the first stays, and whatever
    /// asks the registry fails with [`ConflictingModels`](crate::Error::ConflictingModels): a retention or a relation that only
    /// one of them declares would otherwise be lost without a word.
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() {
    /// # use soft_delete_diesel::{Error, Registry};
    /// #[derive(SoftDelete)]
    /// #[diesel(table_name = leads)]
    /// #[soft_delete(retention = "365 days", crate = ::soft_delete_diesel)]
    /// struct KeptLead {
    ///     id: i64,
    ///     deleted_at: Option<NaiveDateTime>,
    /// }
    /// let error = Registry::new().with::<Lead>().with::<KeptLead>().check().unwrap_err();
    /// assert!(matches!(&error, Error::ConflictingModels { table, .. } if table == "leads"));
    /// # }
    /// ```
    pub fn with<M: Model>(mut self) -> Self {
        self.add(Registered {
            model: M::descriptor(),
            origin: std::any::type_name::<M>(),
        });
        self
    }

    fn add(&mut self, added: Registered) {
        match self.registered(added.model.name()) {
            Some(known) => self.conflicts.extend(Conflict::between(known, added)),
            None => self.models.push(added),
        }
    }

    fn registered(&self, name: &str) -> Option<Registered> {
        self.models
            .iter()
            .copied()
            .find(|known| known.model.name() == name)
    }

    /// Adds a table without a Rust type: what a program for any database works with.
    ///
    /// The registry's models live as long as the process, so this is for its beginning and not for a loop.
    ///
    /// ```
    /// # use soft_delete_diesel::{Column, ColumnKind, Descriptor, Registry, TableName};
    /// let leads = Descriptor::new(TableName::new("leads"), Column::new("deleted_at", ColumnKind::Timestamp))
    ///     .key(Column::new("id", ColumnKind::BigInt));
    /// assert!(Registry::new().with_table(leads).model("leads").is_ok());
    /// ```
    pub fn with_table(mut self, descriptor: Descriptor) -> Self {
        self.add(Registered {
            model: Box::leak(Box::new(descriptor)),
            origin: TABLE,
        });
        self
    }

    /// Adds tables without Rust types, with what hangs on what.
    ///
    /// # Errors
    /// [`UnknownModel`](crate::Error::UnknownModel) for a relation of a table that is not among these,
    /// [`BadSetting`](crate::Error::BadSetting) for a cascade from or to one without a column for the operation,
    /// [`InvalidRelation`](crate::Error::InvalidRelation) for columns that are not one for each of the parent's key,
    /// [`OwnedModel`](crate::Error::OwnedModel) for an `owns` of a table that is a model itself,
    /// [`ConflictingModels`](crate::Error::ConflictingModels) for a table that is there already with other rules.
    ///
    /// ```
    /// # use soft_delete_diesel::{Column, ColumnKind, Descriptor, Registry, TableName, TableRelation};
    /// # let table = |name| Descriptor::new(TableName::new(name), Column::new("deleted_at", ColumnKind::Timestamp))
    /// #     .key(Column::new("id", ColumnKind::BigInt)).deletion_id(Column::new("deletion_id", ColumnKind::Text));
    /// let (leads, callbacks) = (table("leads"), table("callbacks"));
    /// let along = TableRelation::cascade(TableName::new("leads"), TableName::new("callbacks"), ["lead_id"]);
    /// let registry = Registry::new().with_tables([leads, callbacks], &[along])?;
    /// assert_eq!(registry.model("leads")?.relations()[0].child().map(Descriptor::name), Some("callbacks"));
    /// # Ok::<_, soft_delete_diesel::Error>(())
    /// ```
    pub fn with_tables(
        mut self,
        tables: impl IntoIterator<Item = Descriptor>,
        relations: &[TableRelation],
    ) -> Result<Self> {
        let found: Vec<&'static FoundModel> = tables.into_iter().map(FoundModel::new).collect();
        let named = |name: &TableName| {
            found
                .iter()
                .copied()
                .find(|model| model.table() == name)
                .ok_or_else(|| Error::UnknownModel {
                    name: name.to_string(),
                    known: found.iter().map(|model| model.table().to_string()).collect(),
                })
        };
        for relation in relations {
            named(&relation.parent)?;
            relation.check(&named)?;
        }
        for model in &found {
            let mut below = Vec::new();
            let mut above = Vec::new();
            let mut references = Vec::new();
            for relation in relations {
                if relation.parent == *model.table() && !relation.is_reference() {
                    below.push(relation.of(&named)?);
                }
                if relation.child == *model.table() {
                    let parent = named(&relation.parent)?;
                    above.push(parent);
                    if relation.is_reference() {
                        references.push((parent, relation.of(&named)?));
                    }
                }
            }
            let model = model.relate(below, &above, references);
            check_relations(model)?;
            self.add(Registered { model, origin: TABLE });
        }
        self.check_owned()?;
        match self.conflicts.first() {
            Some(conflict) => Err(conflict.error()),
            None => Ok(self),
        }
    }

    /// The rows of a model, by keys that are text.
    ///
    /// # Errors
    /// [`Error::UnknownModel`], [`Error::UnregisteredRelation`].
    pub fn records(&self, model: &str) -> Result<Records> {
        self.check()?;
        self.model(model).map(Records::new)
    }

    /// The models in the order they were added.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &'static Descriptor> + '_ {
        self.models.iter().map(|known| known.model)
    }

    /// Whether the models fit together: every model that goes along with one of these, or keeps one from being deleted, is among
    /// them, no two of a table say different things, every relation can tell whose rows it is about, and none owns the rows of
    /// another.
    ///
    /// # Errors
    /// [`Error::ConflictingModels`], [`Error::InvalidRelation`], [`Error::OwnedModel`], and [`Error::UnregisteredRelation`], which
    /// names the first model that is missing. What works on several models asks this first.
    pub fn check(&self) -> Result<()> {
        self.check_rules()?;
        for model in self.models() {
            for child in model.relations().iter().filter_map(Relation::child) {
                if self.registered(child.name()).is_none() {
                    return Err(Error::UnregisteredRelation {
                        model: model.name().to_owned(),
                        missing: child.name().to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The part of [`check`](Registry::check) that a missing model does not matter to.
    pub(crate) fn check_rules(&self) -> Result<()> {
        if let Some(conflict) = self.conflicts.first() {
            return Err(conflict.error());
        }
        self.check_owned()?;
        for model in self.models() {
            check_relations(model)?;
            // A relation names a type, which may be another one of the same table than was registered.
            for related in model.relations().iter().filter_map(Relation::child) {
                let Some(known) = self.registered(related.name()) else {
                    continue;
                };
                let named = Registered {
                    model: related,
                    origin: "a type that a relation names",
                };
                if let Some(conflict) = Conflict::between(known, named) {
                    return Err(conflict.error());
                }
            }
        }
        Ok(())
    }

    // Owned rows are removed with their owner, active and held ones too. A name without a schema may stand for the same table as
    // one with a schema, and is refused as well.
    fn check_owned(&self) -> Result<()> {
        for owner in self.models() {
            let owned = owner.relations().iter();
            for relation in owned.filter(|relation| relation.kind() == RelationKind::Owns) {
                let is_owned = |model: &&Descriptor| model.table().is_same_as(relation.child_table());
                if let Some(child) = self.models().find(is_owned) {
                    return Err(Error::OwnedModel {
                        owner: owner.name().to_owned(),
                        child: child.name().to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The models with children before the rows that they hang on: the order in which rows can be removed.
    ///
    /// Models that refer to each other in a circle stand together, in the order in which they were added.
    pub fn children_first(&self) -> Vec<&'static Descriptor> {
        let mut ordered: Vec<&'static Descriptor> = Vec::with_capacity(self.models.len());
        for model in self.models() {
            place(model, &mut ordered, &mut Vec::new(), self);
        }
        ordered
    }

    /// The model of this SQL table.
    ///
    /// # Errors
    /// [`Error::UnknownModel`] with the nearest name and the list of those that are known; [`Error::ConflictingModels`].
    pub fn model(&self, name: &str) -> Result<&'static Descriptor> {
        if let Some(conflict) = self.conflicts.iter().find(|conflict| conflict.table == name) {
            return Err(conflict.error());
        }
        self.registered(name)
            .map(|known| known.model)
            .ok_or_else(|| Error::UnknownModel {
                name: name.to_owned(),
                known: self.models().map(|model| model.name().to_owned()).collect(),
            })
    }

    /// The model that the library's own tables name so: somebody with another search path may have written the name with a
    /// schema, or without. Nothing but what its `deletion_id` names may be done to its rows for this name.
    pub(crate) fn recorded(&self, name: &str) -> Result<&'static Descriptor> {
        self.model(name).or_else(|unknown| {
            let written = TableName::written(name);
            let mut alike = self.models().filter(|model| model.table.is_same_as(&written));
            match (alike.next(), alike.next()) {
                (Some(model), None) => Ok(model),
                _ => Err(unknown),
            }
        })
    }

    /// Sets how long deleted rows of a model stay, in this whole process and from now on: what an operator configured.
    ///
    /// The model's `retention()`, `expires_at()`, `expired(now)` and everything that is deleted later agree. Rows with a
    /// `purge_after` of their own keep what they were promised. Rows without one, and all rows of a model without the
    /// column, follow at once: **a shorter retention may make rows expired that were deleted long ago**.
    ///
    /// A process of its own, such as a cleanup that runs by cron, must be configured alike.
    ///
    /// # Errors
    /// [`UnknownModel`](crate::Error::UnknownModel) when this registry does not hold the model.
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use soft_delete_diesel::Registry;
    /// let registry = Registry::new().with::<Lead>();
    /// registry.configure("leads", "60 days".parse()?)?;
    /// assert_eq!(Lead::retention().to_string(), "60 days");
    /// assert!(registry.configure("leeds", "60 days".parse()?).is_err()); // did you mean "leads"?
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure(&self, model: &str, retention: Retention) -> Result<()> {
        self.model(model)?.retention.configure(retention);
        Ok(())
    }

    /// How many rows of each model are due for removal at this instant: per model
    /// `SELECT COUNT(*) FROM t WHERE <expired>`, the condition of [`Scopes::expired`](crate::Scopes::expired).
    ///
    /// # Errors
    /// [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_core::chrono::TimeDelta;
    /// use soft_delete_diesel::Registry;
    /// let mut lead = Lead { id: 1, deleted_at: None };
    /// lead.soft_delete(&mut conn, Actor::new("bob"))?;
    /// let registry = Registry::new().with::<Lead>().with::<Callback>();
    /// let in_30_days = lead.deleted_at().unwrap() + TimeDelta::days(30);
    /// let due = registry.count_expired(&mut conn, in_30_days)?;
    /// assert_eq!((due[0].model.as_str(), due[0].rows, due[1].rows), ("leads", 1, 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn count_expired<C>(&self, conn: &mut C, now: DateTime<Utc>) -> Result<Vec<ModelRows>>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        self.check_rules()?;
        run(engine::count_expired(&mut Blocking(conn), &self.list(), now))
    }

    /// As [`count_expired`](Registry::count_expired), on a connection of diesel-async.
    ///
    /// # Errors
    /// As [`count_expired`](Registry::count_expired).
    #[cfg(feature = "async")]
    pub async fn count_expired_async<C>(&self, conn: &mut C, now: DateTime<Utc>) -> Result<Vec<ModelRows>>
    where
        C: diesel_async::AsyncConnection<Backend: Dialect>,
    {
        self.check_rules()?;
        engine::count_expired(&mut crate::executor::Async(conn), &self.list(), now).await
    }

    fn list(&self) -> Vec<&'static Descriptor> {
        self.models().collect()
    }
}

fn check_relations(model: &Descriptor) -> Result<()> {
    let mut relations = model.relations().iter();
    relations.try_for_each(|relation| relation.check(model))?;
    let mut references = model.references.iter();
    references.try_for_each(|(parent, relation)| relation.check(parent.descriptor()))
}

// Children are placed before the model itself; `waiting` are the models whose children are being placed.
fn place(
    model: &'static Descriptor,
    ordered: &mut Vec<&'static Descriptor>,
    waiting: &mut Vec<&'static str>,
    registry: &Registry,
) {
    let is = |name: &str| name == model.name();
    if waiting.iter().any(|name| is(name)) || ordered.iter().any(|known| is(known.name())) {
        return;
    }
    waiting.push(model.name());
    for child in model.relations().iter().filter_map(Relation::child) {
        if let Some(child) = registry.registered(child.name()) {
            place(child.model, ordered, waiting, registry);
        }
    }
    ordered.push(model);
}
