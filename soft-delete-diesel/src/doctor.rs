//! What is wrong with a database, or may become so, and what mends it.

use std::fmt;

use diesel::connection::LoadConnection;

use crate::{
    Dialect, Registry, Result, engine,
    executor::{Blocking, run},
};

/// One thing that the doctor found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was looked for.
    pub check: Check,
    /// The SQL table, where it is about one.
    pub table: String,
    /// What was found, in words.
    pub evidence: String,
    /// The SQL, the attribute or the call that mends it.
    pub remedy: String,
}

/// How bad a finding is; the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Severity {
    /// Worth doing.
    Advice,
    /// Works, and will hurt.
    Warning,
    /// Does not work, or has gone wrong already.
    Error,
}

/// What the doctor looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Check {
    /// The library's own tables are there.
    OwnTables,
    /// Every model that goes along with another one is registered.
    Relations,
    /// The tables and their columns are there.
    Columns,
    /// The columns can hold what they must.
    ColumnTypes,
    /// There is an index on deleted rows.
    DeletedIndex,
    /// Deleted rows do not block new ones, and active ones are unique.
    UniqueKeys,
    /// The database does not change rows by itself when a row is removed.
    ForeignKeys,
    /// No rule, trigger, policy or storage engine makes the database do more, or less, than it is told to.
    Reactions,
    /// Foreign keys are enforced.
    EnforcedKeys,
    /// Deletion times can be read and compared.
    UnreadableTimes,
    /// A flag says the same as the deletion time.
    Flags,
    /// Deletion times are not in the future.
    FutureTimes,
    /// No active row hangs on a deleted one.
    ActiveUnderDeleted,
    /// The clocks of the application and of the database agree.
    Clocks,
    /// The database refuses what goes around the library.
    Guards,
    /// The user may do what the library does.
    Grants,
    /// Holds are on models that are known, and in the one table that is asked for them.
    Holds,
    /// What is removed is gone, and not kept by the database itself.
    History,
    /// Times are the same in this session as in all others.
    TimeZone,
    /// The rows that refer to a row are found by an index.
    ChildIndex,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {}; {}",
            self.severity, self.table, self.evidence, self.remedy
        )
    }
}

/// Looks at the database of a registry's models; changes nothing. No finding is good news; the worst come first.
///
/// It reads the catalogue, counts rows that cannot be right, and tries what the library does on no row, in a transaction that
/// is rolled back. The counts read the deleted rows, and for each cascade the children of deleted ones.
///
/// # Errors
/// [`Database`](crate::Error::Database) when the catalogue itself cannot be read. What is missing is a finding, not an error.
///
/// ```
/// # include!("doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_diesel::{Check, Registry, doctor};
/// let registry = Registry::new().with::<Lead>();
/// let findings = doctor(&mut conn, &registry)?;
/// let index = findings.iter().find(|finding| finding.check == Check::DeletedIndex).unwrap();
/// assert!(index.remedy.starts_with("CREATE INDEX \"leads_deleted\""));
/// # Ok(())
/// # }
/// ```
pub fn doctor<C>(conn: &mut C, registry: &Registry) -> Result<Vec<Finding>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::doctor(&mut Blocking(conn), registry))
}

/// As [`doctor`], on a connection of diesel-async.
///
/// # Errors
/// As [`doctor`].
#[cfg(feature = "async")]
pub async fn doctor_async<C>(conn: &mut C, registry: &Registry) -> Result<Vec<Finding>>
where
    C: diesel_async::AsyncConnection<Backend: Dialect>,
{
    engine::doctor(&mut crate::executor::Async(conn), registry).await
}
