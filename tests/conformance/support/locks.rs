//! Asking MariaDB who waits, one test after another.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

static ASKING: Mutex<()> = Mutex::new(());

/// Waits for its turn: InnoDB renews what it tells of waiting transactions only when nobody has asked for a tenth of a second.
pub fn my_turn() -> MutexGuard<'static, ()> {
    let turn = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    thread::sleep(Duration::from_millis(120));
    turn
}
