//! Putting the rows of an archive back, and what came of it.

use std::{fmt, path::Path};

use diesel::connection::LoadConnection;
use soft_delete_core::Context;
use uuid::Uuid;

use super::ArchiveIndex;
use crate::{
    Dialect, Registry, Result, engine,
    executor::{Blocking, run},
};

/// What [`load_archive`] put back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
#[must_use = "rows may have been refused"]
pub struct LoadReport {
    /// The operation; the audit rows of what was put back carry it.
    pub operation_id: Uuid,
    /// The cleanup that wrote the archive.
    pub run_id: Uuid,
    /// Whether the file ends in the middle of a batch. The rows of that batch were not removed when the run ended there.
    pub is_cut: bool,
    /// What happened to each model.
    pub models: Vec<LoadedModel>,
}

/// What [`load_archive`] put back of one model.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct LoadedModel {
    /// The SQL table.
    pub model: String,
    /// Rows that are back, deleted as they were.
    pub loaded: u64,
    /// Rows of tables that it `owns(..)` that came along.
    pub owned: u64,
    /// Rows whose key is in the table: they were never removed, or are back already.
    pub already_there: u64,
    /// Rows of these that are back with NULL where they referred to a row that was refused; they are named among the refused.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub incomplete: u64,
    /// Rows that the database or a hook refused.
    pub refused_rows: u64,
    /// The first of the refused rows, up to [`LoadedModel::REFUSED_NAMED`], with what is in the way of each.
    pub refused: Vec<RefusedRow>,
}

/// A row that could not be put back, or not whole.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RefusedRow {
    /// The key as text.
    pub id: String,
    /// The constraint, or who refused.
    pub problem: String,
    /// Whether the row is back, with NULL where it referred to one that is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_incomplete: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(rows: &u64) -> bool {
    *rows == 0
}

impl LoadReport {
    /// Rows of all models that are back, without those that are owned.
    pub fn loaded(&self) -> u64 {
        self.models.iter().map(|model| model.loaded).sum()
    }

    /// Rows of all models that are back with NULL where they referred to rows that are not.
    pub fn incomplete(&self) -> u64 {
        self.models.iter().map(|model| model.incomplete).sum()
    }

    /// Rows of all models that were refused.
    pub fn refused(&self) -> u64 {
        self.models.iter().map(|model| model.refused_rows).sum()
    }

    /// What happened to this model, by its SQL table.
    pub fn model(&self, name: &str) -> Option<&LoadedModel> {
        self.models.iter().find(|model| model.model == name)
    }

    pub(crate) fn begun(index: &ArchiveIndex) -> Self {
        Self {
            operation_id: Uuid::nil(),
            run_id: index.header.run_id,
            is_cut: index.is_cut,
            models: Vec::new(),
        }
    }
}

impl LoadedModel {
    /// How many refused rows are named; the rest is only counted.
    pub const REFUSED_NAMED: usize = 100;

    pub(crate) fn begun(model: &str) -> Self {
        Self {
            model: model.to_owned(),
            loaded: 0,
            owned: 0,
            already_there: 0,
            incomplete: 0,
            refused_rows: 0,
            refused: Vec::new(),
        }
    }

    pub(crate) fn refuse(&mut self, id: String, problem: String) {
        self.refused_rows += 1;
        self.name(id, problem, false);
    }

    pub(crate) fn leave_incomplete(&mut self, id: String, problem: String) {
        self.incomplete += 1;
        self.name(id, problem, true);
    }

    fn name(&mut self, id: String, problem: String, is_incomplete: bool) {
        if self.refused.len() < Self::REFUSED_NAMED {
            self.refused.push(RefusedRow {
                id,
                problem,
                is_incomplete,
            });
        }
    }
}

impl fmt::Display for LoadedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} back", self.model, self.loaded)?;
        let others = [
            (self.owned, "owned"),
            (self.already_there, "already there"),
            (self.incomplete, "incomplete"),
            (self.refused_rows, "refused"),
        ];
        for (rows, what) in others.into_iter().filter(|(rows, _)| *rows > 0) {
            write!(f, ", {rows} {what}")?;
        }
        Ok(())
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for model in &self.models {
            writeln!(f, "{model}")?;
        }
        f.write_str(if self.is_cut {
            "the last batch of the file is not whole: its rows were not removed"
        } else {
            "the file was read to its end"
        })
    }
}

/// Puts back what a cleanup wrote to its [`Archive`](crate::Archive): the rows, **deleted as they were**, and what they owned.
///
/// All of the file is read before the first row is written. Then what was removed last comes back first, so that parents are
/// there before their children, a few hundred rows a transaction, each with an audit row that says `load`:
/// `INSERT INTO t (..) VALUES (..), ..`. Rows whose key is in the table stay as they are there, so that it can be repeated
/// after an error. Rows that a constraint refuses are left out and reported.
///
/// Rows that are back are due as they were: restore them, or place a hold, before the next cleanup removes them again.
///
/// # Errors
/// [`BadArchive`](crate::Error::BadArchive) names the line of a file that was changed or is of another database, version or
/// table; [`UnknownModel`](crate::Error::UnknownModel) when the registry does not hold a model of it. Nothing was written
/// then. [`SchemaMissing`](crate::Error::SchemaMissing) and [`Database`](crate::Error::Database); what was loaded until then
/// stays.
///
/// ```
/// # include!("../doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// # let directory = std::env::temp_dir().join(format!("archives-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory).unwrap();
/// use soft_delete_diesel::{Archive, Cleanup, Registry, load_archive};
/// let registry = Registry::new().with::<Lead>().with::<Callback>();
/// Lead::soft_delete_by_id(&mut conn, 1, Actor::new("bob"))?;
/// let report = Cleanup::new(&registry)
///     .archive(Archive::in_directory(&directory))
///     .force_regardless_of_age(&mut conn, Actor::new("ann").because("a mistake"))?;
/// assert!(report.purged() > 0);
///
/// let loaded = load_archive(&mut conn, &registry, report.archive.unwrap(), Actor::new("ann"))?;
/// assert_eq!((loaded.loaded(), loaded.refused()), (report.models.iter().map(|model| model.purged).sum(), 0));
/// assert!(Lead::restore_by_id(&mut conn, 1, Actor::new("ann"))?.is_changed());
/// # std::fs::remove_dir_all(&directory).unwrap();
/// # Ok(())
/// # }
/// ```
pub fn load_archive<C>(
    conn: &mut C,
    registry: &Registry,
    path: impl AsRef<Path>,
    context: impl Into<Context>,
) -> Result<LoadReport>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::load_archive(
        &mut Blocking(conn),
        registry,
        path.as_ref(),
        &context.into(),
    ))
}

/// As [`load_archive`], on a connection of diesel-async. The file is read as ordinary programs read files, without yielding.
///
/// # Errors
/// As [`load_archive`].
#[cfg(feature = "async")]
pub async fn load_archive_async<C>(
    conn: &mut C,
    registry: &Registry,
    path: impl AsRef<Path> + Send,
    context: impl Into<Context> + Send,
) -> Result<LoadReport>
where
    C: diesel_async::AsyncConnection<Backend: Dialect>,
{
    let path = path.as_ref().to_owned();
    engine::load_archive(
        &mut crate::executor::Async(conn),
        registry,
        &path,
        &context.into(),
    )
    .await
}
