//! What the operations do, written once for every model, database and kind of connection.

mod absence;
mod change;
mod checks;
mod expired;
mod failure;
mod history;
mod hooks;
mod set;
mod transaction;

pub(crate) use change::change;
pub(crate) use expired::count_expired;
pub(crate) use history::history;
pub(crate) use set::{change_set, undo};

use crate::{Descriptor, Dialect, KeyBinds};

/// One row of one model, by its key.
pub(crate) struct Target<'a, DB: Dialect> {
    pub(crate) model: &'a Descriptor,
    pub(crate) key: &'a dyn KeyBinds<DB>,
}
