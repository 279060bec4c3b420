//! The rows of a model by keys that are text: what a command line and a page work with.

mod state;
mod within;

use diesel::connection::LoadConnection;
use soft_delete_core::{Action, Context};

pub use state::RecordState;
pub use within::{Everywhere, Within};

use crate::{
    AuditRecord, Descriptor, Dialect, Hold, KeyBinds, Operation, RestorePlan, Result,
    engine::{self, Asked, Target},
    executor::{Blocking, Executor, run},
    statement::{Rows, TextKey},
};

/// The rows of one model of a [`Registry`](crate::Registry), by keys as the audit trail writes them.
///
/// The operations are those of [`SoftDeleteDsl`](crate::SoftDeleteDsl) and [`HoldDsl`](crate::HoldDsl), on however many rows,
/// each call one operation and one transaction. A key of several columns is its parts with commas between them.
///
/// ```
/// # include!("../doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_diesel::Registry;
/// let registry = Registry::new().with::<Lead>().with::<Callback>();
/// let leads = registry.records("leads")?;
/// assert_eq!(leads.soft_delete(&mut conn, &["1"], Actor::new("support"))?.rows(), 1);
/// assert!(leads.restore_plan(&mut conn, &["1"], Actor::new("support"))?.is_possible());
/// assert_eq!(leads.restore(&mut conn, &["1"], Actor::new("support"))?.rows(), 1);
/// assert_eq!(leads.history(&mut conn, "1")?.len(), 2);
/// assert!(leads.restore(&mut conn, &["one"], Actor::new("support")).unwrap_err().is_bad_input());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "records are for operations"]
pub struct Records<W = Everywhere> {
    model: &'static Descriptor,
    within: W,
}

impl Records {
    pub(crate) fn new(model: &'static Descriptor) -> Self {
        Self {
            model,
            within: Everywhere,
        }
    }

