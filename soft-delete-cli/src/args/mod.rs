//! The command line.

#[cfg(feature = "admin")]
mod admin;
mod cleanups;
mod color;
mod lists;
mod values;

use std::{env, ffi::OsString, path::PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use soft_delete::DeletionId;

#[cfg(feature = "admin")]
pub(crate) use admin::{Admin, Serve};
pub(crate) use cleanups::{CleanupArgs, ForceCleanup, Schedule, SchedulePrint, ScheduleRun};
pub(crate) use lists::{Audit, ListDeleted, Look, Paged};

use self::{color::color, values::instant};
use crate::{log::LogFormat, output::Format};

/// Soft-deleted rows: figures, lists, restore, cleanup.
#[derive(Debug, Parser)]
#[command(
    name = "soft-delete",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done or declined, 1 failure, 2 usage or nobody to ask, 3 partly done, 4 another cleanup runs, 5 refused beforehand, 130 Ctrl-C, 143 SIGTERM."
)]
pub(crate) struct Arguments<C: Subcommand = Command> {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: C,
}

impl Arguments {
    /// Reads the command line of this process, and ends it if that is wrong or asks for help.
    pub(crate) fn read() -> Self {
        let words: Vec<OsString> = env::args_os().collect();
        let grammar = Self::grammar(words.get(1).and_then(|word| word.to_str()));
        let matches = grammar.color(color(&words)).get_matches_from(words);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut Self::command()).exit())
    }

    // To make the grammar of all commands costs more than most questions to a database.
    fn grammar(first: Option<&str>) -> clap::Command {
        if first.is_some_and(Look::has_subcommand) {
            Arguments::<Look>::command()
        } else {
            Self::command()
        }
    }
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
    pub(crate) color: ColorChoice,
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
    #[command(flatten)]
    Look(Look),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        <Arguments>::command().debug_assert();
    }

    #[test]
    fn a_command_by_itself_is_the_one_among_all() {
        let whole = <Arguments>::command();
        for command in whole.get_subcommands() {
            let name = command.get_name();
            for words in [
                vec![name, "--help"],
                vec![name, "--wrong"],
                vec![name],
                vec!["help", name],
            ] {
                let words = ["soft-delete"].into_iter().chain(words);
                let told = |grammar: clap::Command| {
                    let answer = grammar.try_get_matches_from(words.clone());
                    answer.map_or_else(|error| error.to_string(), |_| "understood".to_owned())
                };
                let by_itself = Arguments::grammar(words.clone().nth(1));
                assert_eq!(told(by_itself), told(whole.clone()), "{name}");
            }
        }
        assert!(Arguments::grammar(Some("stats")).get_subcommands().count() < 3);
        assert!(Arguments::grammar(Some("--format")).get_subcommands().count() > 20);
    }
}
