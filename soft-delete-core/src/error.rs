//! The one error type of the library.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::{Action, CleanupReport, HookError, nearest::did_you_mean};

/// Why an operation did not happen. Whatever the variant, nothing was changed.
///
/// `D` is the error of the database layer; with Diesel it is `diesel::result::Error`, and `soft_delete::Error` names
/// this type with it. It converts with `?`, so an operation can stand in a `conn.transaction(..)` whose error is
/// `soft_delete::Error`.
///
/// ```
/// use soft_delete_core::Error;
/// let error: Error<std::fmt::Error> = Error::NotFound { model: "leads".into(), id: "7".into() };
/// assert!(error.is_not_found());
/// assert_eq!(error.to_string(), "there is no row 7 in leads");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<D> {
    /// No row has this key, and the audit trail does not tell of one that was purged.
    #[error("there is no row {id} in {model}")]
    NotFound {
        /// The SQL table.
        model: String,
        /// The key as text.
        id: String,
    },

    /// The row was removed for good and cannot be restored.
    #[error(
        "row {id} of {model} was removed for good at {at} by {by}: it can only come back from a backup or an archive"
    )]
    Purged {
        /// The SQL table.
        model: String,
        /// The key as text.
        id: String,
        /// When, from the audit trail.
        at: DateTime<Utc>,
        /// By whom, from the audit trail.
        by: String,
    },

    /// A text that cannot be a key of this model.
    #[error("{id:?} is no key of {model}: a key there is {expected}")]
    BadKey {
        /// The SQL table.
        model: String,
        /// What was given.
        id: String,
        /// What a key is.
        expected: String,
    },

    /// An active row holds a unique value of the row to be restored.
    #[error(
        "{} of {model} cannot come back: {constraint} is taken by an active row; change or delete that row first",
        id.as_ref().map_or_else(|| "a row".to_owned(), |id| format!("row {id}"))
    )]
    Conflict {
        /// The SQL table.
        model: String,
        /// The key as text, where it could be found out: the database does not say which of a set it was.
        id: Option<String>,
        /// The unique constraint as the database names it.
        constraint: String,
        /// What the database said.
        source: D,
    },

    /// A row that the row to be restored goes along with is deleted itself.
    #[error(
        "a row of {child} cannot come back, because row {id} of {model} that it hangs on is deleted: restore that one first, or ask for both with `.with_parents()`"
    )]
    ParentDeleted {
        /// The SQL table of the deleted parent.
        model: String,
        /// The parent's key as text.
        id: String,
        /// The SQL table of the row to be restored.
        child: String,
    },

    /// Active rows refer to the row to be deleted, and its model declares `restrict(..)`.
    #[error(
        "{model} cannot be deleted while active rows refer to it: {}; delete those first",
        counted(children)
    )]
    Restricted {
        /// The SQL table of the rows to be deleted.
        model: String,
        /// The SQL tables of the rows that refer to them, and how many are active.
        children: Vec<(String, u64)>,
    },

    /// Only deleted rows are removed for good, and this one is active.
    #[error("row {id} of {model} is active: only deleted rows are removed for good; soft-delete it first")]
    NotDeleted {
        /// The SQL table.
        model: String,
        /// The key as text.
        id: String,
    },

    /// Rows are held, and a held row is never removed.
    #[error(
        "{rows} of {model} cannot be removed for good, because they are held: see `holds`, and release them first"
    )]
    Held {
        /// The SQL table.
        model: String,
        /// How many of the rows are held.
        rows: u64,
    },

    /// The end of a hold is over before the hold begins.
    #[error("a hold until {until} is over already: give a later end, or none")]
    HoldIsOver {
        /// The end that was given.
        until: DateTime<Utc>,
    },

    /// A hold that is not there, or not any more.
    #[error("there is no hold {id}: it was released, or never placed; `holds` lists those that are")]
    UnknownHold {
        /// The identity that was asked for.
        id: String,
    },

    /// More rows on one page than are read at once.
    #[error("a page of {size} is too large or empty: ask for 1 to {largest} at a time")]
    PageSize {
        /// What was asked for.
        size: u32,
        /// The largest page.
        largest: u32,
    },

    /// A place in a list that this version did not make, or that is of another model's list.
    #[error("{cursor:?} is no place in the list of {model}: begin with the first page again")]
    BadCursor {
        /// The SQL table.
        model: String,
        /// What was given.
        cursor: String,
    },

    /// Rows that would have to go first are active, or are kept by `restrict(..)`.
    #[error(
        "rows of {model} cannot be removed for good while others refer to them: {}; delete or move those first",
        counted(children)
    )]
    StillReferenced {
        /// The SQL table of the rows to be removed.
        model: String,
        /// The SQL tables of the rows that refer to them, and how many.
        children: Vec<(String, u64)>,
    },

    /// Rows would come back with others that they were deleted with: those are removed together, or not at all.
    #[error(
        "{rows} of {model} were deleted together with rows of {parent} and can only be removed for good together with them: remove the rows of {parent} instead, or declare `cascade(.., apart)`"
    )]
    PartOfFamily {
        /// The SQL table of the rows to be removed.
        model: String,
        /// How many of them it is about.
        rows: u64,
        /// The SQL table of the rows that they would come back with.
        parent: String,
    },

    /// A foreign key that the library does not know of keeps the rows.
    #[error(
        "rows of {model} cannot be removed for good: {constraint} refers to them; remove those rows first, or declare them with `owns(..)` or `cascade(..)`"
    )]
    Blocked {
        /// The SQL table.
        model: String,
        /// The constraint as the database names it.
        constraint: String,
        /// What the database said.
        source: D,
    },

    /// The model declares `reason = required`, or rows were to be removed for good, and no reason was given.
    #[error("{model} must not be deleted without a reason: pass `Actor::new(..).because(\"..\")`")]
    ReasonRequired {
        /// The SQL table.
        model: String,
    },

    /// A retention was given for one deletion, and the model has nowhere to keep it.
    #[error(
        "{model} has no column that says how long a single row is kept: add a nullable `purge_after` to the table and `pub purge_after: Option<DateTime<Utc>>` to the model, or leave `keep_for` out"
    )]
    NoPurgeAfter {
        /// The SQL table.
        model: String,
    },

    /// The actor cannot be stored in the model's column.
    #[error("the actor {actor:?} does not fit {model}.{column}, which holds {expected}")]
    ActorMismatch {
        /// The SQL table.
        model: String,
        /// The column with the `deleted_by` role.
        column: String,
        /// What the column holds, in words.
        expected: &'static str,
        /// The actor that was given.
        actor: String,
    },

    /// The clock shows a moment that not every database can store and compare.
    #[error("the clock shows {now}, outside of the years 1 to 9999 that can be stored: set it right")]
    ClockOutOfRange {
        /// What the clock shows.
        now: DateTime<Utc>,
    },

    /// A text that this database cannot store unchanged.
    #[error("the {what} contains a NUL character, which {database} cannot store: remove it from the text")]
    Unstorable {
        /// `actor` or `reason`.
        what: &'static str,
        /// The database.
        database: &'static str,
    },

    /// A hook refused the act, or panicked.
    #[error("{hook} refused: {source}")]
    Vetoed {
        /// The hook's name.
        hook: String,
        /// What the hook said.
        source: HookError,
    },

    /// The library's own tables are missing.
    #[error(
        "the table {table} does not exist: run `soft_delete::migrations::run(&mut conn)` once at start-up, or add `soft_delete::migrations::source()` to your own migrations"
    )]
    SchemaMissing {
        /// The table that was looked for.
        table: String,
        /// What the database said.
        source: D,
    },

    /// A model that the registry does not hold.
    #[error("unknown model {name:?}{}: the registry holds {}", did_you_mean(name, known), known.join(", "))]
    UnknownModel {
        /// What was asked for.
        name: String,
        /// The registered models.
        known: Vec<String>,
    },

    /// A model whose children the registry does not hold.
    #[error(
        "{model} is registered and {missing}, which refers to it, is not: add its model with `Registry::with`"
    )]
    UnregisteredRelation {
        /// The SQL table of the registered model.
        model: String,
        /// The SQL table of the child that is missing.
        missing: String,
    },

    /// An operation that the audit trail does not tell of.
    #[error(
        "there is no operation {id}: take the `deletion_id` of a deleted row, or the `operation_id` of its history"
    )]
    UnknownOperation {
        /// The identity that was asked for.
        id: String,
    },

    /// An operation that deleted nothing, so that there is nothing to undo or to hold.
    #[error("operation {id} is a {action}, and only what a deletion did can be undone or held as a whole")]
    NotADeletion {
        /// The identity that was asked for.
        id: String,
        /// What the operation did.
        action: Action,
    },

    /// A setting of a cleanup that makes no sense.
    #[error("{setting} cannot be {value}: {way_out}")]
    BadSetting {
        /// The setting.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What to give instead.
        way_out: &'static str,
    },

    /// The clocks of the application and of the database differ, so that nobody knows what is expired.
    #[error(
        "the application's clock shows {application} and the database's {database}, more than {limit_seconds} s apart: set them right, or say `trust_clock(true)`"
    )]
    ClockSkew {
        /// What the application's clock shows.
        application: DateTime<Utc>,
        /// What the database's clock shows.
        database: DateTime<Utc>,
        /// How far apart they may be, in seconds.
        limit_seconds: u64,
    },

    /// A cleanup would take more of a table than its brake allows.
    #[error(
        "a cleanup would remove {rows} of {model}, more than {percent} % of the table, and removed nothing: look at a dry run, then allow it with `max_fraction`"
    )]
    TooManyRows {
        /// The SQL table.
        model: String,
        /// How many rows would go.
        rows: u64,
        /// The part of a table that may go, in per cent.
        percent: f64,
    },

    /// The database itself would change rows that a cleanup does not know.
    #[error(
        "rows of {model} are not removed, because {constraint} would have the database change rows of {child} (ON DELETE {rule}): declare `owns({child})` or `cascade(..)` for it, or make the foreign key NO ACTION"
    )]
    DangerousForeignKey {
        /// The SQL table whose rows would be removed.
        model: String,
        /// The SQL table that refers to it.
        child: String,
        /// The constraint as the database names it.
        constraint: String,
        /// What the database would do.
        rule: String,
    },

    /// The database may do more, or less, with the rows of a table than it is told: by a rule, a trigger, a policy, or by something
    /// that this user may not see.
    #[error("rows of {model} are not removed, because of {table}: {cause}; {help}")]
    DangerousTable {
        /// The SQL table of the model.
        model: String,
        /// The SQL table that this is about: the model's own, or one that it owns.
        table: String,
        /// What was found.
        cause: String,
        /// The way out.
        help: String,
    },

    /// A relation over the columns of a foreign key that refers to other columns than the parent's key.
    #[error(
        "{model} declares that rows of {child} refer to its key by ({columns}), but {constraint} refers to ({references}): declare the columns that the foreign key refers to, or take the relation out"
    )]
    MismatchedRelation {
        /// The SQL table of the model.
        model: String,
        /// The SQL table of the rows that refer to it.
        child: String,
        /// The child's columns.
        columns: String,
        /// The constraint as the database names it.
        constraint: String,
        /// The parent's columns that the constraint refers to.
        references: String,
    },

    /// Another cleanup holds the lease.
    #[error(
        "another cleanup is running, or has died ({holder}): wait until {until}; a library call may also go `without_lease`"
    )]
    AlreadyRunning {
        /// Who holds the lease.
        holder: String,
        /// Until when unless it goes on, in UTC by the database's clock, as RFC 3339.
        until: String,
    },

    /// The database does not let this user do what a cleanup does.
    #[error(
        "the database refuses {what}, so that nothing was removed: {source}; grant the right, or use another user"
    )]
    NotPermitted {
        /// What was tried, on which table.
        what: String,
        /// What the database said.
        source: D,
    },

    /// A cleanup was ended by an error; what its finished batches removed stays removed, and the next run goes on from there.
    #[error("the cleanup ended after {} rows: {source}", report.purged())]
    CleanupFailed {
        /// What was done until then.
        report: Box<CleanupReport>,
        /// Why it ended.
        source: Box<Self>,
    },

    /// The archive of a cleanup could not be written; rows that are not in it were not removed.
    #[error(
        "cannot archive to {}: {problem}; what is not archived was not removed, make room or choose another file",
        path.display()
    )]
    ArchiveFailed {
        /// The file.
        path: PathBuf,
        /// What is in the way.
        problem: String,
    },

    /// A file that is not an archive that can be loaded here.
    #[error("cannot load {}{}: {problem}", path.display(), line_number(*line))]
    BadArchive {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 where it is not about one.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },

    /// A value in the database that this version cannot read.
    #[error("cannot read {value:?} from {column}: {problem}")]
    Unreadable {
        /// The column.
        column: String,
        /// The value as text.
        value: String,
        /// What is wrong with it.
        problem: String,
    },

    /// Rows that carry a time of deletion, and are active by their own flag: the application may still show them.
    #[error(
        "{rows} of {model} are not removed, because {flag} says that they are active: restore them, or correct the flag"
    )]
    FlaggedActive {
        /// The SQL table.
        model: String,
        /// The column with the flag.
        flag: String,
        /// How many rows.
        rows: u64,
    },

    /// A trigger of the table kept rows as they are, without an error of its own.
    #[error(
        "{rows} of {model} stay as they are, and nothing else was changed: the trigger {trigger} kept them; change it, or disable it meanwhile"
    )]
    KeptByTrigger {
        /// The SQL table.
        model: String,
        /// How many rows it kept.
        rows: u64,
        /// The triggers of the table that may keep a row.
        trigger: String,
    },

    /// The database cannot remove rows of a table at all, because a foreign key or a table that it needs is not right.
    #[error(
        "the database cannot do {what}, so that nothing was removed: {source}; correct the foreign key or the table that it names"
    )]
    BrokenSchema {
        /// What was tried, on which table.
        what: String,
        /// What the database said.
        source: D,
    },

    /// Two models of one table say different things of it, so that nobody can tell which of them counts.
    #[error(
        "{table} is registered by {first} and by {second}, and they differ in {}: register one of them, or make them say the same",
        differences.join(", ")
    )]
    ConflictingModels {
        /// The SQL table.
        table: String,
        /// The type that was registered first, or the model that a relation names.
        first: String,
        /// The other one.
        second: String,
        /// What they say differently, with both values.
        differences: Vec<String>,
    },

    /// A relation whose columns cannot tell which row of the parent a row refers to.
    #[error("the relation of {parent} to {child} over ({}) cannot be: {problem}", columns.join(", "))]
    InvalidRelation {
        /// The SQL table that declares the relation.
        parent: String,
        /// The SQL table whose rows refer to it.
        child: String,
        /// The child's columns.
        columns: Vec<String>,
        /// What is wrong with them, and what to do.
        problem: String,
    },

    /// Rows that are owned tell by a type whose they are, and the relation does not say which type is meant.
    #[error(
        "{owner} cannot own rows of {child} by {column} alone, because {type_column} beside it tells which table it refers to: write `owns(.., where {type_column} = \"..\")`, in a file `where = {{ {type_column} = \"..\" }}`, or add a foreign key to {owner}"
    )]
    AmbiguousOwner {
        /// The SQL table of the owner.
        owner: String,
        /// The SQL table of the owned rows.
        child: String,
        /// The column that refers to the owner.
        column: String,
        /// The column that tells which table it refers to.
        type_column: String,
    },

    /// The database refused or could not be reached; Diesel's error is kept as it is.
    #[error(transparent)]
    Database(#[from] D),

    /// The next batch of a cleanup did not begin behind the last one, so that the pass would never end.
    #[error(
        "the cleanup of {model} does not get beyond {place}: its key does not sort as it is compared; run `doctor`, and report this"
    )]
    CleanupStuck {
        /// The model.
        model: String,
        /// Where the batch ended.
        place: String,
    },

    /// A model owns rows of a table that is a model of its own: owned rows go with their owner whether they are active, held or not.
    #[error(
        "{owner} cannot own rows of {child}, because {child} is a model of its own, whose active and held rows must stay: declare `cascade` instead of `owns`, or `restrict`"
    )]
    OwnedModel {
        /// The SQL table of the owner.
        owner: String,
        /// The SQL table that is registered as a model as well.
        child: String,
    },

    /// A row level security policy of the table kept rows as they are, without an error of its own.
    #[error(
        "{rows} of {model} stay as they are, and nothing else was changed: a row level security policy of the table keeps this user from changing them; use another user, or change the policy"
    )]
    KeptByPolicy {
        /// The SQL table.
        model: String,
        /// How many rows it kept.
        rows: u64,
    },
}

