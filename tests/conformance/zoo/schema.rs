//! What a case is made of: tables, rows, what is registered of them, and operations.

use std::collections::BTreeMap;

use soft_delete::Database;

/// A schema with its rows, its registration and the operations on it.
#[derive(Debug, Clone)]
pub struct Case {
    pub database: Database,
    /// The schema or database of the tables, and of those that are not beside the others.
    pub home: String,
    pub elsewhere: String,
    pub tables: Vec<Table>,
    pub rows: Vec<Row>,
    pub relations: Vec<Declared>,
    /// Whether the models are discovered in the catalog, and not put together by hand.
    pub is_discovered: bool,
    /// Whether the library works as a user with rights of its own, and not as the owner.
    pub is_restricted: bool,
    pub steps: Vec<Step>,
}

/// A table. Numbers of tables and names of foreign keys stay what they are when others are dropped from the case.
#[derive(Debug, Clone)]
pub struct Table {
    pub number: usize,
    pub key: Key,
    /// Whether there is another unique key, which foreign keys may refer to.
    pub has_number: bool,
    pub deletion: Deletion,
    pub flag: Option<Flag>,
    pub is_registered: bool,
    pub part: Option<Part>,
    pub is_elsewhere: bool,
    /// Whether the user of a restricted case has no rights on it.
    pub is_hidden: bool,
    pub has_transactions: bool,
    pub foreign_keys: Vec<ForeignKey>,
    pub extras: Vec<Extra>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Number,
    Text,
    /// Text whose letters may be of any case.
    AnyCase,
    Pair,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    None,
    Time,
    TimeAndOperation,
}

/// The type of `is_deleted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    Bool,
    Integer,
}

/// A table below the table, which holds the rows from [`FIRST_IN_PART`] on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Partition,
    Inheritance,
}

pub const FIRST_IN_PART: i64 = 3;

#[derive(Debug, Clone)]
pub struct ForeignKey {
    pub name: usize,
    pub parent: usize,
    pub target: Target,
    /// None for columns without a constraint.
    pub rule: Option<Rule>,
    pub is_deferred: bool,
}

/// Which key of the parent is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Primary,
    Number,
    /// The primary key of the part.
    Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// What the database does by itself when a row of the table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// A trigger keeps all rows, or this one, from being removed, without a word.
    IgnoreDelete(Option<i64>),
    IgnoreUpdate,
    /// A trigger removes the rows of another table.
    DeleteOther(usize),
    UpdateOther(usize),
    RuleNothing,
    RuleUpdate,
    RuleAlso(usize),
    RuleUpdateNothing,
    /// A policy hides the first row.
    HideFirst,
    /// There is a policy for everything but DELETE.
    NoDelete,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub table: usize,
    pub n: i64,
    pub mark: Option<Mark>,
    /// What the flag says, where there is one.
    pub is_flagged: bool,
    /// Which row each foreign key refers to, by the name of the foreign key.
    pub parents: BTreeMap<usize, i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub at: When,
    pub operation: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    LongAgo,
    Recently,
    /// Due in some hours, written in a time zone west of UTC.
    AlmostWest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Cascade,
    Restrict,
    Owns,
}

/// What the registration says of two tables; right or wrong.
#[derive(Debug, Clone)]
pub struct Declared {
    pub kind: Kind,
    pub parent: usize,
    pub child: usize,
    pub columns: Vec<String>,
}

impl Declared {
    /// Whether the columns that it refers to are said where they are not the primary key; else the registration is wrong.
    pub fn names_columns(&self) -> bool {
        (self.parent + self.child).is_multiple_of(2)
    }
}

#[derive(Debug, Clone)]
pub enum Step {
    Hold {
        table: usize,
        n: i64,
    },
    HoldModel(usize),
    /// Holds what the latest soft delete did.
    HoldLatest,
    Delete {
        table: usize,
        rows: Vec<i64>,
        at: When,
    },
    Restore {
        table: usize,
        rows: Vec<i64>,
        with_parents: bool,
    },
    UndoLatest {
        with_parents: bool,
    },
    Cleanup {
        model: Option<usize>,
        batch: u32,
        after_dry_run: bool,
    },
    Force {
        table: usize,
        rows: Vec<i64>,
    },
    ForceAll {
        table: usize,
        batch: u32,
    },
}

