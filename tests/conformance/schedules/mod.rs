//! Two sessions, every interleaving of their steps: what a cleanup removes while somebody else restores, holds, deletes
//! again or inserts.
//!
//! Each session has a connection and three steps: it begins and looks, acts, and commits. A step that waits for a lock is
//! left waiting while the other session goes on, as in real life. What is asserted depends on no order: `on_database.rs`.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

/// The steps of one session.
pub const STEPS: usize = 3;

/// All orders in which two sessions can take their steps: which one is next.
pub fn interleavings() -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    for bits in 0..1_u32 << (2 * STEPS) {
        if bits.count_ones() as usize == STEPS {
            all.push((0..2 * STEPS).map(|place| (bits >> place & 1) as usize).collect());
        }
    }
    all
}

/// A session that takes a step whenever it is told to, on a thread of its own.
struct Player {
    go: Sender<()>,
    done: Receiver<()>,
    owed: usize,
    is_busy: bool,
}

impl Player {
    /// Takes the next step, if it is not still at the last one.
    fn step(&mut self, patience: Duration) {
        if !self.is_busy && self.owed > 0 {
            self.owed -= 1;
            self.is_busy = true;
            self.go.send(()).expect("a session");
        }
        if self.is_busy {
            match self.done.recv_timeout(patience) {
                Ok(()) => self.is_busy = false,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("a session is gone"),
            }
        }
    }
}

/// What a session does: before a step it waits for the first, after it it tells the second.
pub type Session<'s, T> = Box<dyn FnOnce(&Receiver<()>, &Sender<()>) -> T + Send + 's>;

/// Plays two sessions in this order; each is given what it must wait for before a step and tell after it.
pub fn play<T: Send>(order: &[usize], sessions: [Session<'_, T>; 2]) -> [T; 2] {
    // Long enough for a step that nobody is in the way of; one that takes longer only makes the order another one.
    const PATIENCE: Duration = Duration::from_millis(20);
    thread::scope(|scope| {
        let mut players = Vec::new();
        let mut threads = Vec::new();
        for session in sessions {
            let (go, may_go) = channel();
            let (is_done, done) = channel();
            threads.push(scope.spawn(move || session(&may_go, &is_done)));
            players.push(Player {
                go,
                done,
                owed: 0,
                is_busy: false,
            });
        }
        for who in order {
            players[*who].owed += 1;
            players[*who].step(PATIENCE);
        }
        while players.iter().any(|player| player.is_busy || player.owed > 0) {
            for player in &mut players {
                player.step(PATIENCE);
            }
        }
        let mut answers = threads
            .into_iter()
            .map(|thread| thread.join().expect("a session"));
        [(); 2].map(|()| answers.next().expect("two sessions"))
    })
}
