//! Soft delete for Diesel: models, queries, engine, dialects and migrations.
//!
//! Use this crate through `soft-delete`, which re-exports all of it together with the derive.
//!
//! Reads are ordinary Diesel queries ([`Scopes`], [`JoinActiveDsl`]). Writes run over an erased [`Descriptor`] of the
//! model, so that the engine is compiled once for each connection type and not once for each model:
//! [`SoftDeleteDsl`] on Diesel's own connections, [`AsyncSoftDeleteDsl`] on those of diesel-async.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod activity;
#[cfg(feature = "archive")]
mod archive;
mod cleanup;
mod column;
mod conflict;
mod deletion_id;
mod descriptor;
mod dialect;
mod discovery;
mod doctor;
mod due;
mod engine;
mod executor;
mod family;
mod field;
mod flag;
mod foreign_key;
mod history;
mod hold;
mod join;
mod key;
mod kinship;
mod ledger;
mod listing;
pub mod migrations;
mod model;
mod moment;
mod multi;
mod operation;
mod operations;
mod page;
mod plan;
mod policy;
mod queries;
mod records;
mod registry;
mod relation;
mod schedule;
mod schema_facts;
mod scoped;
mod stamp;
mod statement;
mod stats;
mod table;
mod table_relation;
mod trail;
mod undo;

#[doc(hidden)]
pub mod __private;

#[cfg(feature = "async")]
pub use activity::activity_async;
pub use activity::{DayActivity, activity};
#[cfg(all(feature = "archive", feature = "async"))]
pub use archive::load_archive_async;
#[cfg(feature = "archive")]
pub use archive::{Archive, LoadReport, LoadedModel, RefusedRow, load_archive};
#[cfg(feature = "async")]
pub use cleanup::runs_async;
pub use cleanup::{Cleanup, Progress, Run, RunState, StopHandle, runs};
pub use column::{
    ActorColumn, ColumnKind, DeletedAtColumn, DeletionIdColumn, FlagColumn, KeyColumn, PurgeAfterColumn,
    ReasonColumn,
};
pub use deletion_id::DeletionId;
pub use descriptor::{Column, Descriptor};
pub use dialect::{Database, Dialect};
pub use discovery::{
    FoundColumn, FoundForeignKey, FoundTable, Roles, discover, discover_foreign_keys, discover_unique_keys,
    find_discovered,
};
#[cfg(feature = "async")]
pub use doctor::doctor_async;
pub use doctor::{Check, Finding, Severity, doctor};
pub use due::{Cutoffs, Due, DueByPurgeAfter, DueByRetention, DueRule, TimeUpTo, UpTo};
pub use field::{ActorField, DeletionIdField, FlagField, PurgeAfterField, ReasonField, TimeField};
pub use history::AuditRecord;
pub use hold::{HeldThing, Hold};
pub use join::{InnerJoinActive, JoinActiveDsl, LeftJoinActive, OnActive};
pub use key::{BindKey, KeyBinds, KeyOf};
#[cfg(feature = "async")]
pub use ledger::operations_async;
pub use ledger::{OperationEntry, operations};
pub use listing::{DeletedCursor, DeletedPage, DeletedRow, Listed, Listing};
pub use model::{InOperations, Model};
pub use moment::{Moment, UtcTimestamp};
pub use operation::{GoneRows, ModelRows, Operation};
#[cfg(feature = "async")]
pub use operations::{
    AsyncHoldDsl, AsyncSoftDeleteDsl, hold_operation_async, holds_async, release_async,
    release_operation_async,
};
pub use operations::{HoldDsl, SoftDeleteDsl, hold_operation, holds, release, release_operation};
pub use page::Page;
pub use plan::{DeletedParentRow, RestoreConflict, RestorePlan, UncheckedKey};
pub use queries::{Active, Expired, OnlyDeleted, Scopes, WithDeleted};
pub use records::{Everywhere, RecordField, RecordState, Records, Within};
pub use registry::Registry;
pub use relation::{Relation, RelationKind, RelationValue};
pub use schedule::{ScheduleEvent, Scheduler, Timetable};
pub use stamp::Stamp;
pub use stats::{ModelStats, Stats};
pub use table::{NamedTable, TableName};
pub use table_relation::TableRelation;
#[cfg(feature = "async")]
pub use trail::audit_async;
pub use trail::{Trail, audit};
pub use undo::undo;
#[cfg(feature = "async")]
pub use undo::undo_async;

pub use diesel;

/// A condition of the caller's in Diesel's words, such as `leads::tenant_id.eq(7)`: it becomes part of a statement.
pub type Predicate<'p, DB> = dyn diesel::query_builder::QueryFragment<DB> + Send + Sync + 'p;

/// Why an operation did not happen, with Diesel's own error where that is the cause.
///
/// ```
/// use soft_delete_diesel::{Error, diesel::result::Error as Diesel};
/// let error = Error::from(Diesel::NotFound);
/// assert!(matches!(error.database(), Some(Diesel::NotFound)));
/// ```
pub type Error = soft_delete_core::Error<diesel::result::Error>;

/// The answer of an operation.
pub type Result<T> = std::result::Result<T, Error>;
