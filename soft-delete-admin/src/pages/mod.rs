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
pub(crate) mod refusal;
pub(crate) mod runs;
pub(crate) mod undo;
mod words;

#[cfg(feature = "alone")]
pub(crate) use layout::bare;
use maud::Markup;

use crate::desk::Refusal;

/// A page, or why there is none.
pub(crate) type Page = Result<Markup, Refusal>;

/// As many entries as a page of a list has unless it is said, and at most.
const ENTRIES: u32 = 50;
const MOST_ENTRIES: u32 = 200;

/// How many entries are asked for.
pub(crate) fn size(fields: &crate::fields::Fields) -> u32 {
    fields
        .parsed::<u32>("size")
        .unwrap_or(ENTRIES)
        .clamp(1, MOST_ENTRIES)
}
