//! Who is signed in: tokens that nobody can guess, of which only hashes are kept, and which end by themselves.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::users::Role;

/// A session that nobody uses ends after this time.
const IDLE: TimeDelta = TimeDelta::minutes(30);

/// Every session ends after this time.
const ABSOLUTE: TimeDelta = TimeDelta::hours(12);

/// More than these are not kept: the oldest end.
const MOST: usize = 10_000;

type Hashed = [u8; 32];

/// Whoever is signed in; an extension of their requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedIn {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// What tells this session from others, and is no secret.
    pub(crate) session: String,
}

impl SignedIn {
    fn new(name: &str, role: Role) -> Self {
        Self {
            name: name.to_owned(),
            role,
            session: random(),
        }
    }

    /// Whoever is at the machine.
    pub(super) fn anybody() -> Self {
        Self {
            name: "administrator".to_owned(),
            role: Role::Administrator,
            session: "nobody signs in".to_owned(),
        }
    }
}

/// The sessions of this process.
#[derive(Default)]
pub(super) struct Sessions {
    known: Mutex<HashMap<Hashed, Session>>,
    /// The key that lets somebody in once, and since when.
    key: Mutex<Option<(Hashed, DateTime<Utc>)>>,
}

struct Session {
    signed_in: SignedIn,
    began: DateTime<Utc>,
    seen: DateTime<Utc>,
}

impl Session {
    fn is_over(&self, now: DateTime<Utc>) -> bool {
        now - self.began >= ABSOLUTE || now - self.seen >= IDLE
    }
}

impl Sessions {
    /// Begins one; answers its token, which nobody else learns.
    pub(super) fn begin(&self, name: &str, role: Role, now: DateTime<Utc>) -> String {
        let token = random();
        let mut known = self.known();
        known.retain(|_, session| !session.is_over(now));
        if known.len() >= MOST {
            let oldest = known
                .iter()
                .min_by_key(|(_, session)| session.seen)
                .map(|(key, _)| *key);
            oldest.map(|key| known.remove(&key));
        }
        let signed_in = SignedIn::new(name, role);
        known.insert(
            hashed(&token),
            Session {
                signed_in,
                began: now,
                seen: now,
            },
        );
        token
    }

    /// Whose token this is, if its session goes on; it is used by that.
    pub(super) fn of(&self, token: &str, now: DateTime<Utc>) -> Option<SignedIn> {
        let mut known = self.known();
        let session = known
            .get_mut(&hashed(token))
            .filter(|session| !session.is_over(now))?;
        session.seen = now;
        Some(session.signed_in.clone())
    }

    /// Ends one.
    pub(super) fn end(&self, token: &str) {
        self.known().remove(&hashed(token));
    }

    /// Lets in whoever has this key, once, within the time of an idle session.
    pub(super) fn keep_key(&self, key: &str, now: DateTime<Utc>) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some((hashed(key), now));
    }

    /// Whether this is the key; it is none from then on.
    pub(super) fn takes(&self, key: &str, now: DateTime<Utc>) -> bool {
        let mut expected = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = expected.is_some_and(|(known, since)| known == hashed(key) && now - since < IDLE);
        if is_it {
            *expected = None;
        }
        is_it
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Hashed, Session>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text of 244 random bits.
pub(super) fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

// Tokens are compared by their hashes, which takes the same time however much of a guess is right.
fn hashed(token: &str) -> Hashed {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_by_themselves() {
        let start: DateTime<Utc> = "2026-01-15T08:00:00Z".parse().expect("a time");
        let sessions = Sessions::default();
        let token = sessions.begin("ann", Role::Viewer, start);
        let other = sessions.begin("ann", Role::Viewer, start);
        assert_ne!(token, other);
        let at = |minutes| start + TimeDelta::minutes(minutes);
        // Used, it goes on; not used, it ends.
        for minutes in (0..720).step_by(29) {
            assert!(sessions.of(&token, at(minutes)).is_some(), "{minutes}");
        }
        assert_eq!(sessions.of(&other, at(30)), None);
        assert_eq!(sessions.of(&token, at(720)), None, "twelve hours are the end");
        assert_eq!(sessions.of("", at(1)), None);
        let third = sessions.begin("ann", Role::Viewer, at(0));
        sessions.end(&third);
        assert_eq!(sessions.of(&third, at(1)), None);
    }

    #[test]
    fn a_key_is_good_once() {
        let now: DateTime<Utc> = "2026-01-15T08:00:00Z".parse().expect("a time");
        let sessions = Sessions::default();
        sessions.keep_key("key", now);
        assert!(!sessions.takes("other", now));
        assert!(sessions.takes("key", now));
        assert!(!sessions.takes("key", now));
        sessions.keep_key("key", now);
        assert!(!sessions.takes("key", now + TimeDelta::minutes(30)));
    }
}
