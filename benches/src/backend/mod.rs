//! The databases: how each is reached, made, spelled and typed.

#[cfg(feature = "mariadb")]
mod mariadb;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;

use crate::Result;
use crate::answer::Answer;
use crate::check;
use crate::cli::{self, Action, Options};
use crate::seed::Seed;

/// One database, as seeding, checking and measuring see it.
pub trait Backend {
    /// Diesel's connection.
    type Connection: SimpleConnection;

    /// The two tables with their indexes.
    const TABLES: &'static str;

    /// What makes the first query after seeding as fast as the next one.
    const AFTER_SEED: &'static str;

    /// Connects, with the settings that every system in the comparison has.
    fn connect(url: &str) -> Result<Self::Connection>;

    /// Makes an empty database, in place of any that is there.
    fn create(url: &str) -> Result<()>;

    /// Makes a database as it was when it was seeded, in place of any that is there.
    fn copy(options: &Options, from: &str) -> Result<()>;

    /// Removes the database.
    fn drop(url: &str) -> Result<()>;

    /// The one number that a query finds.
    fn count(conn: &mut Self::Connection, query: &str) -> Result<i64>;

    /// Runs the workload of the options.
    fn measure(conn: &mut Self::Connection, options: &Options) -> Result<Answer>;

    /// A table with the numbers from 1 in the column `name`.
    fn series(name: &str, length: i64) -> String;

    /// So many seconds before `now`.
    fn ago(now: DateTime<Utc>, seconds: &str) -> String;

    /// The identity of an operation, made of a number.
    fn operation(number: &str) -> String;
}

/// Does what the options say on the database that they name.
pub fn act(options: &Options) -> Result<Answer> {
    match options.backend {
        #[cfg(feature = "sqlite")]
        cli::Backend::Sqlite => act_on::<sqlite::Sqlite>(options),
        #[cfg(feature = "postgres")]
        cli::Backend::Postgres => act_on::<postgres::Postgres>(options),
        #[cfg(feature = "mariadb")]
        cli::Backend::Mariadb => act_on::<mariadb::Mariadb>(options),
        #[allow(unreachable_patterns, reason = "reachable unless all databases are built in")]
        other => Err(format!("built without {other:?}: enable the cargo feature of that name").into()),
    }
}

fn act_on<B: Backend>(options: &Options) -> Result<Answer> {
    match &options.action {
        Action::Measure => B::measure(&mut B::connect(&options.url)?, options),
        Action::Verify => check::verify::<B>(options, &mut B::connect(&options.url)?),
        Action::Seed => seed::<B>(options).map(|()| Answer::done("seeded")),
        Action::CopyOf(url) => B::copy(options, url).map(|()| Answer::done("copied")),
        Action::Drop => B::drop(&options.url).map(|()| Answer::done("dropped")),
    }
}

fn seed<B: Backend>(options: &Options) -> Result<()> {
    B::create(&options.url)?;
    B::connect(&options.url)?.batch_execute(&Seed(options).script::<B>())?;
    Ok(())
}

/// The name of the database in a URL, and the URL of another database on the same server.
#[cfg(any(feature = "postgres", feature = "mariadb"))]
fn database_of<'a>(url: &'a str, other: &str) -> Result<(&'a str, String)> {
    let (address, settings) = url
        .split_once('?')
        .map_or((url, None), |(address, rest)| (address, Some(rest)));
    let (server, database) = address
        .rsplit_once('/')
        .filter(|(server, _)| server.contains("//"))
        .ok_or_else(|| format!("{url} names no database"))?;
    let settings = settings
        .map(|settings| format!("?{settings}"))
        .unwrap_or_default();
    Ok((database, format!("{server}/{other}{settings}")))
}
