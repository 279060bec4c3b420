//! The audit trail: who did what to which row, and when.

use std::fmt;

use diesel::connection::LoadConnection;
use soft_delete_core::{
    Action,
    chrono::{DateTime, Utc},
};

use crate::{
    AuditRecord, DeletionId, Dialect, Result, engine,
    executor::{Blocking, run},
};

/// Which acts of the audit trail are asked for: filters, and a part of the list.
///
/// ```
/// use soft_delete_diesel::Trail;
/// let by_bob = Trail::new().model("leads").by("bob").size(20);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a trail is for `audit`"]
pub struct Trail {
    pub(crate) model: Option<String>,
    pub(crate) record: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) action: Option<Action>,
    pub(crate) operation: Option<DeletionId>,
    pub(crate) reason: Option<String>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) to: Option<DateTime<Utc>>,
    pub(crate) size: Option<u32>,
    pub(crate) before: Option<i64>,
}

impl Trail {
    /// As many acts as a page has unless it is said.
    pub const SIZE: u32 = 50;

    /// All acts, the newest page.
    pub fn new() -> Self {
        Self::default()
    }

    /// On rows of this model, by its SQL table; it need not be registered, or be there any more.
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.model = Some(name.into());
        self
    }

    /// On rows with this key, as text.
    pub fn record(mut self, id: impl Into<String>) -> Self {
        self.record = Some(id.into());
        self
    }

    /// By this actor.
    pub fn by(mut self, actor: impl fmt::Display) -> Self {
        self.by = Some(actor.to_string());
        self
    }

    /// Of this kind.
    pub fn action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// Of this operation.
    pub fn operation(mut self, id: DeletionId) -> Self {
        self.operation = Some(id);
        self
    }

    /// With this text in the reason; whether case counts is the database's to say.
    pub fn reason_contains(mut self, text: impl Into<String>) -> Self {
        self.reason = Some(text.into());
        self
    }

    /// At this instant or later.
    pub fn since(mut self, instant: DateTime<Utc>) -> Self {
        self.from = Some(instant);
        self
    }

    /// Before this instant.
    pub fn until(mut self, instant: DateTime<Utc>) -> Self {
        self.to = Some(instant);
        self
    }

    /// So many acts a page, 1 to [`Page::LARGEST`](crate::Page::LARGEST); by default [`Trail::SIZE`].
    pub fn size(mut self, acts: u32) -> Self {
        self.size = Some(acts);
        self
    }

    /// The page after this act: [`AuditRecord::id`] of the last one of the page before.
    pub fn before(mut self, id: i64) -> Self {
        self.before = Some(id);
        self
    }
}

/// A page of the audit trail, newest first: one statement, along the primary key or the index that a filter names.
///
/// # Errors
/// [`PageSize`](crate::Error::PageSize), [`SchemaMissing`](crate::Error::SchemaMissing),
/// [`Unreadable`](crate::Error::Unreadable), [`Database`](crate::Error::Database).
///
/// ```
/// # include!("doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_diesel::{Trail, audit};
/// Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new("bob").because("left"))?;
/// let newest = &audit(&mut conn, &Trail::new().by("bob").size(1))?[0];
/// assert_eq!((newest.record_id.as_str(), newest.reason.as_deref()), ("11", Some("left")));
/// assert_eq!(audit(&mut conn, &Trail::new().before(newest.id))?.len(), 1);
/// assert!(audit(&mut conn, &Trail::new().by("ann"))?.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn audit<C>(conn: &mut C, trail: &Trail) -> Result<Vec<AuditRecord>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::audit(&mut Blocking(conn), trail))
}

/// As [`audit`], on a connection of diesel-async.
///
/// # Errors
/// As [`audit`].
#[cfg(feature = "async")]
pub async fn audit_async<C>(conn: &mut C, trail: &Trail) -> Result<Vec<AuditRecord>>
where
    C: diesel_async::AsyncConnection<Backend: Dialect>,
{
    engine::audit(&mut crate::executor::Async(conn), trail).await
}
