//! What a cleanup did, or would do.

use std::{fmt, path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Cause, CauseKind};

/// What a cleanup did, or a dry run says that it would.
///
/// ```
/// # use soft_delete_core::Stopped;
/// assert!(Stopped::Completed.is_complete());
/// assert_eq!(Stopped::MaxRows.to_string(), "the limit of rows was reached");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct CleanupReport {
    /// The run; the audit rows of what it removed carry it as `operation_id`.
    pub run_id: Uuid,
    /// Whether nothing was removed, because only an answer was wanted.
    pub dry_run: bool,
    /// The instant that retention was counted from, in UTC with microseconds.
    pub at: DateTime<Utc>,
    /// Why it ended.
    pub stopped: Stopped,
    /// The file that what was removed was written to first, if an archive was asked for and there was anything to write.
    #[cfg_attr(feature = "serde", serde(default))]
    pub archive: Option<PathBuf>,
    /// What happened to each model, in the order in which they were cleaned: children first.
    pub models: Vec<ModelReport>,
}

/// What a cleanup did to one model.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ModelReport {
    /// The SQL table.
    pub model: String,
    /// Rows that were due when it began; with every deleted row asked for, all deleted ones.
    pub expired: u64,
    /// Rows that were removed for good; in a dry run, that would be.
    pub purged: u64,
    /// Rows of tables that it `owns(..)` that went along.
    pub owned: u64,
    /// Rows that were due and are held.
    pub held: u64,
    /// Rows that were due and that others still refer to, that their own flag says are active, or that a hook or the database refused to let go.
    pub blocked_rows: u64,
    /// Rows that were due and stay with another row of their family, one that they were deleted with: it is not due yet, held or blocked,
    /// or its model was not asked for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub with_family: u64,
    /// Why rows that were due stay: together they account for all that are held, blocked, kept with their family and skipped. Empty
    /// while a run that was stopped has not counted them.
    #[cfg_attr(feature = "serde", serde(default))]
    pub causes: Vec<Cause>,
    /// The first of the blocked rows, up to [`ModelReport::BLOCKED_NAMED`], with what keeps each.
    pub blocked: Vec<BlockedRow>,
    /// Rows that were due and that somebody else was working on; the next run looks at them again.
    pub skipped: u64,
    /// Transactions that removed rows.
    pub batches: u64,
    /// Whether that is more of the table than `max_fraction` allows: a dry run says so, and the run itself is refused.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_too_many: bool,
    /// When the oldest row that was due had been deleted.
    pub oldest_deleted_at: Option<DateTime<Utc>>,
    /// How long the model took.
    pub elapsed: Duration,
}

/// A row that could not be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BlockedRow {
    /// The key as text.
    pub id: String,
    /// The foreign key that keeps it, what its flag says, or who refused.
    pub constraint: String,
}

/// Why a cleanup ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Stopped {
    /// It came to its end; [`CleanupReport::causes`] says whether rows that were due stay, and why.
    Completed,
    /// `max_rows` were removed.
    MaxRows,
    /// `max_duration` was over.
    MaxDuration,
    /// It was told to stop.
    Requested,
    /// Another cleanup took the lease over, because this one had not renewed it in time.
    LeaseLost,
    /// An error ended it.
    Failed,
}

impl CleanupReport {
    /// Rows that were removed for good, of all models, without those that are owned.
    pub fn purged(&self) -> u64 {
        self.models.iter().map(|model| model.purged).sum()
    }

    /// What happened to this model, by its SQL table.
    pub fn model(&self, name: &str) -> Option<&ModelReport> {
        self.models.iter().find(|model| model.model == name)
    }

    /// Whether everything that was due is gone, but for what is held, and what stays with its family where rows are held.
    pub fn is_complete(&self) -> bool {
        let has = |kind: CauseKind| self.causes().any(|(_, cause)| cause.kind == kind);
        let is_held = |cause: &Cause| match cause.kind {
            CauseKind::Held => true,
            CauseKind::Family => has(CauseKind::Held),
            _ => false,
        };
        self.stopped.is_complete()
            && self
                .models
                .iter()
                .all(|model| model.blocked_rows == 0 && model.skipped == 0)
            && self.causes().all(|(_, cause)| is_held(cause))
    }

    /// Rows that were due and stay, of all models, whatever keeps them.
    pub fn kept(&self) -> u64 {
        self.causes().map(|(_, cause)| cause.rows).sum()
    }

    /// Why rows stay, each with the SQL table of its model.
    pub fn causes(&self) -> impl Iterator<Item = (&str, &Cause)> {
        let models = self.models.iter();
        models.flat_map(|model| model.causes.iter().map(|cause| (model.model.as_str(), cause)))
    }

