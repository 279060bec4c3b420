//! The vocabulary of soft deletion: what a deleted row is, how long it stays, who removed it and why.
//!
//! This crate knows no SQL and no database. Use it through the `soft-delete` crate, which re-exports all of it.
//!
//! | noun | meaning |
//! |---|---|
//! | [`SoftDelete`] | the state of one row: active, deleted or expired |
//! | [`Retention`] | how long a deleted row can be restored |
//! | [`Clock`] | the only source of time |
//! | [`Actor`], [`Context`] | who acts, and why |
//! | [`AuditEvent`], [`AuditHook`] | what happened, and who may veto it |
//! | [`Outcome`], [`Error`] | what an operation answers |
//! | [`CleanupReport`] | what a cleanup did |
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod audit;
mod cause;
mod cell;
mod clock;
mod context;
mod error;
mod hook;
mod instant;
mod nearest;
mod outcome;
mod report;
mod retention;
mod state;
mod status;

pub use audit::{Action, AuditEvent, UnknownAction};
pub use cause::{Cause, CauseKind};
pub use cell::harmless_cell;
pub use clock::{Clock, FixedClock, Stopwatch, SystemClock};
pub use context::{Actor, Context};
pub use error::Error;
pub use hook::{AuditHook, HookError, run_after, run_before};
pub use instant::{EARLIEST, LATEST, to_micros};
pub use outcome::Outcome;
pub use report::{BlockedRow, CleanupReport, ModelReport, Stopped};
pub use retention::{Retention, RetentionError};
pub use state::{SoftDelete, begun_days};
pub use status::Status;

pub use chrono;
pub use uuid;
