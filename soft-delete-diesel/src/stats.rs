//! How many rows of each model are in which state.

use diesel::connection::LoadConnection;
use soft_delete_core::{
    Clock, SystemClock,
    chrono::{DateTime, TimeDelta, Utc},
};

use crate::{
    Dialect, Registry, Result, engine,
    executor::{Blocking, run},
};

/// How many rows of a model are in which state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ModelStats {
    /// The SQL table.
    pub model: String,
    /// Rows that are not deleted.
    pub active: u64,
    /// Rows that are deleted, expired ones included.
    pub deleted: u64,
    /// Deleted rows that are due for removal.
    pub expired: u64,
    /// Deleted rows that are not due, and will be within the days that were asked for.
    pub expiring_soon: u64,
    /// Deleted rows that a hold in force keeps.
    pub held: u64,
    /// When the first of the deleted rows was deleted; `None` also for a time that cannot be read.
    pub oldest_deleted_at: Option<DateTime<Utc>>,
    /// Whether `active` is the catalogue's estimate, because the table is large.
    pub is_estimated: bool,
}

impl ModelStats {
    /// All rows.
    pub fn total(&self) -> u64 {
        self.active + self.deleted
    }

    /// The part of the rows that is deleted, 0 to 1: what every query has to pass over.
    #[allow(clippy::cast_precision_loss, reason = "for people to look at")]
    pub fn deleted_share(&self) -> f64 {
        if self.deleted == 0 {
            return 0.0;
        }
        self.deleted as f64 / self.total() as f64
    }
}

/// A question for the statistics of a registry's models; [`Registry::stats`] asks it with the defaults.
///
/// ```
/// # include!("doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_core::chrono::TimeDelta;
/// use soft_delete_diesel::{Registry, Stats};
/// let registry = Registry::new().with::<Lead>();
/// let mut lead = Lead { id: 1, deleted_at: None };
/// lead.soft_delete(&mut conn, Actor::new("bob"))?;
/// let in_25_days = lead.deleted_at().unwrap() + TimeDelta::days(25);
/// let stats = Stats::of(&registry).at(in_25_days).expiring_within(7).run(&mut conn)?;
/// assert_eq!((stats[0].deleted, stats[0].expired, stats[0].expiring_soon), (1, 0, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a question is to be asked"]
pub struct Stats<'a> {
    registry: &'a Registry,
    pub(crate) now: Option<DateTime<Utc>>,
    pub(crate) soon_days: u32,
    pub(crate) estimate_above: u64,
}

impl<'a> Stats<'a> {
    /// The statistics of all models: by the system's clock, seven days ahead, exact whatever the size.
    pub fn of(registry: &'a Registry) -> Self {
        Self {
            registry,
            now: None,
            soon_days: 7,
            estimate_above: u64::MAX,
        }
    }

    /// The instant that tells what is expired and held.
    pub fn at(self, instant: DateTime<Utc>) -> Self {
        Self {
            now: Some(instant),
            ..self
        }
    }

    /// How many days ahead rows count as expiring soon.
    pub fn expiring_within(self, days: u32) -> Self {
        Self {
            soon_days: days,
            ..self
        }
    }

    /// For a table of which the catalogue says that it has more rows than this, the active rows are its estimate and not
    /// counted. SQLite has no such catalogue.
    pub fn estimate_above(self, rows: u64) -> Self {
        Self {
            estimate_above: rows,
            ..self
        }
    }

    /// Asks: one statement for each model, so that its figures belong together; one more where estimates are allowed.
    ///
    /// # Errors
    /// [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database).
    pub fn run<C>(self, conn: &mut C) -> Result<Vec<ModelStats>>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        self.registry.check_rules()?;
        run(engine::stats(&mut Blocking(conn), self.registry, &self))
    }

    /// As [`run`](Stats::run), on a connection of diesel-async.
    ///
    /// # Errors
    /// As [`run`](Stats::run).
    #[cfg(feature = "async")]
    pub async fn run_async<C>(self, conn: &mut C) -> Result<Vec<ModelStats>>
    where
        C: diesel_async::AsyncConnection<Backend: Dialect>,
    {
        self.registry.check_rules()?;
        engine::stats(&mut crate::executor::Async(conn), self.registry, &self).await
    }

    pub(crate) fn instant(&self) -> DateTime<Utc> {
        self.now.unwrap_or_else(|| SystemClock.now())
    }

    pub(crate) fn later(&self) -> DateTime<Utc> {
        let days = TimeDelta::days(self.soon_days.into());
        self.instant()
            .checked_add_signed(days)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl Registry {
    /// How many rows of each model are active, deleted, expired, expiring within seven days, and held:
    /// [`Stats`] with its defaults.
    ///
    /// # Errors
    /// As [`Stats::run`].
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_diesel::Registry;
    /// let registry = Registry::new().with::<Lead>().with::<Callback>();
    /// Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new("bob"))?;
    /// let stats = registry.stats(&mut conn)?;
    /// assert_eq!((stats[1].model.as_str(), stats[1].active, stats[1].deleted), ("callbacks", 0, 2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn stats<C>(&self, conn: &mut C) -> Result<Vec<ModelStats>>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        Stats::of(self).run(conn)
    }

    /// As [`stats`](Registry::stats), on a connection of diesel-async.
    ///
    /// # Errors
    /// As [`stats`](Registry::stats).
    #[cfg(feature = "async")]
    pub async fn stats_async<C>(&self, conn: &mut C) -> Result<Vec<ModelStats>>
    where
        C: diesel_async::AsyncConnection<Backend: Dialect>,
    {
        Stats::of(self).run_async(conn).await
    }
}