impl Case {
    pub fn table(&self, number: usize) -> &Table {
        let table = self.tables.iter().find(|table| table.number == number);
        table.expect("a table of the case")
    }

    /// The table as statements name it.
    pub fn sql_name(&self, table: &Table) -> String {
        match table.is_elsewhere {
            true => format!("{}.{}", self.elsewhere, table.name()),
            false => table.name(),
        }
    }

    /// The foreign key that is over these columns, whether or not it has a constraint.
    pub fn foreign_key(&self, child: usize, columns: &[String]) -> Option<&ForeignKey> {
        let child = self.table(child);
        child.foreign_keys.iter().find(|key| self.columns(key) == columns)
    }

    /// The columns of a foreign key, in the child.
    pub fn columns(&self, key: &ForeignKey) -> Vec<String> {
        let parents = self.parent_columns(key);
        parents
            .iter()
            .map(|column| format!("f{}_{column}", key.name))
            .collect()
    }

    pub fn parent_columns(&self, key: &ForeignKey) -> Vec<&'static str> {
        match key.target {
            Target::Number => vec!["number"],
            Target::Primary | Target::Part => self.table(key.parent).key.columns().to_vec(),
        }
    }

    /// All columns of a table in the order in which they are read.
    pub fn all_columns(&self, table: &Table) -> Vec<String> {
        let mut all: Vec<String> = table.key.columns().iter().map(|&name| name.to_owned()).collect();
        if table.has_number {
            all.push("number".to_owned());
        }
        for key in &table.foreign_keys {
            all.extend(self.columns(key));
        }
        all.push("note".to_owned());
        if table.deletion != Deletion::None {
            all.push("deleted_at".to_owned());
        }
        if table.deletion == Deletion::TimeAndOperation {
            all.push("deletion_id".to_owned());
        }
        if table.flag.is_some() {
            all.push("is_deleted".to_owned());
        }
        all
    }

    /// Whether a policy hides a row, by its table and its key as text, from the user that the library works as: to that one it is not there.
    pub fn hides(&self, (table, key): &(usize, String)) -> bool {
        let table = self.table(*table);
        let is_hiding = self.is_restricted && table.extras.contains(&Extra::HideFirst);
        is_hiding && table.key.text(1) == *key
    }

    /// Whether the database does something by itself that is more than foreign keys.
    pub fn has_surprises(&self) -> bool {
        self.is_restricted
            || self
                .tables
                .iter()
                .any(|table| !table.extras.is_empty() || !table.has_transactions)
    }
}

impl Table {
    pub fn name(&self) -> String {
        format!("t{}", self.number)
    }
}

impl Key {
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Number => &["id"],
            Self::Text | Self::AnyCase => &["code"],
            Self::Pair => &["a", "b"],
        }
    }

    /// The values of the key of a row, as SQL. The parts of a pair are shared among rows.
    pub fn values(self, n: i64) -> Vec<String> {
        match self {
            Self::Number => vec![n.to_string()],
            Self::Text | Self::AnyCase => vec![format!("'k{n}'")],
            Self::Pair => vec![((n + 1) / 2).to_string(), (2 - n % 2).to_string()],
        }
    }

    /// The key as text, as the library writes it.
    pub fn text(self, n: i64) -> String {
        self.values(n).join(",").replace('\'', "")
    }
}

/// The other unique key of a row: that of a neighbor, so that who mistakes one for the other takes the wrong row.
pub const fn number_of(n: i64) -> i64 {
    if n % 2 == 0 { n - 1 } else { n + 1 }
}

/// The identity of an operation that rows were deleted by before the case begins.
pub fn operation_id(operation: u8) -> String {
    format!("018cc251-f400-7000-8000-{operation:012}")
}
