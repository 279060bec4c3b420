//! Forms are signed, so that another site cannot send them, nor a visitor those of another session.

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// How long a form may lie open before it is sent.
const LIFETIME_SECONDS: i64 = 12 * 3_600;

/// What forms are signed with.
#[derive(Clone)]
pub(crate) struct Secret(Hmac<Sha256>);

impl Secret {
    pub(crate) fn random() -> Self {
        let (first, second) = (Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes());
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&first);
        bytes[16..].copy_from_slice(&second);
        Self::of(&bytes)
    }

    pub(crate) fn of(bytes: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(bytes).expect("HMAC takes a key of any length"))
    }

    /// The token of the forms of this session, made at this time: `<seconds>.<signature>`.
    pub(crate) fn token(&self, session: &str, now: DateTime<Utc>) -> String {
        let made = now.timestamp();
        format!(
            "{made}.{}",
            hexadecimal(&self.signed(session, made).finalize().into_bytes())
        )
    }

    /// Whether the token was made for this session, and not too long ago.
    pub(crate) fn accepts(&self, token: &str, session: &str, now: DateTime<Utc>) -> bool {
        let Some((made, signature)) = token.split_once('.') else {
            return false;
        };
        let (Ok(made), Some(signature)) = (made.parse::<i64>(), bytes(signature)) else {
            return false;
        };
        let age = now.timestamp().saturating_sub(made);
        (0..=LIFETIME_SECONDS).contains(&age) && self.signed(session, made).verify_slice(&signature).is_ok()
    }

    fn signed(&self, session: &str, made: i64) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(&made.to_be_bytes());
        mac.update(session.as_bytes());
        mac
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.map(|half| DIGITS[usize::from(half)]).collect()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_token_is_of_one_session_and_one_secret_for_a_while() {
        let now: DateTime<Utc> = "2026-01-15T12:00:00Z".parse().expect("a time");
        let secret = Secret::random();
        let token = secret.token("ann", now);
        assert!(secret.accepts(&token, "ann", now));
        assert!(secret.accepts(&token, "ann", now + TimeDelta::hours(12)));
        assert!(!secret.accepts(&token, "ann", now + TimeDelta::hours(13)));
        assert!(
            !secret.accepts(&token, "ann", now - TimeDelta::seconds(1)),
            "made in the future"
        );
        assert!(!secret.accepts(&token, "bob", now));
        assert!(!Secret::random().accepts(&token, "ann", now));
        let (made, signature) = token.split_once('.').expect("two parts");
        let older = format!("{}.{signature}", made.parse::<i64>().expect("seconds") - 1);
        for bad in ["", ".", "1.", "x.y", made, older.as_str(), "1768478400.zz"] {
            assert!(!secret.accepts(bad, "ann", now), "{bad}");
        }
    }
}
