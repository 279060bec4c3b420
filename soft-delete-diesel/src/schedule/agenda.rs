//! What a scheduler does next.

use std::time::Duration;

use soft_delete_core::{
    Stopwatch,
    chrono::{DateTime, TimeDelta, Utc},
};

use super::moments::{Moments, Turn};
use crate::DeletionId;

/// Processes that were started together do not all come at once.
const JITTER_MS: u128 = 1_000;

/// How long a cleanup of another process is left alone before it is looked at again: about its lease.
const PATIENCE: Duration = Duration::from_secs(15);

/// The turn that is being waited for or worked on.
#[derive(Debug)]
pub(super) struct Agenda {
    moments: Moments,
    turn: Turn,
    wait: Wait,
}

#[derive(Debug)]
enum Wait {
    Until(DateTime<Utc>),
    /// Whatever happens to the clock meanwhile.
    For(Stopwatch, Duration),
}

impl Agenda {
    pub(super) fn new(moments: Moments, now: DateTime<Utc>) -> Self {
        let turn = moments.first(now);
        Self {
            moments,
            turn,
            wait: Wait::Until(later(turn.at, now)),
        }
    }

    pub(super) fn turn(&self) -> Turn {
        self.turn
    }

    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        match &self.wait {
            Wait::Until(moment) => *moment <= now,
            Wait::For(since, time) => since.elapsed() >= *time,
        }
    }

    /// The turn is over: the next one is waited for.
    pub(super) fn done(&mut self, now: DateTime<Utc>) {
        self.turn = self.moments.next(self.turn.at, now);
        self.wait = Wait::Until(later(self.turn.at, now));
    }

    /// Somebody else is at it: the turn is looked at again after a lease, or sooner where turns come closer.
    pub(super) fn busy(&mut self) {
        let next = self.moments.next(self.turn.at, self.turn.at).at;
        let quarter = (next - self.turn.at).to_std().unwrap_or(PATIENCE) / 4;
        self.again(PATIENCE.min(quarter));
    }

    /// The turn is tried again after this time.
    pub(super) fn again(&mut self, pause: Duration) {
        self.wait = Wait::For(Stopwatch::start(), pause);
    }
}

fn later(moment: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    // The last bits of an identity are random.
    let jitter = DeletionId::at(now).as_uuid().as_u128() % JITTER_MS;
    let jitter = TimeDelta::milliseconds(i64::try_from(jitter).unwrap_or_default());
    moment.checked_add_signed(jitter).unwrap_or(moment)
}