impl<D> Error<D> {
    /// Whether there is no such row, and never was as far as the audit trail tells.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether the row was removed for good.
    pub fn is_purged(&self) -> bool {
        matches!(self, Self::Purged { .. })
    }

    /// Whether rows are held.
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Held { .. })
    }

    /// Whether a row that the row hangs on is deleted.
    pub fn is_parent_deleted(&self) -> bool {
        matches!(self, Self::ParentDeleted { .. })
    }

    /// Whether active rows of a model declared `restrict(..)` are in the way.
    pub fn is_restricted(&self) -> bool {
        matches!(self, Self::Restricted { .. })
    }

    /// Whether a unique value of the row is taken by an active row.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// Whether a hook refused.
    pub fn is_vetoed(&self) -> bool {
        matches!(self, Self::Vetoed { .. })
    }

    /// Whether the library's own tables are missing.
    pub fn is_schema_missing(&self) -> bool {
        matches!(self, Self::SchemaMissing { .. })
    }

    /// Whether what the caller passed in was wrong, so that the same call can never succeed.
    pub fn is_bad_input(&self) -> bool {
        matches!(
            self,
            Self::ReasonRequired { .. }
                | Self::NoPurgeAfter { .. }
                | Self::ActorMismatch { .. }
                | Self::Unstorable { .. }
                | Self::UnknownModel { .. }
                | Self::UnknownOperation { .. }
                | Self::UnregisteredRelation { .. }
                | Self::NotADeletion { .. }
                | Self::HoldIsOver { .. }
                | Self::UnknownHold { .. }
                | Self::PageSize { .. }
                | Self::BadSetting { .. }
                | Self::BadCursor { .. }
                | Self::BadKey { .. }
        )
    }

    /// The database layer's own error, where one is the cause.
    pub fn database(&self) -> Option<&D> {
        match self {
            Self::Database(source)
            | Self::Conflict { source, .. }
            | Self::Blocked { source, .. }
            | Self::NotPermitted { source, .. }
            | Self::BrokenSchema { source, .. }
            | Self::SchemaMissing { source, .. } => Some(source),
            Self::CleanupFailed { source, .. } => source.database(),
            _ => None,
        }
    }
}

