//! `cleanup`: expired rows are removed for good, after they were counted and somebody said yes.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::connection::LoadConnection;
use soft_delete::{Archive, CleanupReport, Dialect, Error, Progress, StopHandle, Stopped};

use crate::{
    args,
    exit::Exit,
    failure::Failure,
    output::{Document, rows},
    session::{Answer, Session},
};

const COLUMNS: [&str; 7] = [
    "model",
    "expired",
    "purged",
    "owned",
    "held",
    "blocked_rows",
    "skipped",
];

pub(crate) fn run<C>(session: &mut Session<'_, C>, asked: &args::Cleanup) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    for model in &asked.models {
        session.registry.model(model)?;
    }
    if asked.dry_run {
        let report = cleanup(session, asked).dry_run(true).run(session.conn)?;
        answer(session, &report)?;
        return Ok(Exit::Done);
    }
    if !session.common.yes {
        let forecast = cleanup(session, asked).dry_run(true).run(session.conn)?;
        session.say(&forecast.to_string());
        let due = forecast.purged();
        if due == 0 {
            // A run that has nothing to remove is on record all the same.
            let report = cleanup(session, asked).run(session.conn)?;
            answer(session, &report)?;
            return Ok(Exit::Done);
        }
        if !session.consent().to(&format!("Remove {} for good", rows(due)))? {
            session.say("Nothing was removed.");
            return Ok(Exit::Done);
        }
    }
    finish(session, |session, signals| {
        let cleanup = cleanup(session, asked);
        signals.watch(cleanup, session.common.quiet).run(session.conn)
    })
}

fn cleanup<'r, C>(session: &Session<'r, C>, asked: &args::Cleanup) -> soft_delete::Cleanup<'r>
where
    C: LoadConnection<Backend: Dialect>,
{
    let mut cleanup = soft_delete::Cleanup::new(session.registry)
        .models(asked.models.iter().cloned())
        .by(session.who(asked.reason.clone()))
        .batch_size(asked.batch_size)
        .max_fraction(asked.max_fraction)
        .pause(Duration::from_millis(asked.pause));
    if let Some(rows) = asked.max_rows {
        cleanup = cleanup.max_rows(rows);
    }
    if let Some(seconds) = asked.max_duration {
        cleanup = cleanup.max_duration(Duration::from_secs(seconds));
    }
    if let Some(retention) = asked.retention {
        cleanup = cleanup.retention(retention);
    }
    archived(cleanup, asked.archive.as_deref())
}

/// With an archive in this directory, if there is to be one.
pub(crate) fn archived<'r>(
    cleanup: soft_delete::Cleanup<'r>,
    directory: Option<&Path>,
) -> soft_delete::Cleanup<'r> {
    match directory {
        Some(directory) => cleanup.archive(Archive::in_directory(directory)),
        None => cleanup,
    }
}

/// Runs a cleanup that signals stop, and tells what it did, also when an error ended it.
pub(super) fn finish<C>(
    session: &mut Session<'_, C>,
    run: impl FnOnce(&mut Session<'_, C>, &Signals) -> Result<CleanupReport, Error>,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let signals = Signals::listen()?;
    match run(session, &signals) {
        Ok(report) => {
            answer(session, &report)?;
            session.say(&report.stopped.to_string());
            Ok(signals.exit(&report))
        }
        Err(Error::CleanupFailed { report, source }) => {
            answer(session, &report)?;
            Err(Failure::from(Error::CleanupFailed { report, source }))
        }
        Err(error) => Err(error.into()),
    }
}

fn answer<C>(session: &Session<'_, C>, report: &CleanupReport) -> Result<(), Failure>
where
    C: LoadConnection<Backend: Dialect>,
{
    let mut document = Document::list("models", &COLUMNS);
    document
        .field("dry_run", report.dry_run)
        .field("stopped", report.stopped.as_str())
        .field("run_id", report.run_id.to_string())
        .field("at", serde_json::to_value(report.at)?)
        .field("archive", serde_json::to_value(&report.archive)?);
    for model in &report.models {
        let item = document.push(model)?;
        item.shift_remove("elapsed");
        item.insert("seconds".to_owned(), model.elapsed.as_secs_f64().into());
        for blocked in &model.blocked {
            document.note(format!(
                "{} {} stays: {}",
                model.model, blocked.id, blocked.constraint
            ));
        }
    }
    if let Some(archive) = &report.archive {
        document.note(format!("Archived to {}", archive.display()));
    }
    if report.dry_run {
        document.note(format!(
            "Dry run: nothing was changed. {} would be removed.",
            rows(report.purged())
        ));
    }
    session.answer(document)
}

/// Ctrl-C and SIGTERM, which end a cleanup after its batch; a second one ends the program at once.
pub(crate) struct Signals {
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
    stop: StopHandle,
}

impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let flag = |signal, exit: Exit| -> io::Result<Arc<AtomicBool>> {
            let flag = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register_conditional_shutdown(signal, exit as i32, Arc::clone(&flag))?;
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
            Ok(flag)
        };
        Ok(Self {
            interrupted: flag(SIGINT, Exit::Interrupted)?,
            terminated: flag(SIGTERM, Exit::Terminated)?,
            stop: StopHandle::new(),
        })
    }

    /// The cleanup, stopped by a signal, with its progress told.
    pub(crate) fn watch<'r>(
        &self,
        cleanup: soft_delete::Cleanup<'r>,
        quiet: bool,
    ) -> soft_delete::Cleanup<'r> {
        let (interrupted, terminated) = (Arc::clone(&self.interrupted), Arc::clone(&self.terminated));
        let stop = self.stop.clone();
        let mut bar = Bar::new(quiet);
        cleanup.stop(&self.stop).progress(move |progress| {
            if interrupted.load(Ordering::Relaxed) || terminated.load(Ordering::Relaxed) {
                stop.stop();
            }
            bar.show(progress);
        })
    }

    /// Whether one came.
    pub(crate) fn came(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.terminated.load(Ordering::Relaxed)
    }

    fn exit(&self, report: &CleanupReport) -> Exit {
        match report.stopped {
            Stopped::Requested if self.terminated.load(Ordering::Relaxed) => Exit::Terminated,
            Stopped::Requested => Exit::Interrupted,
            Stopped::LeaseLost => Exit::Partial,
            _ if report
                .models
                .iter()
                .any(|model| model.blocked_rows > 0 || model.skipped > 0) =>
            {
                Exit::Partial
            }
            _ => Exit::Done,
        }
    }
}

/// How far a cleanup is: a line that is written over on a terminal, elsewhere a line every ten seconds.
struct Bar {
    is_quiet: bool,
    is_terminal: bool,
    told: Instant,
}

impl Bar {
    #[allow(
        clippy::disallowed_methods,
        reason = "how often something is told is no time that is stored"
    )]
    fn new(is_quiet: bool) -> Self {
        Self {
            is_quiet,
            is_terminal: io::stderr().is_terminal(),
            told: Instant::now(),
        }
    }

    fn show(&mut self, progress: &Progress<'_>) {
        let every = Duration::from_millis(if self.is_terminal { 100 } else { 10_000 });
        if self.is_quiet || self.told.elapsed() < every {
            return;
        }
        self.told += self.told.elapsed();
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
