//! Removing expired rows for good.

mod progress;
mod runs;
mod settings;
mod stop;

use std::time::Duration;

use diesel::connection::LoadConnection;
use soft_delete_core::{CleanupReport, Context, Retention};

pub use progress::Progress;
#[cfg(feature = "async")]
pub use runs::runs_async;
pub use runs::{Run, RunState, runs};
pub(crate) use settings::{Limits, Listeners, Settings};
pub use stop::StopHandle;

use crate::{
    Dialect, Registry, Result, engine,
    executor::{Blocking, run},
};

/// Removes the rows of a registry's models for good whose retention is over, in batches, each with its audit rows.
///
/// A row goes only if, in the very statement that removes it, it is deleted, expired and not held, and nothing refers to it.
/// Models go children first; rows that others still refer to are reported as blocked, and the run goes on. Rows that
/// somebody else is working on are passed over and looked at once more at the end. Each batch is a transaction of its own
/// (PostgreSQL: mostly one statement), so a run that is killed at any moment has lost nothing, and the next one goes on.
///
/// ```
/// # include!("../doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_core::{FixedClock, chrono::TimeDelta};
/// use soft_delete_diesel::{Cleanup, Registry};
/// let registry = Registry::new().with::<Lead>().with::<Callback>();
/// let mut lead = Lead { id: 1, deleted_at: None };
/// lead.soft_delete(&mut conn, Actor::new("bob"))?;
///
/// let report = Cleanup::new(&registry).run(&mut conn)?;
/// assert_eq!(report.purged(), 0); // thirty days to go
///
/// // A test moves the clock, and says that this clock is the one that counts.
/// let later = FixedClock::at(lead.deleted_at().unwrap() + TimeDelta::days(30));
/// let cleanup = || Cleanup::new(&registry).by(Actor::new("cron").because("30 days").clock(later.clone())).trust_clock(true);
/// let forecast = cleanup().dry_run(true).run(&mut conn)?;
/// let report = cleanup().run(&mut conn)?;
/// assert_eq!((forecast.purged(), report.purged()), (1, 1));
/// assert!(report.is_complete());
/// # Ok(())
/// # }
/// ```
#[must_use = "a cleanup does nothing until it is run"]
pub struct Cleanup<'a>(Settings<'a>);

impl<'a> Cleanup<'a> {
    /// A cleanup of all models of a registry, with the defaults that each setting names.
    pub fn new(registry: &'a Registry) -> Self {
        Self(Settings::new(registry))
    }

