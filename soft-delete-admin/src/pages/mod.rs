//! The pages, a module for each.

pub(crate) mod audit;
pub(crate) mod chart;
pub(crate) mod confirm;
pub(crate) mod holds;
mod layout;
pub(crate) mod operations;
pub(crate) mod overview;
pub(crate) mod record;
pub(crate) mod records;
pub(crate) mod runs;
pub(crate) mod undo;
mod words;

pub(crate) use layout::bare;
use maud::Markup;

use crate::refusal::Refusal;

/// A page, or why there is none.
pub(crate) type Page = Result<Markup, Refusal>;
