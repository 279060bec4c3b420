//! The command line of [`soft_delete`]: figures, lists, restore, cleanup, for operators and support.
//!
//! An application gives [`run`] its models and a way to connect, and has what `manage.py` is elsewhere:
//!
//! ```no_run
//! use diesel::prelude::*;
//! use soft_delete::prelude::*;
//! # diesel::table! { leads (id) { id -> BigInt, deleted_at -> Nullable<Timestamp>, } }
//! # #[derive(Identifiable, SoftDelete)]
//! # #[diesel(table_name = leads)]
//! # struct Lead { id: i64, deleted_at: Option<NaiveDateTime> }
//! fn main() -> std::process::ExitCode {
//!     let registry = Registry::new().with::<Lead>();
//!     soft_delete_cli::run(registry, SqliteConnection::establish)
//! }
//! ```
//!
//! The program `soft-delete` does the same for any database, with models from `soft-delete.toml` or found in the catalogue.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod actor;
#[cfg(feature = "admin")]
mod admin;
mod alone;
mod args;
mod command;
mod config;
mod exit;
mod failure;
mod log;
mod manual;
mod metrics;
mod output;
mod progress;
mod prompt;
mod refusal;
mod schedule;
mod session;
mod shell;
mod signals;
mod target;

use std::{io::Write, process::ExitCode};

use diesel::{ConnectionResult, connection::LoadConnection};
use soft_delete::{Dialect, Registry};

use crate::{
    args::{Arguments, Command, Common, Schedule},
    command::cleanup::counting_failures,
    exit::Exit,
    failure::Failure,
    session::{Answer, Session},
};

/// Runs the command line of this process on an application's models; the program ends with the code that this answers.
///
/// The database is that of `--database-url` or `DATABASE_URL`. The codes are 0 done or declined, 1 failure, 2 usage or nobody to ask,
/// 3 partly done, 4 another cleanup runs, 5 refused beforehand, 130 Ctrl-C and 143 SIGTERM.
pub fn run<C>(registry: Registry, connect: impl Fn(&str) -> ConnectionResult<C>) -> ExitCode
where
    C: LoadConnection<Backend: Dialect>,
{
    ended(counting_failures(read(), |arguments| {
        embedded(&registry, &connect, arguments)
    }))
}

/// Runs the command line of the stand-alone program `soft-delete`.
pub fn run_alone() -> ExitCode {
    ended(counting_failures(read(), alone::run))
}

fn read() -> Arguments {
    let arguments = Arguments::read();
    match arguments.common.color {
        clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
        clap::ColorChoice::Always => anstream::ColorChoice::Always,
        clap::ColorChoice::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    arguments
}

fn embedded<C>(
    registry: &Registry,
    connect: &impl Fn(&str) -> ConnectionResult<C>,
    arguments: Arguments,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    if let Some(exit) = alone::without_database(&arguments.command)? {
        return Ok(exit);
    }
    let url = arguments
        .common
        .database_url
        .as_deref()
        .ok_or_else(|| Failure::usage("which database? say --database-url, or set DATABASE_URL"))?;
    with_models(registry, &arguments.common, arguments.command, || {
        connected(url, connect)
    })
}

/// Does what was asked for, on these models.
fn with_models<C>(
    registry: &Registry,
    common: &Common,
    command: Command,
    connect: impl Fn() -> Result<C, Failure>,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    if let Command::Schedule(Schedule::Run(asked)) = &command {
        log::begin(common);
        return schedule::run(|| Ok(registry.clone()), common, asked, connect);
    }
    if common.verbose > 0 || common.log_format.is_some() {
        log::begin(common);
    }
    Session {
        conn: &mut connect()?,
        registry,
        common,
    }
    .run(command)
}

/// A connection, or why there is none, without the password.
fn connected<C>(url: &str, connect: impl FnOnce(&str) -> ConnectionResult<C>) -> Result<C, Failure> {
    let address = target::for_driver(url);
    connect(&address).map_err(|error| {
        let told = target::retold(&error.to_string(), &address);
        Failure::new(
            Exit::Failure,
            format!("cannot connect to {}: {}", target::shown(url), told.trim()),
        )
    })
}

fn ended(answer: Answer) -> ExitCode {
    match answer {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // Where nobody can be told, the code tells.
            let red = anstyle::AnsiColor::Red.on_default().bold();
            let told = failure.to_string();
            let told = output::text::lines(&told);
            let _ = writeln!(anstream::stderr(), "{red}error:{red:#} {told}");
            failure.exit().into()
        }
    }
}
