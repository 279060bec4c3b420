//! Who acts, and why.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{Clock, Retention, SystemClock, to_micros};

/// Who acts: a user name, a numeric id, a UUID, anything with a text form.
///
/// It is stored in the model's `deleted_by` column (as text, integer or UUID, whatever the column is) and as text in
/// the audit trail.
///
/// ```
/// use soft_delete_core::{Actor, Context};
/// let context: Context = Actor::new("admin").because("Customer requested removal");
/// assert_eq!(context.actor().as_str(), "admin");
/// assert_eq!(context.reason(), Some("Customer requested removal"));
/// assert_eq!(Actor::new(7).as_str(), "7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct Actor(String);

impl Actor {
    /// An actor by its text form.
    pub fn new(who: impl fmt::Display) -> Self {
        Self(who.to_string())
    }

    /// The same actor with a reason: the whole context of an operation.
    pub fn because(self, reason: impl Into<String>) -> Context {
        Context::from(self).because(reason)
    }

    /// The same actor, restoring the rows that a row hangs on as well: see [`Context::with_parents`].
    pub fn with_parents(self) -> Context {
        Context::from(self).with_parents()
    }

    /// The actor's text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Who acts, why, and by which clock: what every operation is given.
///
/// An [`Actor`] alone is a context without a reason.
#[derive(Clone)]
#[must_use = "a context is for an operation"]
pub struct Context {
    actor: Actor,
    reason: Option<String>,
    clock: Option<Arc<dyn Clock>>,
    with_parents: bool,
    ends_at: Option<DateTime<Utc>>,
    kept_for: Option<Retention>,
}

impl Context {
    /// Adds or replaces the reason. Any text of any length is stored unchanged.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Takes the time from this clock instead of [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Ends a hold that is placed now by itself at this instant; without it the hold stays until it is released.
    ///
    /// ```
    /// use soft_delete_core::{Actor, chrono::DateTime};
    /// let end = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
    /// let context = Actor::new("legal").because("case 17").until(end);
    /// assert_eq!(context.ends_at(), Some(end));
    /// ```
    pub fn until(mut self, instant: DateTime<Utc>) -> Self {
        self.ends_at = Some(to_micros(instant));
        self
    }

    /// When a hold ends by itself, if it does.
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.ends_at
    }

    /// Restores the deleted rows that a row hangs on as well, instead of refusing with `Error::ParentDeleted`.
    ///
    /// The parents come back alone: what else went with them stays deleted. Other acts than a restore pay no heed to it.
    pub fn with_parents(mut self) -> Self {
        self.with_parents = true;
        self
    }

    /// Whether a restore brings back parents as well.
    pub fn wants_parents(&self) -> bool {
        self.with_parents
    }

    /// Keeps what is deleted now for this long, whatever the retention of its model is.
    ///
    /// It is stamped into the `purge_after` column; a model without one refuses the deletion. A restore takes no notice.
    ///
    /// ```
    /// use soft_delete_core::{Actor, Retention};
    /// let context = Actor::new("admin").because("a legal matter").keep_for(Retention::days(90)?);
    /// assert_eq!(context.kept_for(), Some(Retention::days(90)?));
    /// # Ok::<_, soft_delete_core::RetentionError>(())
    /// ```
    pub fn keep_for(mut self, retention: Retention) -> Self {
        self.kept_for = Some(retention);
        self
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Why, if it was said.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// How long to keep what is deleted, if it was said.
    pub fn kept_for(&self) -> Option<Retention> {
        self.kept_for
    }

    /// The present moment by this context's clock, in UTC, cut to microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        to_micros(self.clock.as_ref().map_or_else(|| SystemClock.now(), Clock::now))
    }
}

impl From<Actor> for Context {
    fn from(actor: Actor) -> Self {
        Self {
            actor,
            reason: None,
            clock: None,
            with_parents: false,
            ends_at: None,
            kept_for: None,
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("actor", &self.actor)
            .field("reason", &self.reason)
            .field("kept_for", &self.kept_for)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;

    #[test]
    fn a_context_cuts_its_clock_to_microseconds() {
        let clock = FixedClock::at(DateTime::from_timestamp(0, 1_999).expect("in range"));
        let context = Context::from(Actor::new("me")).clock(clock);
        assert_eq!(context.now().timestamp_subsec_nanos(), 1_000);
    }
}
