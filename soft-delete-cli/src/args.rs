//! The command line.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand};
use soft_delete::{Action, Cleanup, DeletionId, Retention};

use crate::{
    log::LogFormat,
    output::Format,
    schedule::print::{System, Time},
};

/// Soft-deleted rows: figures, lists, restore, cleanup.
#[derive(Debug, Parser)]
#[command(
    name = "soft-delete",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done or declined, 1 failure, 2 usage or nobody to ask, 3 partly done, 4 another cleanup runs, 5 refused beforehand, 130 Ctrl-C, 143 SIGTERM."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "For every command")]
pub(crate) struct Common {
    /// postgres://.., mysql://.. or the path of a SQLite file.
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) database_url: Option<String>,
    /// Who acts, as the audit trail tells; by default the user and host of the system.
    #[arg(
        long,
        global = true,
        env = "SOFT_DELETE_ACTOR",
        hide_env_values = true,
        value_name = "WHO"
    )]
    pub(crate) actor: Option<String>,
    /// The form of the answer.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Says yes to every question.
    #[arg(long, short, global = true)]
    pub(crate) yes: bool,
    /// Never asks: what needs an answer ends with code 2.
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Says nothing beside the answer.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Tells on stderr what is done, as it is done: each deletion, restore, removal and run; twice for each batch as well.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The form in which that is told; saying it turns it on.
    #[arg(long, global = true, value_enum, value_name = "FORM")]
    pub(crate) log_format: Option<LogFormat>,
    /// Colours; by default on a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: clap::ColorChoice,
    #[command(flatten)]
    pub(crate) alone: Alone,
}