    /// The model.
    pub fn model(&self) -> &'static Descriptor {
        self.model
    }

    /// The same rows as far as they meet a condition, such as that they belong to a tenant.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_diesel::Registry;
    /// let registry = Registry::new().with::<Lead>().with::<Callback>();
    /// let callbacks = registry.records("callbacks")?;
    /// let of_lead_2 = callbacks::lead_id.eq(2_i64);
    /// let deleted = callbacks.within(&of_lead_2).soft_delete(&mut conn, &["10", "11"], Actor::new("support"))?;
    /// assert_eq!(deleted.rows(), 0); // both are lead 1's
    /// # Ok(())
    /// # }
    /// ```
    pub fn within<W>(&self, within: W) -> Records<W> {
        Records {
            model: self.model,
            within,
        }
    }

    /// Protects a row from removal; needs a reason.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), and as [`hold`](crate::HoldDsl::hold).
    pub fn hold<C>(&self, conn: &mut C, id: &str, context: impl Into<Context>) -> Result<Hold>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let key = TextKey::parse(self.model, id)?;
        run(engine::hold(
            &mut Blocking(conn),
            &self.record(&key),
            &context.into(),
        ))
    }

    /// Lifts the holds on a row; answers how many there were.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), and as [`release`](crate::HoldDsl::release).
    pub fn release<C>(&self, conn: &mut C, id: &str, context: impl Into<Context>) -> Result<u64>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let key = TextKey::parse(self.model, id)?;
        run(engine::release(
            &mut Blocking(conn),
            &self.record(&key),
            &context.into(),
        ))
    }

    /// Protects all rows of the model; needs a reason.
    ///
    /// # Errors
    /// As [`hold_model`](crate::HoldDsl::hold_model).
    pub fn hold_all<C>(&self, conn: &mut C, context: impl Into<Context>) -> Result<Hold>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        run(engine::hold(
            &mut Blocking(conn),
            &Asked::Model(self.model),
            &context.into(),
        ))
    }

    /// Lifts the holds on the model; answers how many there were.
    ///
    /// # Errors
    /// As [`release_model`](crate::HoldDsl::release_model).
    pub fn release_all<C>(&self, conn: &mut C, context: impl Into<Context>) -> Result<u64>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        run(engine::release(
            &mut Blocking(conn),
            &Asked::Model(self.model),
            &context.into(),
        ))
    }

    /// The holds on a row, oldest first.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), and as [`holds`](crate::HoldDsl::holds).
    pub fn holds<C>(&self, conn: &mut C, id: &str) -> Result<Vec<Hold>>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let key = TextKey::parse(self.model, id)?;
        run(engine::holds_on(&mut Blocking(conn), &self.record(&key)))
    }

    /// The audit rows of a row, oldest first, also of one that is gone.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), and as [`history`](crate::SoftDeleteDsl::history).
    pub fn history<C>(&self, conn: &mut C, id: &str) -> Result<Vec<AuditRecord>>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let key = TextKey::parse(self.model, id)?;
        let target = Target {
            model: self.model,
            key: &key,
        };
        run(engine::history(&mut Blocking(conn), &target))
    }

    /// The key as the audit log and the holds have it, in whatever spelling that the database takes for equal it is given:
    /// as the row has it, or, of a row that is gone, as its audit entries have it.
    ///
    /// `SELECT (SELECT <key> FROM t WHERE <key>), <key>`; of a text key without a row, up to three more of the audit log.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_diesel::Registry;
    /// let leads = Registry::new().with::<Lead>().with::<Callback>().records("leads")?;
    /// assert_eq!(leads.record_id(&mut conn, "007")?, "7");
    /// # Ok(())
    /// # }
    /// ```
    pub fn record_id<C>(&self, conn: &mut C, id: &str) -> Result<String>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let key = TextKey::parse(self.model, id)?;
        let target = Target {
            model: self.model,
            key: &key,
        };
        Ok(run(engine::record_id(&mut Blocking(conn), &target))?.text)
    }

    /// Whether the row is active, deleted or held, was removed for good, or is not there.
    ///
    /// `SELECT .. FROM t WHERE <key>`, and one more query about its holds or its end.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_diesel::{RecordState, Registry};
    /// let leads = Registry::new().with::<Lead>().with::<Callback>().records("leads")?;
    /// leads.soft_delete(&mut conn, &["1"], Actor::new("support"))?;
    /// assert_eq!(leads.state(&mut conn, "1")?, RecordState::Deleted);
    /// leads.force_delete(&mut conn, &["1"], Actor::new("support").because("request 12"))?;
    /// assert!(matches!(leads.state(&mut conn, "1")?, RecordState::Purged { by, .. } if by == "support"));
    /// assert_eq!(leads.state(&mut conn, "99")?, RecordState::Missing);
    /// # Ok(())
    /// # }
    /// ```
    pub fn state<C>(&self, conn: &mut C, id: &str) -> Result<RecordState>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let key = TextKey::parse(self.model, id)?;
        let target = Target {
            model: self.model,
            key: &key,
        };
        run(engine::record_state(&mut Blocking(conn), &target))
    }

    fn record<'k, DB: Dialect>(&self, key: &'k TextKey) -> Asked<'k, DB> {
        Asked::Record(Target {
            model: self.model,
            key,
        })
    }
}