    /// Cleans this model, by its SQL table, and no other that is not named as well.
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.0.models.push(name.into());
        self
    }

    /// Cleans these models and no others; an empty list is all.
    pub fn models<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.0.models.extend(names.into_iter().map(Into::into));
        self
    }

    /// Who cleans, why, and by which clock; `Actor::new("cleanup")` by the system's clock unless it is said.
    pub fn by(mut self, who: impl Into<Context>) -> Self {
        self.0.who = who.into();
        self
    }

    /// Only answers what a run would do, from the same conditions, in a transaction in which the database itself refuses to
    /// write (unless the caller has begun one already). Where several models lead back to each other in a circle, it looks one
    /// step far: a living row further along keeps more than it tells.
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.0.limits.dry_run = dry_run;
        self
    }

    /// So many rows of one model a transaction: 1 to 10,000, by default 1,000.
    pub fn batch_size(mut self, rows: u32) -> Self {
        self.0.limits.batch_size = rows;
        self
    }

    /// Stops after so many rows of all models.
    pub fn max_rows(mut self, rows: u64) -> Self {
        self.0.limits.max_rows = Some(rows);
        self
    }

    /// The part of a table that may go at once, more than 0 to 1, by default a half: a table of over 1,000 rows of which
    /// more is due is refused before anything is removed.
    pub fn max_fraction(mut self, fraction: f64) -> Self {
        self.0.limits.max_fraction = fraction;
        self
    }

    /// Stops after the batch in which this time is over.
    pub fn max_duration(mut self, time: Duration) -> Self {
        self.0.limits.max_duration = Some(time);
        self
    }

    /// Writes the rows of each batch, and what they own, to a file before they are removed, in the same transaction: what is
    /// not in the file stays in the database. [`load_archive`](crate::load_archive) puts them back. Each batch is written
    /// and on the disk (`fsync`) before its `DELETE`; on a connection of diesel-async this does not yield.
    ///
    /// A run that is undone by a transaction of the caller's leaves a file whose rows are still there; loading it changes
    /// nothing.
    #[cfg(feature = "archive")]
    pub fn archive(mut self, archive: crate::Archive) -> Self {
        self.0.archive = Some(archive);
        self
    }

    /// Waits so long after each batch, so that others can write; by default 10 ms.
    pub fn pause(mut self, time: Duration) -> Self {
        self.0.limits.pause = time;
        self
    }

    /// In this run, deleted rows stay so long, whatever their models say. Rows with a `purge_after` of their own keep what
    /// they were promised.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.0.limits.retention = Some(retention);
        self
    }

    /// How far the clocks of the application and of the database may be apart, by default 60 s: beyond that the run is
    /// refused, within it the earlier of the two counts.
    pub fn max_clock_skew(mut self, skew: Duration) -> Self {
        self.0.limits.max_clock_skew = Some(skew);
        self
    }

    /// Counts by the application's clock alone, however far it is from the database's: for tests that move it.
    pub fn trust_clock(mut self, trust: bool) -> Self {
        self.0.limits.max_clock_skew = (!trust).then_some(Duration::from_secs(60));
        self
    }

    /// How long nobody else begins a cleanup after this one was last heard of, by default 15 s, by the database's clock.
    ///
    /// It keeps schedulers on several machines from doing the work twice. Nothing else depends on it: two cleanups side by
    /// side are as right as one.
    pub fn lease(mut self, time: Duration) -> Self {
        self.0.limits.lease = Some(time);
        self
    }

    /// Takes no lease, and asks nobody who has one.
    pub fn without_lease(mut self) -> Self {
        self.0.limits.lease = None;
        self
    }

    /// Stops after the current batch once this handle is told to.
    pub fn stop(mut self, handle: &StopHandle) -> Self {
        self.0.stop = handle.clone();
        self
    }

    /// Is told of every batch, after it is committed.
    pub fn progress(mut self, listener: impl FnMut(&Progress<'_>) + Send + 'a) -> Self {
        self.0.listeners.progress = Some(Box::new(listener));
        self
    }

    /// Is asked before every batch how long to wait, for a replica to catch up for example, and again after that time;
    /// `None` goes on.
    pub fn throttle(mut self, question: impl FnMut(&Progress<'_>) -> Option<Duration> + Send + 'a) -> Self {
        self.0.listeners.throttle = Some(Box::new(question));
        self
    }

    pub(crate) fn into_settings(self) -> Settings<'a> {
        self.0
    }

    /// Runs it.
    ///
    /// Statements per batch: one on PostgreSQL for a model without hooks and owned rows; otherwise the lock, the owned rows
    /// of each relation, the audit, the removal.
    ///
    /// # Errors
    /// Before anything is removed: [`BadSetting`](crate::Error::BadSetting),
    /// [`UnknownModel`](crate::Error::UnknownModel), [`UnregisteredRelation`](crate::Error::UnregisteredRelation),
    /// [`ClockSkew`](crate::Error::ClockSkew), [`DangerousForeignKey`](crate::Error::DangerousForeignKey),
    /// [`TooManyRows`](crate::Error::TooManyRows), [`NotPermitted`](crate::Error::NotPermitted),
    /// [`AlreadyRunning`](crate::Error::AlreadyRunning), [`SchemaMissing`](crate::Error::SchemaMissing).
    /// Later: [`CleanupFailed`](crate::Error::CleanupFailed), which carries the report of what was done.
    pub fn run<C>(self, conn: &mut C) -> Result<CleanupReport>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        run(engine::cleanup(&mut Blocking(conn), self.0))
    }

    /// As [`run`](Cleanup::run), on a connection of diesel-async. Dropping the future stops it, with the current batch
    /// rolled back once the connection is closed; to stop it cleanly use a [`StopHandle`].
    ///
    /// # Errors
    /// As [`run`](Cleanup::run).
    #[cfg(feature = "async")]
    pub async fn run_async<C>(self, conn: &mut C) -> Result<CleanupReport>
    where
        C: diesel_async::AsyncConnection<Backend: Dialect>,
    {
        engine::cleanup(&mut crate::executor::Async(conn), self.0).await
    }

    /// Removes **every deleted row, however young**, but for those that are held or referred to. Needs a reason.
    ///
    /// The brakes are the same, so a table of which more than [`max_fraction`](Cleanup::max_fraction) is deleted is refused
    /// until that is said. Audit rows say `force_delete`.
    ///
    /// # Errors
    /// [`ReasonRequired`](crate::Error::ReasonRequired), and as [`run`](Cleanup::run).
    pub fn force_regardless_of_age<C>(
        mut self,
        conn: &mut C,
        who: impl Into<Context>,
    ) -> Result<CleanupReport>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        self.0.who = who.into();
        self.0.limits.regardless_of_age = true;
        self.run(conn)
    }

    /// As [`force_regardless_of_age`](Cleanup::force_regardless_of_age), on a connection of diesel-async.
    ///
    /// # Errors
    /// As [`force_regardless_of_age`](Cleanup::force_regardless_of_age).
    #[cfg(feature = "async")]
    pub async fn force_regardless_of_age_async<C>(
        mut self,
        conn: &mut C,
        who: impl Into<Context>,
    ) -> Result<CleanupReport>
    where
        C: diesel_async::AsyncConnection<Backend: Dialect>,
    {
        self.0.who = who.into();
        self.0.limits.regardless_of_age = true;
        self.run_async(conn).await
    }
}
