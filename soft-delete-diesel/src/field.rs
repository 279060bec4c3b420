//! The Rust side of the roles: how a model's fields take what the engine wrote.

use std::str::FromStr;

use soft_delete_core::chrono::{DateTime, NaiveDateTime, Utc};

use crate::DeletionId;

/// Rust types of the `deleted_at` role.
#[diagnostic::on_unimplemented(
    message = "the `deleted_at` field has type `{Self}`, which cannot mark a deletion",
    note = "make it Option<DateTime<Utc>> or Option<NaiveDateTime> (in UTC)"
)]
pub trait TimeField {
    /// The instant in UTC.
    fn instant(&self) -> Option<DateTime<Utc>>;
    /// Takes the instant.
    fn set(&mut self, instant: Option<DateTime<Utc>>);
}

#[diagnostic::do_not_recommend]
impl TimeField for Option<DateTime<Utc>> {
    fn instant(&self) -> Option<DateTime<Utc>> {
        *self
    }
    fn set(&mut self, instant: Option<DateTime<Utc>>) {
        *self = instant;
    }
}

#[diagnostic::do_not_recommend]
impl TimeField for Option<NaiveDateTime> {
    fn instant(&self) -> Option<DateTime<Utc>> {
        self.map(|time| time.and_utc())
    }
    fn set(&mut self, instant: Option<DateTime<Utc>>) {
        *self = instant.map(|instant| instant.naive_utc());
    }
}

/// Rust types of the `purge_after` role.
#[diagnostic::on_unimplemented(
    message = "the `purge_after` field has type `{Self}`, which cannot hold when a row becomes due",
    note = "make it Option<DateTime<Utc>> or Option<NaiveDateTime> (in UTC)"
)]
pub trait PurgeAfterField {
    /// The instant in UTC.
    fn instant(&self) -> Option<DateTime<Utc>>;
    /// Takes the instant.
    fn set(&mut self, instant: Option<DateTime<Utc>>);
}

#[diagnostic::do_not_recommend]
impl<T: TimeField> PurgeAfterField for T {
    fn instant(&self) -> Option<DateTime<Utc>> {
        TimeField::instant(self)
    }
    fn set(&mut self, instant: Option<DateTime<Utc>>) {
        TimeField::set(self, instant);
    }
}

/// Rust types of the `deleted_by` role: an `Option` of anything that is read from text.
#[diagnostic::on_unimplemented(
    message = "the `deleted_by` field has type `{Self}`, which cannot hold an actor",
    note = "make it Option<String>, Option<i32>, Option<i64>, Option<Uuid> or an Option of your own type that implements FromStr"
)]
pub trait ActorField {
    /// Whether the actor can be held.
    fn fits(actor: &str) -> bool;
    /// Takes the actor.
    fn set(&mut self, actor: Option<&str>);
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> ActorField for Option<T> {
    fn fits(actor: &str) -> bool {
        actor.parse::<T>().is_ok()
    }
    fn set(&mut self, actor: Option<&str>) {
        // `fits` was asked before anything was written, so only an active row is without an actor here.
        *self = actor.and_then(|actor| actor.parse().ok());
    }
}

/// Rust types of the `deletion_reason` role: an `Option` of anything made from a `String`.
#[diagnostic::on_unimplemented(
    message = "the `deletion_reason` field has type `{Self}`, which cannot hold a reason",
    note = "make it Option<String>"
)]
pub trait ReasonField {
    /// Takes the reason.
    fn set(&mut self, reason: Option<&str>);
}

#[diagnostic::do_not_recommend]
impl<T: From<String>> ReasonField for Option<T> {
    fn set(&mut self, reason: Option<&str>) {
        *self = reason.map(|reason| T::from(reason.to_owned()));
    }
}

/// Rust types of the `deletion_id` role: an `Option` of anything made from a [`DeletionId`].
#[diagnostic::on_unimplemented(
    message = "the `deletion_id` field has type `{Self}`, which cannot hold an operation's identity",
    note = "make it Option<DeletionId>, Option<Uuid> or Option<String>"
)]
pub trait DeletionIdField {
    /// Takes the identity.
    fn set(&mut self, id: Option<DeletionId>);
}

#[diagnostic::do_not_recommend]
impl<T: From<DeletionId>> DeletionIdField for Option<T> {
    fn set(&mut self, id: Option<DeletionId>) {
        *self = id.map(T::from);
    }
}

/// Rust types of the `is_deleted` role.
#[diagnostic::on_unimplemented(
    message = "the `is_deleted` field has type `{Self}`, which is not a flag",
    note = "make it bool or a whole number, or an Option of one"
)]
pub trait FlagField {
    /// Takes the flag.
    fn set(&mut self, deleted: bool);
}

#[diagnostic::do_not_recommend]
impl FlagField for bool {
    fn set(&mut self, deleted: bool) {
        *self = deleted;
    }
}

macro_rules! whole_number_flags {
    ($($number:ty),+) => {
        $(#[diagnostic::do_not_recommend]
        impl FlagField for $number {
            fn set(&mut self, deleted: bool) {
                *self = deleted.into();
            }
        })+
    };
}

whole_number_flags!(i8, i16, i32, i64, u8, u16, u32, u64);

#[diagnostic::do_not_recommend]
impl<T: FlagField + Default> FlagField for Option<T> {
    fn set(&mut self, deleted: bool) {
        self.get_or_insert_default().set(deleted);
    }
}
