#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(test, doctest))]
mod guide;

pub use soft_delete_core::{
    Action, Actor, AuditEvent, AuditHook, BlockedRow, Cause, CauseKind, CleanupReport, Clock, Context,
    EARLIEST, FixedClock, HookError, LATEST, ModelReport, Outcome, Retention, RetentionError, SoftDelete,
    Status, Stopped, Stopwatch, SystemClock, UnknownAction, begun_days, harmless_cell, to_micros,
};
pub use soft_delete_derive::SoftDelete;
pub use soft_delete_diesel::{
    Active, ActorColumn, ActorField, AuditRecord, BindKey, Check, Cleanup, Column, ColumnKind, Cutoffs,
    Database, DayActivity, DeletedAtColumn, DeletedCursor, DeletedPage, DeletedParentRow, DeletedRow,
    DeletionId, DeletionIdColumn, DeletionIdField, Descriptor, Dialect, Due, DueByPurgeAfter, DueByRetention,
    DueRule, Error, Everywhere, Expired, Finding, FlagColumn, FlagField, FoundColumn, FoundForeignKey,
    FoundTable, GoneRows, HeldThing, Hold, HoldDsl, InOperations, InnerJoinActive, JoinActiveDsl, KeyBinds,
    KeyColumn, KeyOf, LeftJoinActive, Listed, Listing, Model, ModelRows, ModelStats, Moment, NamedTable,
    OnActive, OnlyDeleted, Operation, OperationEntry, Page, Predicate, Progress, PurgeAfterColumn,
    PurgeAfterField, ReasonColumn, ReasonField, RecordField, RecordState, Records, Registry, Relation,
    RelationKind, RelationValue, RestoreConflict, RestorePlan, Result, Roles, Run, RunState, ScheduleEvent,
    Scheduler, Scopes, Severity, SoftDeleteDsl, Stamp, Stats, StopHandle, TableName, TableRelation,
    TimeField, Timetable, Trail, UncheckedKey, UpTo, UtcTimestamp, WithDeleted, Within, activity, audit,
    discover, discover_foreign_keys, discover_unique_keys, doctor, find_discovered, hold_operation, holds,
    migrations, multi_connection, operations, release, release_operation, runs, scoped_tables, undo,
};
#[cfg(feature = "archive")]
pub use soft_delete_diesel::{Archive, LoadReport, LoadedModel, RefusedRow, load_archive};
#[cfg(feature = "async")]
pub use soft_delete_diesel::{
    AsyncHoldDsl, AsyncSoftDeleteDsl, activity_async, audit_async, doctor_async, hold_operation_async,
    holds_async, operations_async, release_async, release_operation_async, runs_async,
};

#[cfg(feature = "async")]
pub use soft_delete_diesel::undo_async;

#[cfg(all(feature = "archive", feature = "async"))]
pub use soft_delete_diesel::load_archive_async;

#[doc(hidden)]
pub use soft_delete_diesel::__private;

/// What a program with Diesel's own connections needs: `use soft_delete::prelude::*;`
///
/// The operations stand in [`SoftDeleteDsl`]. For diesel-async take `async_prelude` instead;
/// both at once would make every operation ambiguous.
pub mod prelude {
    pub use soft_delete_core::chrono::{DateTime, NaiveDateTime, Utc};
    pub use soft_delete_core::{Actor, Outcome, Retention, SoftDelete, Status};
    pub use soft_delete_derive::SoftDelete;
    pub use soft_delete_diesel::{
        Cleanup, DeletionId, HoldDsl as _, JoinActiveDsl as _, Model as _, Registry, Scopes as _,
        SoftDeleteDsl as _,
    };
}

/// What a program with diesel-async needs: `use soft_delete::async_prelude::*;`
///
/// The same names as in [`prelude`], with the same meaning; operations are awaited.
#[cfg(feature = "async")]
pub mod async_prelude {
    pub use soft_delete_core::chrono::{DateTime, NaiveDateTime, Utc};
    pub use soft_delete_core::{Actor, Outcome, Retention, SoftDelete, Status};
    pub use soft_delete_derive::SoftDelete;
    pub use soft_delete_diesel::{
        AsyncHoldDsl as _, AsyncSoftDeleteDsl as _, Cleanup, DeletionId, JoinActiveDsl as _, Model as _,
        Registry, Scopes as _,
    };
}
