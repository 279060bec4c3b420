//! How cleanups are asked for, now and at regular times.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use soft_delete::{Cleanup, Retention};

use super::values::{pause, span};
use crate::schedule::print::{System, Time};

#[derive(Debug, Args)]
pub(crate) struct CleanupArgs {
    /// The models; all unless some are named.
    pub(crate) models: Vec<String>,
    /// All but this one; may be said several times.
    #[arg(long, value_name = "MODEL", conflicts_with = "models")]
    pub(crate) except: Vec<String>,
    /// Only tells what would be removed.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How long deleted rows stay in this run, whatever their models say: "30 days", "forever".
    #[arg(long)]
    pub(crate) retention: Option<Retention>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// Why, for the audit trail.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Adds figures for Prometheus to those in this file, also of a cleanup that failed.
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) metrics_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ForceCleanup {
    pub(crate) model: String,
    /// The rows; all deleted ones unless some are named.
    pub(crate) ids: Vec<String>,
    #[arg(long, required = true)]
    pub(crate) reason: String,
    /// Says the model's name, instead of typing it when asked.
    #[arg(long, value_name = "MODEL")]
    pub(crate) confirm: Option<String>,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

/// How much a cleanup does, how fast, and what is kept of it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Limits {
    /// Rows a transaction.
    #[arg(long, default_value_t = 1_000, value_name = "ROWS")]
    pub(crate) batch_size: u32,
    /// Stops after so many rows.
    #[arg(long, value_name = "ROWS")]
    pub(crate) max_rows: Option<u64>,
    /// The part of a table that may go at once, up to 1.
    #[arg(long, default_value_t = 0.5, value_name = "PART")]
    pub(crate) max_fraction: f64,
    /// Stops after this time: 30s, 15m, 1h.
    #[arg(long, value_parser = span, value_name = "TIME")]
    pub(crate) max_duration: Option<Duration>,
    /// After each batch, so that others can write: 50ms, 1s.
    #[arg(long, default_value = "10ms", value_parser = pause, value_name = "TIME")]
    pub(crate) pause: Duration,
    /// Writes rows to a new file in this directory before they are removed.
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) archive: Option<PathBuf>,
}

impl Limits {
    /// The cleanup, so limited.
    pub(crate) fn of<'r>(&self, cleanup: Cleanup<'r>) -> Cleanup<'r> {
        let mut cleanup = cleanup
            .batch_size(self.batch_size)
            .max_fraction(self.max_fraction)
            .pause(self.pause);
        if let Some(rows) = self.max_rows {
            cleanup = cleanup.max_rows(rows);
        }
        if let Some(time) = self.max_duration {
            cleanup = cleanup.max_duration(time);
        }
        match &self.archive {
            Some(directory) => cleanup.archive(soft_delete::Archive::in_directory(directory)),
            None => cleanup,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// Runs cleanups until Ctrl-C or SIGTERM. Several instances do each of them once.
    Run(ScheduleRun),
    /// Prints the files for what the system has to run programs at regular times.
    Print(SchedulePrint),
}

#[derive(Debug, Args)]
pub(crate) struct ScheduleRun {
    /// How often: 30s, 15m, 1h, 1d. Counted from midnight UTC, so that every instance means the same moments.
    #[arg(long, default_value = "1h", value_parser = span, value_name = "TIME")]
    pub(crate) every: Duration,
    /// At these times instead: minute, hour, day of the month, month, day of the week, such as "17 3 * * *".
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "every")]
    pub(crate) cron: Option<String>,
    /// The time zone of --cron, such as Europe/Berlin.
    #[arg(long, default_value = "UTC", value_name = "ZONE", requires = "cron")]
    pub(crate) time_zone: String,
    /// When a database that is away is asked again.
    #[arg(long, default_value = "30s", value_parser = span, value_name = "TIME")]
    pub(crate) retry: Duration,
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// Answers /health and /metrics on this port of 127.0.0.1.
    #[arg(long, value_name = "PORT")]
    pub(crate) listen: Option<u16>,
    /// Writes figures for Prometheus to this file, added to those that are in it.
    #[arg(long, value_name = "FILE")]
    pub(crate) metrics_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SchedulePrint {
    #[arg(value_enum)]
    pub(crate) system: System,
    /// The time of day, in the time zone of the system.
    #[arg(long, default_value = "03:17", value_name = "HH:MM")]
    pub(crate) at: Time,
    /// The folder of soft-delete.toml; by default this one.
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
    /// The program; by default this one.
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,
    /// Writes the files into this directory instead.
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) into: Option<PathBuf>,
}
