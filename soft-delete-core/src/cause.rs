//! Why rows that were due stayed after a cleanup.

/// Why some of the rows that were due stayed, or in a dry run would stay.
///
/// ```
/// # use soft_delete_core::{Cause, CauseKind};
/// let cause = Cause::new(CauseKind::Referenced, Some("callbacks_lead_id_fkey"), Some("callbacks"), 5);
/// assert_eq!(
///     cause.describe("leads"),
///     "5 rows of leads stay: callbacks_lead_id_fkey of callbacks refers to them; remove or restore those first"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Cause {
    /// What kind of cause it is.
    pub kind: CauseKind,
    /// The foreign key, flag, hook or trigger that keeps the rows, or what the database said.
    pub constraint: Option<String>,
    /// The SQL table of the rows that refer to them.
    pub table: Option<String>,
    /// How many rows stay for this cause; a row that stays for several is counted once.
    pub rows: u64,
    /// What to do so that a later run removes them.
    pub remedy: String,
}

/// The kinds of causes for which rows stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum CauseKind {
    /// A legal hold protects them.
    Held,
    /// Other rows refer to them.
    Referenced,
    /// Their own flag says that they are active.
    ActiveFlag,
    /// A hook refused them.
    Vetoed,
    /// A trigger of the table kept them without an error.
    Trigger,
    /// The database refused them with an error.
    Refused,
    /// Another session was changing them.
    InUse,
    /// Another row of their family stays.
    Family,
}

impl Cause {
    /// A cause with the remedy of its kind; for who runs a cleanup.
    #[doc(hidden)]
    pub fn new(kind: CauseKind, constraint: Option<&str>, table: Option<&str>, rows: u64) -> Self {
        Self {
            kind,
            constraint: constraint.map(ToOwned::to_owned),
            table: table.map(ToOwned::to_owned),
            rows,
            remedy: kind.remedy().to_owned(),
        }
    }

    /// How many rows of this model stay, why, and what to do, in a line for people.
    pub fn describe(&self, model: &str) -> String {
        let rows = self.rows;
        let (of, stay, them, they_are) = if rows == 1 {
            ("row of", "stays", "it", "it is")
        } else {
            ("rows of", "stay", "them", "they are")
        };
        format!(
            "{rows} {of} {model} {stay}: {}; {}",
            self.reason(them, they_are),
            self.remedy
        )
    }

    fn reason(&self, them: &str, they_are: &str) -> String {
        let constraint = self.constraint.as_deref();
        match self.kind {
            CauseKind::Held => format!("a hold protects {them}"),
            CauseKind::Referenced => format!("{} refers to {them}", self.foreign_key()),
            CauseKind::ActiveFlag => {
                format!("{} says that {they_are} active", constraint.unwrap_or("a flag"))
            }
            CauseKind::Vetoed => format!("{} refused {them}", constraint.unwrap_or("a hook")),
            CauseKind::Trigger => match constraint {
                Some(trigger) => format!("the trigger {trigger} kept {them}"),
                None => format!("a trigger of the table kept {them}"),
            },
            CauseKind::Refused => match constraint {
                Some(message) => format!("the database refused: {message}"),
                None => "the database refused".to_owned(),
            },
            CauseKind::InUse => format!("another session was changing {them}"),
            CauseKind::Family => format!("another row of the same family keeps {them}"),
        }
    }

    // Where the database names none, the constraint is the table and its columns.
    fn foreign_key(&self) -> String {
        let constraint = self.constraint.as_deref().unwrap_or("a foreign key");
        match self.table.as_deref() {
            Some(table) if !constraint.starts_with(&format!("{table}.")) => {
                format!("{constraint} of {table}")
            }
            _ => constraint.to_owned(),
        }
    }
}

impl CauseKind {
    const fn remedy(self) -> &'static str {
        match self {
            Self::Held => "release the holds that `holds` lists",
            Self::Referenced => "remove or restore those first",
            Self::ActiveFlag => "restore the rows, or set the flag as well",
            Self::Vetoed => "see what the hook wants",
            Self::Trigger => "change the trigger, or disable it while the cleanup runs",
            Self::Refused => "correct what the database names",
            Self::InUse => "the next run takes them",
            Self::Family => "a family is removed whole: see what keeps the others",
        }
    }
}
