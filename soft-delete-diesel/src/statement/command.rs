//! The commands of a transaction.

use diesel::result::QueryResult;

use super::{Statement, Writer};
use crate::Dialect;

/// A command of a transaction, as a statement that can be prepared.
pub(crate) enum Command {
    /// Begins a transaction.
    Begin,
    /// Ends it and keeps its work.
    Commit,
}

impl<DB: Dialect> Statement<DB> for Command {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql(match self {
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
        });
        Ok(())
    }
}
