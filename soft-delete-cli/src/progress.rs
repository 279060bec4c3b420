//! How far a cleanup is, for those who wait.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use soft_delete::Progress;

use crate::output::text;

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
        let mut err = io::stderr();
        let line = line(progress, terminal_width());
        // Nothing is lost where nobody can be told.
        let _ = if self.is_terminal {
            write!(err, "\r\x1b[2K{line}\r").and_then(|()| err.flush())
        } else {
            writeln!(err, "{line}")
        };
    }
}

fn terminal_width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stderr())?;
    Some(usize::from(width.0))
}

// What comes next is not written into the rest of it.
impl Drop for Bar {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a rate need not be exact")]
fn line(progress: &Progress<'_>, terminal: Option<usize>) -> String {
    let rate = progress.purged as f64 / progress.elapsed.as_secs_f64().max(0.001);
    let left = progress.expired.saturating_sub(progress.purged) as f64 / rate.max(0.001);
    let figures = format!(
        "{} of {} rows, {rate:.0} a second, {left:.0} s left",
        progress.purged, progress.expired,
    );
    fitted(progress.fraction(), &figures, progress.model, terminal)
}

/// A line that wraps cannot be written over: the name is cut, then there is no bar, and then no name.
fn fitted(part: f64, figures: &str, model: &str, terminal: Option<usize>) -> String {
    const NARROWEST: usize = 8;
    let bar = bar(part);
    let name = text::line(model);
    let Some(terminal) = terminal else {
        return format!("{bar} {figures}, {name}");
    };
    // Some terminals wrap as soon as the last column is written.
    let room = terminal.saturating_sub(1);
    let least = text::width(&name).min(NARROWEST);
    for begin in [format!("{bar} {figures}, "), format!("{figures}, ")] {
        let left = room.saturating_sub(text::width(&begin));
        if left >= least {
            return begin + &text::cut(&name, left);
        }
    }
    text::cut(figures, room).into_owned()
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bar need not be exact"
)]
fn bar(part: f64) -> String {
    const WIDTH: usize = 20;
    let full = (part.clamp(0.0, 1.0) * WIDTH as f64) as usize;
    format!("[{}{}]", "#".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_its_terminal() {
        let model = "sales.callbacks_of_a_very_long_name";
        let figures = "1200 of 4800 rows, 600 a second, 6 s left";
        for (terminal, expected) in [
            (
                None,
                "[#####               ] 1200 of 4800 rows, 600 a second, 6 s left, sales.callbacks_of_a_very_long_name",
            ),
            (
                Some(80),
                "[#####               ] 1200 of 4800 rows, 600 a second, 6 s left, sales.callba…",
            ),
            (
                Some(60),
                "1200 of 4800 rows, 600 a second, 6 s left, sales.callbacks…",
            ),
            (Some(40), "1200 of 4800 rows, 600 a second, 6 s l…"),
        ] {
            let line = fitted(0.25, figures, model, terminal);
            assert_eq!(line, expected);
            assert!(
                terminal.is_none_or(|terminal| text::width(&line) < terminal),
                "{line}"
            );
        }
        let whole = fitted(1.0, "8 of 8 rows", "日本\u{1b}[2J", Some(80));
        assert_eq!(whole, "[####################] 8 of 8 rows, 日本 [2J");
    }
}
