//! The cleanups of the past, and those that are running.

use std::fmt;

use diesel::connection::LoadConnection;
use soft_delete_core::{
    Action,
    chrono::{DateTime, Utc},
};

use crate::{
    DeletionId, Dialect, Page, Result, engine,
    executor::{Blocking, run},
    statement::{TextRow, parse_time, readable},
};

/// What one cleanup did to one model, as the table `soft_delete_runs` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Run {
    /// The run; the audit rows of what it removed carry it as `operation_id`.
    pub id: DeletionId,
    /// The SQL table.
    pub model: String,
    /// `purge`, or `force_delete` for a cleanup regardless of age.
    pub action: Action,
    /// Who ran it.
    pub actor: String,
    /// Why, if it was said.
    pub reason: Option<String>,
    /// What became of it.
    pub state: RunState,
    /// Why it ended, in the words of [`Stopped`](soft_delete_core::Stopped).
    pub stopped: Option<String>,
    /// The error that ended it.
    pub error: Option<String>,
    /// The latest deletion that was due by the model's retention.
    pub cutoff: Option<DateTime<Utc>>,
    /// When it began, by the database's clock.
    pub started_at: DateTime<Utc>,
    /// When it was last heard of.
    pub seen_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Rows that were due when it began.
    pub expired: u64,
    /// Rows that it removed.
    pub purged: u64,
    /// Owned rows that went along.
    pub owned: u64,
    /// Rows that were due and held.
    pub held: u64,
    /// Rows that were due and referred to.
    pub blocked: u64,
    /// Rows that were due and being worked on.
    pub skipped: u64,
    /// Transactions.
    pub batches: u64,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum RunState {
    /// It goes on, or its process has died and nobody has noticed yet.
    Running,
    /// It came to its end.
    Completed,
    /// A limit or somebody stopped it.
    Stopped,
    /// An error ended it.
    Failed,
    /// Its process died; the next run noticed.
    Abandoned,
}

impl RunState {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Running, "running"),
        (Self::Completed, "completed"),
        (Self::Stopped, "stopped"),
        (Self::Failed, "failed"),
        (Self::Abandoned, "abandoned"),
    ];

    fn read(word: &str) -> std::result::Result<Self, &'static str> {
        let known = Self::ALL.into_iter().find(|(_, known)| *known == word);
        known.map(|(state, _)| state).ok_or("it is not a state of a run")
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::ALL.into_iter().find(|(state, _)| state == self);
        f.pad(word.map_or("", |(_, word)| word))
    }
}

impl Run {
    /// Reads a row of the `RunsPage` statement.
    pub(crate) fn read(mut row: TextRow) -> Result<Self> {
        const TABLE: &str = "soft_delete_runs";
        let mut field = |index| row.take(index);
        let time = |column, text: Option<String>| {
            text.map(|text| readable(TABLE, column, text, parse_time))
                .transpose()
        };
        let must =
            |column, text: Option<String>| readable(TABLE, column, text.unwrap_or_default(), parse_time);
        let number = |text: Option<String>| readable(TABLE, "rows", text.unwrap_or_default(), str::parse);
        Ok(Self {
            id: readable(TABLE, "run_id", field(0).unwrap_or_default(), str::parse)?,
            model: field(1).unwrap_or_default(),
            action: readable(TABLE, "action", field(2).unwrap_or_default(), str::parse)?,
            actor: field(3).unwrap_or_default(),
            reason: field(4),
            state: readable(TABLE, "state", field(5).unwrap_or_default(), RunState::read)?,
            stopped: field(6),
            error: field(7),
            cutoff: time("cutoff", field(8))?,
            started_at: must("started_at", field(9))?,
            seen_at: must("seen_at", field(10))?,
            finished_at: time("finished_at", field(11))?,
            expired: number(field(12))?,
            purged: number(field(13))?,
            owned: number(field(14))?,
            held: number(field(15))?,
            blocked: number(field(16))?,
            skipped: number(field(17))?,
            batches: number(field(18))?,
        })
    }
}

/// A page of cleanups, newest first, an entry for each model of each; the page counts runs, not entries.
///
/// # Errors
/// [`PageSize`](crate::Error::PageSize), [`SchemaMissing`](crate::Error::SchemaMissing),
/// [`Unreadable`](crate::Error::Unreadable), [`Database`](crate::Error::Database).
///
/// ```
/// # include!("../doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_diesel::{Cleanup, Page, Registry, RunState, runs};
/// let registry = Registry::new().with::<Callback>();
/// let report = Cleanup::new(&registry).run(&mut conn)?;
/// let newest = &runs(&mut conn, Page::of(1))?[0];
/// assert_eq!((newest.id.as_uuid(), newest.model.as_str(), newest.state), (report.run_id, "callbacks", RunState::Completed));
/// # Ok(())
/// # }
/// ```
pub fn runs<C>(conn: &mut C, page: Page) -> Result<Vec<Run>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::runs(&mut Blocking(conn), page))
}

/// As [`runs`], on a connection of diesel-async.
///
/// # Errors
/// As [`runs`].
#[cfg(feature = "async")]
pub async fn runs_async<C>(conn: &mut C, page: Page) -> Result<Vec<Run>>
where
    C: diesel_async::AsyncConnection<Backend: Dialect>,
{
    engine::runs(&mut crate::executor::Async(conn), page).await
}
