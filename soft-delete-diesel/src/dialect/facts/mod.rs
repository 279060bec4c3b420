//! How each database is asked what it does by itself with a write.
//!
//! Every row of an answer has twelve fields: the number of the table that was asked about, what the row says (`enforced`, `table`,
//! `key`, `rule`, `trigger`, `hidden`), and what it says of it:
//!
//! | | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | `enforced` | `0` or `1` | | | | | | | | | |
//! | `table` | schema | name | kind | engine without transactions | `1`: a policy applies | | | | | |
//! | `key` | constraint | child's schema where it must be named | child | column | parent's column | rule | marks | place | identity | child's schema |
//! | `rule` | name | | | | | | | | | |
//! | `trigger` | name | body | | | | | | | | |
//! | `hidden` | what | right | | | | | | | | |

mod mysql;
mod postgres;
mod sqlite;

use super::{catalogue::AboutTable, mysql::Mysql, postgres::Postgres, sqlite::Sqlite};
use crate::Database;

/// A question about several tables at once.
pub(crate) struct FactsSql {
    /// Around the list of tables (`SELECT '0' AS place, <schema> AS space, <name> AS name UNION ALL ..`), where the statement
    /// names it once; what follows is the whole of it.
    pub(crate) about_all: Option<[&'static str; 2]>,
    /// What is asked of each table by itself, behind `SELECT '0', `: around its schema and its name, both bound.
    pub(crate) about_each: &'static [AboutTable],
    /// What is asked besides.
    pub(crate) besides: &'static str,
}

/// How one database is asked about the facts of its schema.
pub(crate) trait Facts: Sync {
    /// A statement that answers the number of the question for this user and version, where there are several. None is tried
    /// out: MariaDB answers the refusal of those tables in a way that its client library waits for ever.
    fn choice(&self) -> Option<&'static str> {
        None
    }

    /// A statement that answers with another text once a foreign key, a trigger or a rule was added; `None` where nothing does.
    fn version(&self) -> Option<&'static str> {
        None
    }

    /// The questions, of which one is asked.
    fn questions(&self) -> &'static [FactsSql];

    /// What a trigger does on DELETE, out of what the catalog keeps of it; `None` if it has nothing to do with DELETE.
    fn body_on_delete(&self, definition: String) -> Option<String> {
        Some(definition)
    }
}

impl Database {
    pub(crate) fn facts(self) -> &'static dyn Facts {
        match self {
            Self::Sqlite => &Sqlite,
            Self::Postgres => &Postgres,
            Self::Mysql => &Mysql,
        }
    }
}
