//! The operations of the past, newest first.

use diesel::connection::LoadConnection;
use soft_delete_core::{
    Action,
    chrono::{DateTime, Utc},
};

use crate::{
    DeletionId, Dialect, GoneRows, ModelRows, Page, Registry, Result, engine,
    executor::{Blocking, run},
    statement::{TextRow, parse_time, readable},
};

/// One operation as the audit trail tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct OperationEntry {
    /// The identity; what [`undo`](crate::undo) takes.
    pub id: DeletionId,
    /// What was done.
    pub action: Action,
    /// Who did it.
    pub actor: String,
    /// Why, if it was said.
    pub reason: Option<String>,
    /// When, in UTC with microseconds.
    pub at: DateTime<Utc>,
    /// How many rows were asked for; the others went along.
    pub roots: u64,
    /// How many rows of each model it changed.
    pub models: Vec<ModelRows>,
    /// Of a deletion, how many rows of each registered model are still deleted by it; models without any are left out.
    pub left: Vec<ModelRows>,
    /// Of a deletion, how many rows of each model were removed for good since; models without any are left out.
    #[cfg_attr(feature = "serde", serde(default))]
    pub gone: Vec<GoneRows>,
}

impl OperationEntry {
    /// How many rows it changed in all.
    pub fn rows(&self) -> u64 {
        self.models.iter().map(|model| model.rows).sum()
    }

    /// Whether there is something left to undo.
    pub fn is_undoable(&self) -> bool {
        !self.left.is_empty()
    }

    /// Reads a row of the `OperationsPage` statement.
    pub(crate) fn read(mut row: TextRow) -> Result<Self> {
        const TABLE: &str = "soft_delete_audit";
        let mut field = |index| row.take(index).unwrap_or_default();
        let (id, action, actor, at) = (field(0), field(1), field(2), field(4));
        Ok(Self {
            id: readable(TABLE, "operation_id", id, str::parse)?,
            action: readable(TABLE, "action", action, str::parse)?,
            actor,
            reason: row.take(3),
            at: readable(TABLE, "at", at, parse_time)?,
            roots: 0,
            models: Vec::new(),
            left: Vec::new(),
            gone: Vec::new(),
        })
    }
}

/// A page of the operations of the past, newest first, with what each reached and what is left of it.
///
/// Operations are found by skipping along the index on their identities, which sort by time; then one query counts the audit
/// rows of the page, and one for each model of the registry counts what is left, and where that is less than there was, one counts what is gone. The cost depends on the operations on the
/// page, not on how many there are.
///
/// # Errors
/// [`PageSize`](crate::Error::PageSize), [`SchemaMissing`](crate::Error::SchemaMissing),
/// [`Unreadable`](crate::Error::Unreadable), [`Database`](crate::Error::Database).
///
/// ```
/// # include!("doctest_setup.rs");
/// # use soft_delete_diesel::{Page, Registry, operations, undo};
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// let registry = Registry::new().with::<Lead>().with::<Callback>();
/// let gone = Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new("bob").because("left"))?;
/// let newest = &operations(&mut conn, &registry, Page::of(20))?[0];
/// assert_eq!((newest.id, newest.actor.as_str(), newest.roots, newest.left[0].rows), (gone.id, "bob", 2, 2));
/// let next = operations(&mut conn, &registry, Page::of(20).after(newest.id))?;
/// assert!(next.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn operations<C>(conn: &mut C, registry: &Registry, page: Page) -> Result<Vec<OperationEntry>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::operations(&mut Blocking(conn), registry, page))
}

/// As [`operations`], on a connection of diesel-async.
///
/// # Errors
/// As [`operations`].
#[cfg(feature = "async")]
pub async fn operations_async<C>(conn: &mut C, registry: &Registry, page: Page) -> Result<Vec<OperationEntry>>
where
    C: diesel_async::AsyncConnection<Backend: Dialect>,
{
    engine::operations(&mut crate::executor::Async(conn), registry, page).await
}