fn counted(children: &[(String, u64)]) -> String {
    let counts: Vec<String> = children
        .iter()
        .map(|(model, rows)| format!("{rows} of {model}"))
        .collect();
    counts.join(", ")
}

fn line_number(line: u64) -> String {
    if line > 0 {
        format!(", line {line}")
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    type Error = super::Error<std::fmt::Error>;

    #[test]
    fn an_unknown_model_is_met_with_the_nearest_name() {
        let unknown = |name: &str| {
            Error::UnknownModel {
                name: name.into(),
                known: vec!["callbacks".into(), "leads".into()],
            }
            .to_string()
        };
        assert_eq!(
            unknown("leeds"),
            "unknown model \"leeds\" (did you mean \"leads\"?): the registry holds callbacks, leads"
        );
        assert_eq!(
            unknown("orders"),
            "unknown model \"orders\": the registry holds callbacks, leads"
        );
    }

    #[test]
    fn sources_are_kept() {
        let missing = Error::SchemaMissing {
            table: "soft_delete_audit".into(),
            source: std::fmt::Error,
        };
        assert!(missing.source().is_some() && missing.database().is_some() && missing.is_schema_missing());
        assert!(missing.to_string().contains("soft_delete::migrations::run"));
        let vetoed = Error::Vetoed {
            hook: "h".into(),
            source: "no".into(),
        };
        assert_eq!(vetoed.source().map(ToString::to_string).as_deref(), Some("no"));
    }
}