/// Where the stand-alone program finds its models.
#[derive(Debug, Args)]
pub(crate) struct Alone {
    /// The file that names the models.
    #[arg(long, global = true, default_value = "soft-delete.toml", value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Takes every table with a usable column `deleted_at` for a model, without a file.
    #[arg(long, global = true)]
    pub(crate) discover: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Active, deleted, expired and held rows of each model.
    Stats {
        /// The models; all unless some are named.
        models: Vec<String>,
        /// Days within which a row expires soon.
        #[arg(long, default_value_t = 7, value_name = "DAYS")]
        soon: u32,
        /// Estimates tables of more rows from the catalogue.
        #[arg(long, value_name = "ROWS")]
        estimate_above: Option<u64>,
    },
    /// Deleted rows of a model, newest first.
    ListDeleted(ListDeleted),
    /// A deleted row's state, its holds, and what would come back with it.
    Show { model: String, id: String },
    /// Marks rows deleted.
    Delete {
        model: String,
        #[arg(required = true)]
        ids: Vec<String>,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Brings rows back, with exactly what went along.
    Restore {
        model: String,
        #[arg(required = true)]
        ids: Vec<String>,
        #[arg(long)]
        reason: Option<String>,
        /// Brings deleted parents back as well.
        #[arg(long)]
        with_parents: bool,
        /// Only tells what would come back, and what is in its way.
        #[arg(long)]
        dry_run: bool,
    },
    /// Brings back everything that an operation deleted and that is still deleted.
    Undo {
        operation: DeletionId,
        #[arg(long)]
        reason: Option<String>,
        #[arg(long)]
        with_parents: bool,
    },
    /// What was done, newest first.
    Operations(Paged),
    /// The audit trail, newest first: of everything, of a model, or of a row, also of one that is gone.
    Audit(Audit),
    /// Protects rows, or a whole model, from removal.
    Hold {
        #[arg(required_unless_present = "operation", conflicts_with = "operation")]
        model: Option<String>,
        /// The rows; the whole model unless some are named.
        ids: Vec<String>,
        /// Everything that this operation deleted, instead of rows.
        #[arg(long, value_name = "ID")]
        operation: Option<DeletionId>,
        #[arg(long, required = true)]
        reason: String,
        /// When the hold ends by itself: 2026-12-31 or 2026-12-31T12:00:00Z.
        #[arg(long, value_parser = instant)]
        until: Option<DateTime<Utc>>,
    },
    /// Lifts the holds on rows, on a whole model, on an operation, or one by its identity.
    Release {
        #[arg(required_unless_present_any = ["operation", "hold"], conflicts_with_all = ["operation", "hold"])]
        model: Option<String>,
        ids: Vec<String>,
        /// The holds on this operation.
        #[arg(long, value_name = "ID")]
        operation: Option<DeletionId>,
        /// This hold, as `holds` lists it.
        #[arg(long, value_name = "ID", conflicts_with = "operation")]
        hold: Option<DeletionId>,
    },
    /// The holds, oldest first.
    Holds(Paged),
    /// Removes expired rows for good.
    Cleanup(CleanupArgs),
    /// Removes deleted rows for good, however young; never held or active ones.
    ForceCleanup(ForceCleanup),
    /// The cleanups of the past, newest first.
    Runs(Paged),
    /// Files that cleanups wrote.
    #[command(subcommand)]
    Archive(Archive),
    /// Looks for what is wrong with the database, and says what mends it.
    Doctor,
    /// The library's own tables.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Cleanups at regular times.
    #[command(subcommand)]
    Schedule(Schedule),
    /// The recycle bin as a web page.
    #[cfg(feature = "admin")]
    #[command(subcommand)]
    Admin(Admin),
    /// Writes soft-delete.toml from what is found in the database.
    Init,
    /// A script that completes commands in a shell.
    Completions { shell: clap_complete::Shell },
    /// The manual page.
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct ListDeleted {
    pub(crate) model: String,
    /// Only rows that are due.
    #[arg(long)]
    pub(crate) expired: bool,
    /// Only rows that are due within so many days, and not yet.
    #[arg(long, value_name = "DAYS", conflicts_with = "expired")]
    pub(crate) expiring: Option<u32>,
    /// Only rows that are held.
    #[arg(long)]
    pub(crate) held: bool,
    /// Only rows that this actor deleted.
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    /// Only rows whose reason contains this.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Only rows deleted at this time or later.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only rows deleted before this time.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) until: Option<DateTime<Utc>>,
    /// Only rows that this operation deleted.
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<DeletionId>,
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub(crate) limit: u32,
    /// Goes on where a page ended.
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    pub(crate) model: Option<String>,
    pub(crate) id: Option<String>,
    /// Only what this actor did.
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    /// Only this: `soft_delete`, `restore`, `purge`, `force_delete`, `hold`, `release`.
    #[arg(long)]
    pub(crate) action: Option<Action>,
    /// Only what belongs to this operation.
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<DeletionId>,
    /// Only acts whose reason contains this.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Only acts at this time or later.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only acts before this time.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) until: Option<DateTime<Utc>>,
    #[arg(long, default_value_t = 50, value_name = "ACTS")]
    pub(crate) limit: u32,
    /// Goes on after this act.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) after: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Paged {
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub(crate) limit: u32,
    /// Goes on after this entry.
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<DeletionId>,
}

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
    /// Milliseconds after each batch, so that others can write.
    #[arg(long, default_value_t = 10, value_name = "MS")]
    pub(crate) pause: u64,
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
            .pause(Duration::from_millis(self.pause));
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
pub(crate) enum Archive {
    /// Puts the rows of a file back, deleted as they were.
    Load {
        file: PathBuf,
        #[arg(long)]
        reason: Option<String>,
    },
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
    /// Writes figures for Prometheus to this file.
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

#[cfg(feature = "admin")]
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Serves the pages until Ctrl-C or SIGTERM; prints a link that lets somebody in once, unless users are given.
    Serve(Serve),
    /// Reads a password and prints its hash, for the file of users: name:role:hash.
    Hash,
}

#[cfg(feature = "admin")]
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where; anything but this machine needs users.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: std::net::SocketAddr,
    /// Who may sign in: a line for each, name:role:hash; roles are viewer, restorer and administrator.
    #[arg(long, env = "SOFT_DELETE_ADMIN_USERS_FILE", value_name = "FILE")]
    pub(crate) users: Option<PathBuf>,
    /// Lets in whoever reaches the address, on this machine only.
    #[arg(long, conflicts_with = "users")]
    pub(crate) no_login: bool,
    /// Readers come by HTTPS, through a proxy.
    #[arg(long)]
    pub(crate) behind_tls: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Prints the SQL of the library's own tables, or of a model's guards.
    Print {
        /// The triggers that make the database refuse what goes around the library, for this model's table.
        #[arg(long, value_name = "MODEL")]
        guards: Option<String>,
    },
    /// Makes those that are missing.
    Up,
}

fn span(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 0,
    };
    let number: Option<u64> = number.parse().ok().filter(|number| *number > 0 && seconds > 0);
    let span = number.and_then(|number| number.checked_mul(seconds));
    span.map(Duration::from_secs)
        .ok_or_else(|| "give a time like 30s, 15m, 1h or 1d".to_owned())
}

// A day is its beginning in UTC.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    text.parse()
        .map_err(|_| "give a day like 2026-12-31, or a time like 2026-12-31T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn spans_are_numbers_with_a_unit() {
        assert_eq!(span("15m"), Ok(Duration::from_secs(900)));
        for text in ["", "m", "0s", "1 week", "5", "1h30m", "999999999999999999999d"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_are_days_or_times() {
        let noon = "2026-12-31T12:00:00Z";
        assert_eq!(
            instant(noon).map(|time| time.to_rfc3339()),
            Ok("2026-12-31T12:00:00+00:00".into())
        );
        assert_eq!(
            instant("2026-12-31").map(|time| time.to_rfc3339()),
            Ok("2026-12-31T00:00:00+00:00".into())
        );
        assert!(instant("tomorrow").is_err());
    }
}
