//! The commands, a module for each or for a few that belong together.

pub(crate) mod archive;
pub(crate) mod change;
pub(crate) mod cleanup;
pub(crate) mod doctor;
pub(crate) mod force_cleanup;
pub(crate) mod hold;
pub(crate) mod list_deleted;
pub(crate) mod migrate;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod trail;