impl<W> Records<W> {
    /// What a row holds, active or deleted, in the order of the table's columns; `None` where there is none.
    ///
    /// `wanted` is asked for each column by its SQL name: what is not wanted is not read. Of a text the first 2,000 characters.
    /// One query of the catalogue, and `SELECT .. FROM t WHERE <key>`.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_diesel::Registry;
    /// let leads = Registry::new().with::<Lead>().with::<Callback>().records("leads")?;
    /// let fields = leads.fields(&mut conn, "1", |column| column != "name")?.unwrap();
    /// assert_eq!((fields[0].name.as_str(), fields[0].value.as_deref()), ("id", Some("1")));
    /// assert!(fields.iter().all(|field| field.name != "name"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn fields<C>(
        &self,
        conn: &mut C,
        id: &str,
        wanted: impl Fn(&str) -> bool + Sync,
    ) -> Result<Option<Vec<RecordField>>>
    where
        C: LoadConnection<Backend: Dialect>,
        W: Within<C::Backend>,
    {
        let key = TextKey::parse(self.model, id)?;
        run(engine::fields(
            &mut Blocking(conn),
            self.model,
            &key,
            self.within.predicate(),
            &wanted,
        ))
    }

    /// Marks the rows deleted with what goes along; rows that are deleted already, or not there, are passed over.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), and as [`soft_delete_by_ids`](crate::SoftDeleteDsl::soft_delete_by_ids).
    pub fn soft_delete<C, S: AsRef<str>>(
        &self,
        conn: &mut C,
        ids: &[S],
        context: impl Into<Context>,
    ) -> Result<Operation>
    where
        C: LoadConnection<Backend: Dialect>,
        W: Within<C::Backend>,
    {
        run(self.change(Blocking(conn), ids, Action::SoftDelete, &context.into()))
    }

    /// Brings the rows back with exactly what went along; rows that are active, or not there, are passed over.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), and as [`restore_by_ids`](crate::SoftDeleteDsl::restore_by_ids).
    pub fn restore<C, S: AsRef<str>>(
        &self,
        conn: &mut C,
        ids: &[S],
        context: impl Into<Context>,
    ) -> Result<Operation>
    where
        C: LoadConnection<Backend: Dialect>,
        W: Within<C::Backend>,
    {
        run(self.change(Blocking(conn), ids, Action::Restore, &context.into()))
    }

    /// Says what [`restore`](Records::restore) would do, and what is in its way, without changing anything.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), and as [`restore_plan`](crate::SoftDeleteDsl::restore_plan).
    pub fn restore_plan<C, S: AsRef<str>>(
        &self,
        conn: &mut C,
        ids: &[S],
        context: impl Into<Context>,
    ) -> Result<RestorePlan>
    where
        C: LoadConnection<Backend: Dialect>,
        W: Within<C::Backend>,
    {
        let keys = self.keys(ids)?;
        let bound = bound::<C::Backend>(&keys);
        run(engine::restore_plan(
            &mut Blocking(conn),
            self.model,
            &self.rows(&bound),
            &context.into(),
        ))
    }

    /// Removes deleted rows for good before their time; needs a reason.
    ///
    /// # Errors
    /// [`BadKey`](crate::Error::BadKey), and as [`force_delete_where`](crate::SoftDeleteDsl::force_delete_where).
    pub fn force_delete<C, S: AsRef<str>>(
        &self,
        conn: &mut C,
        ids: &[S],
        context: impl Into<Context>,
    ) -> Result<Operation>
    where
        C: LoadConnection<Backend: Dialect>,
        W: Within<C::Backend>,
    {
        let keys = self.keys(ids)?;
        let bound = bound::<C::Backend>(&keys);
        run(engine::force_delete(
            &mut Blocking(conn),
            self.model,
            &self.rows(&bound),
            &context.into(),
        ))
    }

    fn keys<S: AsRef<str>>(&self, ids: &[S]) -> Result<Vec<TextKey>> {
        ids.iter()
            .map(|id| TextKey::parse(self.model, id.as_ref()))
            .collect()
    }

    fn rows<'r, DB: Dialect>(&'r self, keys: &'r [&'r dyn KeyBinds<DB>]) -> Rows<'r, DB>
    where
        W: Within<DB>,
    {
        match self.within.predicate() {
            Some(predicate) => Rows::KeysWithin(keys, predicate),
            None => Rows::Keys(keys),
        }
    }

    async fn change<E: Executor, S: AsRef<str>>(
        &self,
        mut executor: E,
        ids: &[S],
        action: Action,
        context: &Context,
    ) -> Result<Operation>
    where
        W: Within<E::DB>,
    {
        let keys = self.keys(ids)?;
        let bound = bound::<E::DB>(&keys);
        engine::change_set(&mut executor, self.model, &[self.rows(&bound)], action, context).await
    }
}

/// A column of a row, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordField {
    /// The SQL name.
    pub name: String,
    /// What it holds; `None` is NULL.
    pub value: Option<String>,
    /// Whether the value is told; bytes are not, and have an empty one.
    pub is_text: bool,
}

fn bound<DB: Dialect>(keys: &[TextKey]) -> Vec<&dyn KeyBinds<DB>> {
    keys.iter().map(|key| key as &dyn KeyBinds<DB>).collect()
}