    /// How it ended, in words for people: that everything is gone only if it is.
    ///
    /// ```
    /// # use soft_delete_core::{Cause, CauseKind, CleanupReport, ModelReport, chrono::DateTime};
    /// let mut report = CleanupReport::begun(Default::default(), false, DateTime::UNIX_EPOCH);
    /// assert_eq!(report.conclusion(), "everything that could be removed is gone");
    /// let mut leads = ModelReport::begun("leads");
    /// leads.keep(Cause::new(CauseKind::Held, None, None, 2));
    /// report.models.push(leads);
    /// assert_eq!(report.conclusion(), "2 rows that were due stay");
    /// ```
    pub fn conclusion(&self) -> String {
        match (self.stopped, self.kept()) {
            (Stopped::Completed, 0) => "everything that could be removed is gone".to_owned(),
            (Stopped::Completed, 1) => "1 row that was due stays".to_owned(),
            (Stopped::Completed, rows) => format!("{rows} rows that were due stay"),
            (stopped, _) => stopped.to_string(),
        }
    }

    /// A report to be filled; for who runs a cleanup.
    #[doc(hidden)]
    pub fn begun(run_id: Uuid, dry_run: bool, at: DateTime<Utc>) -> Self {
        Self {
            run_id,
            dry_run,
            at,
            stopped: Stopped::Completed,
            archive: None,
            models: Vec::new(),
        }
    }
}

impl ModelReport {
    /// How many blocked rows are named; the rest is only counted, so that a report stays small.
    pub const BLOCKED_NAMED: usize = 100;

    /// A report to be filled; for who runs a cleanup.
    #[doc(hidden)]
    pub fn begun(model: &str) -> Self {
        Self {
            model: model.to_owned(),
            expired: 0,
            purged: 0,
            owned: 0,
            held: 0,
            blocked_rows: 0,
            with_family: 0,
            causes: Vec::new(),
            blocked: Vec::new(),
            skipped: 0,
            batches: 0,
            is_too_many: false,
            oldest_deleted_at: None,
            elapsed: Duration::ZERO,
        }
    }

    /// Notes why rows stay.
    #[doc(hidden)]
    pub fn keep(&mut self, cause: Cause) {
        if cause.rows == 0 {
            return;
        }
        let is_same = |known: &&mut Cause| {
            // What a database says of each row differs, and one line tells enough.
            let is_one = known.constraint == cause.constraint || cause.kind == CauseKind::Refused;
            known.kind == cause.kind && known.table == cause.table && is_one
        };
        match self.causes.iter_mut().find(is_same) {
            Some(known) => known.rows += cause.rows,
            None => self.causes.push(cause),
        }
    }

    /// Notes a row that could not be removed.
    #[doc(hidden)]
    pub fn block(&mut self, id: String, constraint: String) {
        if self.blocked.len() < Self::BLOCKED_NAMED {
            self.blocked.push(BlockedRow { id, constraint });
        }
    }
}

impl Stopped {
    /// Whether it came to its end by itself.
    pub fn is_complete(self) -> bool {
        self == Self::Completed
    }

    /// The word for it in the table of runs and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::MaxRows => "max_rows",
            Self::MaxDuration => "max_duration",
            Self::Requested => "requested",
            Self::LeaseLost => "lease_lost",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Completed => "it came to its end",
            Self::MaxRows => "the limit of rows was reached",
            Self::MaxDuration => "the limit of time was reached",
            Self::Requested => "it was told to stop",
            Self::LeaseLost => "another cleanup took over",
            Self::Failed => "an error ended it",
        })
    }
}

impl fmt::Display for ModelReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} of {} due", self.model, self.purged, self.expired)?;
        let others = [
            (self.owned, "owned"),
            (self.held, "held"),
            (self.blocked_rows, "blocked"),
            (self.with_family, "kept with their family"),
            (self.skipped, "skipped"),
        ];
        for (rows, what) in others.into_iter().filter(|(rows, _)| *rows > 0) {
            write!(f, ", {rows} {what}")?;
        }
        if self.is_too_many {
            f.write_str(", more of the table than is allowed")?;
        }
        Ok(())
    }
}

impl fmt::Display for CleanupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.dry_run {
            "would be removed"
        } else {
            "removed"
        };
        for model in &self.models {
            writeln!(f, "{model} {verb}")?;
        }
        if let Some(archive) = &self.archive {
            writeln!(f, "archived to {}", archive.display())?;
        }
        for (model, cause) in self.causes() {
            writeln!(f, "{}", cause.describe(model))?;
        }
        // What was not begun did not stop.
        if self.dry_run {
            return f.write_str("nothing was changed");
        }
        f.write_str(&self.conclusion())
    }
}
