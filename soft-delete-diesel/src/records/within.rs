//! The rows of a model as far as they meet a condition.

use diesel::connection::LoadConnection;
use soft_delete_core::{Action, Context};

use super::{RecordField, bound, change, keys};
use crate::{
    Descriptor, Dialect, Operation, Predicate, RestorePlan, Result, engine,
    executor::{Blocking, run},
    statement::{Rows, TextKey},
};

/// The rows of one model that meet a condition, by keys that are text: [`Records::within`](crate::Records::within).
///
/// The condition stands in each statement that changes something, so a row that it does not hold for is passed over like one that is
/// not there, whatever key is given.
#[must_use = "records are for operations"]
pub struct RecordsWithin<'p, DB: Dialect> {
    model: &'static Descriptor,
    within: &'p Predicate<'p, DB>,
}

impl<'p, DB: Dialect> RecordsWithin<'p, DB> {
    pub(super) fn new(model: &'static Descriptor, within: &'p Predicate<'p, DB>) -> Self {
        Self { model, within }
    }

    /// As [`Records::fields`](crate::Records::fields).
    ///
    /// # Errors
    /// As [`Records::fields`](crate::Records::fields).
    pub fn fields<C>(
        &self,
        conn: &mut C,
        id: &str,
        wanted: impl Fn(&str) -> bool + Sync,
    ) -> Result<Option<Vec<RecordField>>>
    where
        C: LoadConnection<Backend = DB>,
    {
        let key = TextKey::parse(self.model, id)?;
        let within = Some(self.within);
        run(engine::fields(
            &mut Blocking(conn),
            self.model,
            &key,
            within,
            &wanted,
        ))
    }

    /// As [`Records::soft_delete`](crate::Records::soft_delete).
    ///
    /// # Errors
    /// As [`Records::soft_delete`](crate::Records::soft_delete).
    pub fn soft_delete<C, S: AsRef<str>>(
        &self,
        conn: &mut C,
        ids: &[S],
        context: impl Into<Context>,
    ) -> Result<Operation>
    where
        C: LoadConnection<Backend = DB>,
    {
        let within = Some(self.within);
        run(change(
            self.model,
            Blocking(conn),
            ids,
            within,
            Action::SoftDelete,
            &context.into(),
        ))
    }

    /// As [`Records::restore`](crate::Records::restore).
    ///
    /// # Errors
    /// As [`Records::restore`](crate::Records::restore).
    pub fn restore<C, S: AsRef<str>>(
        &self,
        conn: &mut C,
        ids: &[S],
        context: impl Into<Context>,
    ) -> Result<Operation>
    where
        C: LoadConnection<Backend = DB>,
    {
        let within = Some(self.within);
        run(change(
            self.model,
            Blocking(conn),
            ids,
            within,
            Action::Restore,
            &context.into(),
        ))
    }

    /// As [`Records::restore_plan`](crate::Records::restore_plan).
    ///
    /// # Errors
    /// As [`Records::restore_plan`](crate::Records::restore_plan).
    pub fn restore_plan<C, S: AsRef<str>>(
        &self,
        conn: &mut C,
        ids: &[S],
        context: impl Into<Context>,
    ) -> Result<RestorePlan>
    where
        C: LoadConnection<Backend = DB>,
    {
        let keys = keys(self.model, ids)?;
        let bound = bound::<DB>(&keys);
        let rows = Rows::KeysWithin(&bound, self.within);
        run(engine::restore_plan(
            &mut Blocking(conn),
            self.model,
            &rows,
            &context.into(),
        ))
    }

    /// As [`Records::force_delete`](crate::Records::force_delete).
    ///
    /// # Errors
    /// As [`Records::force_delete`](crate::Records::force_delete).
    pub fn force_delete<C, S: AsRef<str>>(
        &self,
        conn: &mut C,
        ids: &[S],
        context: impl Into<Context>,
    ) -> Result<Operation>
    where
        C: LoadConnection<Backend = DB>,
    {
        let keys = keys(self.model, ids)?;
        let bound = bound::<DB>(&keys);
        let rows = Rows::KeysWithin(&bound, self.within);
        run(engine::force_delete(
            &mut Blocking(conn),
            self.model,
            &rows,
            &context.into(),
        ))
    }
}
