//! How far a cleanup is, for those who wait.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use soft_delete::Progress;

/// How far a cleanup is: a line that is written over on a terminal, elsewhere a line every ten seconds.
pub(crate) struct Bar {
    is_quiet: bool,
    is_terminal: bool,
    told: Instant,
    is_shown: bool,
}

impl Bar {
    #[allow(
        clippy::disallowed_methods,
        reason = "how often something is told is no time that is stored"
    )]
    pub(crate) fn new(is_quiet: bool) -> Self {
        Self {
            is_quiet,
            is_terminal: io::stderr().is_terminal(),
            told: Instant::now(),
            is_shown: false,
        }
    }

    pub(crate) fn show(&mut self, progress: &Progress<'_>) {
        let every = Duration::from_millis(if self.is_terminal { 100 } else { 10_000 });
        if self.is_quiet || self.told.elapsed() < every {
            return;
        }
        self.told += self.told.elapsed();
        self.is_shown = self.is_terminal;
        let line = line(progress);
        let mut err = io::stderr();
        // Nothing is lost where nobody can be told.
        let _ = if self.is_terminal {
            write!(err, "\r\x1b[2K{line}\r").and_then(|()| err.flush())
        } else {
            writeln!(err, "{line}")
        };
    }
}

// What comes next is not written into the rest of it.
impl Drop for Bar {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate need not be exact"
)]
fn line(progress: &Progress<'_>) -> String {
    const WIDTH: usize = 20;
    let part = progress.fraction().clamp(0.0, 1.0);
    let full = (part * WIDTH as f64) as usize;
    let rate = progress.purged as f64 / progress.elapsed.as_secs_f64().max(0.001);
    let left = progress.expired.saturating_sub(progress.purged) as f64 / rate.max(0.001);
    format!(
        "[{}{}] {} of {} rows, {rate:.0} a second, {left:.0} s left, {}",
        "#".repeat(full),
        " ".repeat(WIDTH - full),
        progress.purged,
        progress.expired,
        progress.model
    )
}
