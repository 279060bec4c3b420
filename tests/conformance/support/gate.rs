//! Where threads wait for each other, and give up when one never comes.

use std::{
    sync::{Condvar, Mutex},
    time::Duration,
};

/// Long after the last must have come.
const LIMIT: Duration = Duration::from_secs(60);

/// Opens when all have come. Unlike a barrier it does not keep the others for ever when one has panicked on its way.
pub struct Gate {
    missing: Mutex<usize>,
    all_came: Condvar,
}

impl Gate {
    /// A gate for so many threads.
    pub fn new(threads: usize) -> Self {
        Self {
            missing: Mutex::new(threads),
            all_came: Condvar::new(),
        }
    }

    /// Waits until all have come.
    pub fn wait(&self) {
        let mut missing = self.missing.lock().expect("nobody panics here");
        *missing -= 1;
        self.all_came.notify_all();
        let (missing, waited) = self
            .all_came
            .wait_timeout_while(missing, LIMIT, |missing| *missing > 0)
            .expect("nobody panics here");
        let still_missing = *missing;
        drop(missing);
        assert!(!waited.timed_out(), "{still_missing} threads never came");
    }
}
