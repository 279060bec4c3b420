//! Statements as Diesel query fragments, apart from where they run.
//!
//! A statement walks the [`Descriptor`](crate::Descriptor) and writes identifiers and bind parameters; no SQL is ever
//! formatted from a string that a user can influence. Its text is the same at every call, so that Diesel's cache of
//! prepared statements, which is keyed by the text, finds it again.

mod act;
mod audit;
mod catalogue;
mod change;
mod circle;
mod command;
mod conflicts;
mod examination;
mod expired;
mod facts;
mod family;
mod fields;
mod filter;
mod hold;
#[cfg(feature = "archive")]
mod image;
mod lease;
mod ledger;
mod listing;
mod look;
mod membership;
mod order;
mod own_tables;
mod purge;
mod reach;
mod record;
mod references;
mod relatives;
mod removable;
mod removal;
mod rows;
mod run;
mod spelling;
mod stats;
mod table_names;
mod text_key;
mod time_range;
mod writer;

use diesel::{
    deserialize,
    deserialize::QueryableByName,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    row::NamedRow,
    sql_types::Untyped,
};

pub(crate) use act::{Act, parse_time};
pub(crate) use audit::{Activity, AuditPage, Audited};
pub(crate) use catalogue::{
    AboutTable, AskedOf, Attempt, CurrentUser, EnforcesForeignKeys, EstimatedRows, SessionSetting,
    SessionTimeZone, SetTimeZone, TablesWith,
};
pub(crate) use change::{Change, ChangeAndRecord, Forget, Touch};
use circle::Circle;
pub(crate) use command::Command;
pub(crate) use conflicts::Conflicts;
pub(crate) use examination::{ActiveUnderDeleted, ContraryFlags, FutureTimes, UnreadableTimes};
pub(crate) use expired::{CountExpired, Due, Expired};
pub(crate) use facts::{ChooseFacts, ReadFacts, SchemaVersion};
pub(crate) use family::{CountKeptMembers, CountWithHead, HeadsOf, KeysOf};
pub(crate) use fields::Fields;
pub(crate) use filter::{Filter, containing, time_span};
pub(crate) use hold::{
    CountHeld, CountUnreadableEnds, HeldModels, HoldOn, Holds, Instant, LiftHolds, OtherTablesOfHolds,
    PlaceHold, WhichHolds,
};
#[cfg(feature = "archive")]
pub(crate) use image::{
    FillRow, InsertRows, KeyedRows, NewValue, ReadOwnedRows, ReadRows, RecordKeyed, StoredColumn,
};
pub(crate) use lease::{CloseGate, DatabaseTime, RaiseGate, ReleaseLease, TakeLease, WhoHasTheLease};
pub(crate) use ledger::{CountGone, CountLeft, CountOperations, OperationsPage};
pub(crate) use listing::{DeletedRows, List, ListEdge};
pub(crate) use look::{Identity, IsAudited, Lock, PurgedBy, State};
pub(crate) use membership::Membership;
pub(crate) use order::{Order, Place};
pub(crate) use own_tables::{AppliedMigrations, Ddl, RecordMigration, TableExists, WhichDatabase};
pub(crate) use purge::{
    BlockedBy, CountOf, CountUpTo, PurgeAtOnce, RemoveOwnedBy, SpanEnd, TakeBatch, Which,
};
pub(crate) use reach::{ButFor, Reach, Waits, Way};
pub(crate) use record::{OperationModels, Record, RecordAhead, RecordDeleted, RecordText, Recorded};
pub(crate) use relatives::{
    ActiveChildren, CountFlaggedActive, CountReferring, CountRows, DeletedParent, LockRows, OperationsOf,
};
pub(crate) use removable::{Asked, HeadLink, KeptBelow, Referrer, Removable, Unless};
pub(crate) use removal::{Referring, RemoveOwned, SetNull, TakeOver};
pub(crate) use rows::{Batch, OperationRef, Rows, Span, Window};
pub(crate) use run::{AbandonRuns, BeginRun, FailRun, NoteRun, RunsPage};
pub(crate) use spelling::{AuditedAlike, Collation, KeyCollations};
pub(crate) use stats::CountStates;
pub(crate) use table_names::{NameWithoutSchema, Names};
pub(crate) use text_key::TextKey;
pub(crate) use time_range::TimeRange;
pub(crate) use writer::{Unstorable, Writer};

use crate::Dialect;

/// Something that can write itself as one SQL statement.
pub(crate) trait Statement<DB: Dialect>: Send + Sync {
    /// Writes the statement with its parameters.
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()>;
}

/// A statement as Diesel sees it: one type, whichever it is, so that what Diesel compiles for each type of query is in a program
/// once and not for each statement.
pub(crate) struct AsQuery<'s, DB>(pub(crate) &'s dyn Statement<DB>);

impl<DB: Dialect> QueryFragment<DB> for AsQuery<'_, DB> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.write(&mut Writer::new(out))
    }
}

// Without a static id Diesel's statement cache is keyed by the text, which is what differs between models.
impl<DB> QueryId for AsQuery<'_, DB> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> Query for AsQuery<'_, DB> {
    type SqlType = Untyped;
}

impl<DB, Conn> diesel::RunQueryDsl<Conn> for AsQuery<'_, DB> {}

/// Reads the text of a column, or says which value of which column cannot be read.
pub(crate) fn readable<T, E: ToString>(
    table: &str,
    column: &str,
    value: String,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> crate::Result<T> {
    parse(&value).map_err(|problem| crate::Error::Unreadable {
        column: format!("{table}.{column}"),
        problem: problem.to_string(),
        value,
    })
}

/// A row with every field as text.
#[derive(Debug, Default)]
pub(crate) struct TextRow(Vec<Option<String>>);

impl TextRow {
    /// Takes the field with this index; a field that is not there is NULL.
    pub(crate) fn take(&mut self, index: usize) -> Option<String> {
        self.0.get_mut(index).and_then(Option::take)
    }
}

impl<DB: Dialect> QueryableByName<DB> for TextRow {
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        DB::read_texts(row).map(Self)
    }
}
