//! What the operations do, written once for every model, database and kind of connection.

mod absence;
mod along;
mod audit;
mod back_reference;
mod change;
mod checks;
mod cleanup;
mod database;
mod discovery;
mod doctor;
mod expired;
mod facts;
mod failure;
mod fields;
mod foreign_keys;
mod gate;
mod gone;
mod group_removal;
mod history;
mod hold;
mod hooks;
#[cfg(feature = "archive")]
mod images;
mod ledger;
mod listing;
#[cfg(feature = "archive")]
mod load;
mod one_model;
mod owners;
mod parents;
mod plan;
mod policies;
mod record_id;
mod record_state;
mod removal;
mod removal_check;
mod schedule;
mod set;
mod stats;
mod telemetry;
mod time_zone;
mod transaction;
mod triggers;
mod unchecked;
mod undo;

pub(crate) use audit::{activity, audit};
pub(crate) use change::change;
pub(crate) use cleanup::{cleanup, runs};
pub(crate) use database::database;
use database::database_time;
pub(crate) use discovery::{discover, discover_foreign_keys, discover_unique_keys, find_discovered};
pub(crate) use doctor::doctor;
pub(crate) use expired::count_expired;
pub(crate) use fields::fields;
pub(crate) use history::history;
pub(crate) use hold::{Asked, hold, holds, holds_on, release, release_one};
pub(crate) use ledger::operations;
pub(crate) use listing::list_deleted;
#[cfg(feature = "archive")]
pub(crate) use load::load_archive;
pub(crate) use plan::restore_plan;
pub(crate) use record_id::resolve as record_id;
pub(crate) use record_state::record_state;
pub(crate) use removal::{force_delete, force_delete_one};
pub(crate) use schedule::scheduled;
pub(crate) use set::change_set;
pub(crate) use stats::stats;
pub(crate) use time_zone::use_utc;
pub(crate) use undo::undo;

use crate::{Descriptor, Dialect, KeyBinds};

/// One row of one model, by its key.
pub(crate) struct Target<'a, DB: Dialect> {
    pub(crate) model: &'static Descriptor,
    pub(crate) key: &'a dyn KeyBinds<DB>,
}
