//! How long the deleted rows of a model stay: what it declares, until the application configures something else.

use std::sync::{PoisonError, RwLock};

use soft_delete_core::Retention;

/// The retention that is in force for a model.
pub(crate) struct Policy(RwLock<Retention>);

impl Policy {
    /// What a model declares.
    pub(crate) fn declared(retention: Retention) -> Self {
        Self(RwLock::new(retention))
    }

    /// The retention now.
    pub(crate) fn in_force(&self) -> Retention {
        // A retention is copied whole: nobody who panicked can have left half of one.
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts another one in its place, for the whole process.
    pub(crate) fn configure(&self, retention: Retention) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = retention;
    }
}

impl Clone for Policy {
    fn clone(&self) -> Self {
        Self::declared(self.in_force())
    }
}
