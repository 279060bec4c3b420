//! Which rows of a model are worked with.

use diesel::query_builder::QueryFragment;

use crate::{Dialect, Predicate};

/// What narrows the rows of a model down, as part of each statement: nothing ([`Everywhere`]), a condition in Diesel's words by
/// reference, or one that there may be.
///
/// A row that the condition does not hold for is passed over like one that is not there, whatever key is given.
pub trait Within<DB: Dialect> {
    /// The condition.
    fn predicate(&self) -> Option<&Predicate<'_, DB>>;
}

/// All rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Everywhere;

impl<DB: Dialect> Within<DB> for Everywhere {
    fn predicate(&self) -> Option<&Predicate<'_, DB>> {
        None
    }
}

impl<DB: Dialect, P: QueryFragment<DB> + Send + Sync> Within<DB> for &P {
    fn predicate(&self) -> Option<&Predicate<'_, DB>> {
        Some(*self)
    }
}

impl<DB: Dialect, P: QueryFragment<DB> + Send + Sync> Within<DB> for Option<P> {
    fn predicate(&self) -> Option<&Predicate<'_, DB>> {
        self.as_ref().map(|predicate| predicate as &Predicate<'_, DB>)
    }
}
