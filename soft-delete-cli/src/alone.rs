//! The stand-alone program: models from a file or from the catalogue, a connection by the URL.

use std::{cell::Cell, fs::OpenOptions, io::Write};

use clap::CommandFactory;
use diesel::connection::LoadConnection;
use soft_delete::{
    Database, Descriptor, Dialect, FoundForeignKey, FoundTable, Registry, discover, discover_foreign_keys,
    discover_unique_keys, find_discovered,
};

use crate::{
    args::{Arguments, Command, Common, Schedule},
    config::{self, Config},
    connected,
    exit::Exit,
    failure::Failure,
    log, manual, output, schedule,
    session::Answer,
    target, with_models,
};

const DELETED_AT: &str = "deleted_at";

pub(crate) fn run(arguments: Arguments) -> Answer {
    if let Some(exit) = without_database(&arguments.command)? {
        return Ok(exit);
    }
    let config = Config::read(&arguments.common.alone.config)?;
    let configured = config.as_ref().and_then(|config| config.database_url.clone());
    let url = arguments.common.database_url.clone().or(configured);
    let url = url.ok_or_else(|| {
        Failure::usage(format!(
            "which database? say --database-url, set DATABASE_URL, or write database_url into {}",
            arguments.common.alone.config.display()
        ))
    })?;
    let database = target::database_of(&url).map_err(Failure::usage)?;
    match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite => on(database, &url, || connected(&url, sqlite), config, arguments),
        #[cfg(feature = "postgres")]
        Database::Postgres => on(
            database,
            &url,
            || connected(&url, <diesel::PgConnection as diesel::Connection>::establish),
            config,
            arguments,
        ),
        #[cfg(feature = "mysql")]
        Database::Mysql => on(database, &url, || connected(&url, mysql), config, arguments),
        #[allow(unreachable_patterns, reason = "with all features nothing is left")]
        other => Err(Failure::usage(format!(
            "this program was built without {}: install it with the feature `{}`",
            other.as_str(),
            match other {
                Database::Sqlite => "sqlite",
                Database::Postgres => "postgres",
                _ => "mysql",
            }
        ))),
    }
}

/// Does what needs no database; `None` for everything else.
pub(crate) fn without_database(command: &Command) -> Result<Option<Exit>, Failure> {
    match command {
        Command::Completions { shell } => {
            let mut program = <Arguments>::command();
            let name = program.get_name().to_owned();
            // It panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut program, name, &mut script);
            output::print(&script)?;
            Ok(Some(Exit::Done))
        }
        Command::Man => {
            output::print(&manual::page()?)?;
            Ok(Some(Exit::Done))
        }
        Command::Schedule(Schedule::Print(asked)) => schedule::print::run(asked).map(Some),
        #[cfg(feature = "admin")]
        Command::Admin(crate::args::Admin::Hash) => crate::admin::hash().map(Some),
        _ => Ok(None),
    }
}

// A time is the same whatever the server's time zone is.
#[cfg(feature = "mysql")]
fn mysql(url: &str) -> diesel::ConnectionResult<diesel::MysqlConnection> {
    use diesel::connection::Connection;
    let mut conn = diesel::MysqlConnection::establish(url)?;
    match Database::use_utc(&mut conn) {
        Err(soft_delete::Error::Database(error)) => {
            Err(diesel::ConnectionError::CouldntSetupConfiguration(error))
        }
        _ => Ok(conn),
    }
}

// A missing file is a mistake, and not a new database.
#[cfg(feature = "sqlite")]
fn sqlite(path: &str) -> diesel::ConnectionResult<diesel::SqliteConnection> {
    use diesel::connection::{Connection, SimpleConnection};
    let is_file = path != ":memory:" && !path.starts_with("file:");
    if is_file && !std::path::Path::new(path).is_file() {
        return Err(diesel::ConnectionError::BadConnection(
            "there is no such file".to_owned(),
        ));
    }
    let mut conn = diesel::SqliteConnection::establish(path)?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;")
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// What the program asks of a connection.
#[cfg(not(feature = "admin"))]
trait Reachable: LoadConnection<Backend: Dialect> {}
#[cfg(not(feature = "admin"))]
impl<C: LoadConnection<Backend: Dialect>> Reachable for C {}

/// What the program asks of a connection, which may come from a pool.
#[cfg(feature = "admin")]
trait Reachable: LoadConnection<Backend: Dialect> + diesel::r2d2::R2D2Connection + 'static {}
#[cfg(feature = "admin")]
impl<C: LoadConnection<Backend: Dialect> + diesel::r2d2::R2D2Connection + 'static> Reachable for C {}

#[cfg_attr(
    not(feature = "admin"),
    allow(unused_variables, reason = "only a pool connects by itself")
)]
fn on<C: Reachable>(
    database: Database,
    url: &str,
    connect: impl Fn() -> Result<C, Failure>,
    config: Option<Config>,
    arguments: Arguments,
) -> Answer {
    let common = &arguments.common;
    let config = config.as_ref();
    if let Command::Schedule(Schedule::Run(asked)) = &arguments.command {
        log::begin(common);
        // What was connected for the models is not good for a command that waits for hours.
        let models = || models(&mut connect()?, database, config, &arguments);
        return schedule::run(models, common, asked, &connect);
    }
    let mut conn = connect()?;
    if matches!(arguments.command, Command::Init) {
        return init(&mut conn, &arguments);
    }
    let registry = models(&mut conn, database, config, &arguments)?;
    #[cfg(feature = "admin")]
    if let Command::Admin(crate::args::Admin::Serve(asked)) = &arguments.command {
        drop(conn);
        return crate::admin::serve::<C>(url, &registry, common, asked);
    }
    // What was connected for the models is good for the command.
    let first = Cell::new(Some(conn));
    with_models(&registry, common, arguments.command, || {
        first.take().map_or_else(&connect, Ok)
    })
}

// Those of the file, or those that are found.
fn models<C>(
    conn: &mut C,
    database: Database,
    config: Option<&Config>,
    arguments: &Arguments,
) -> Result<Registry, Failure>
where
    C: LoadConnection<Backend: Dialect>,
{
    let common = &arguments.common;
    let path = &common.alone.config;
    match config {
        Some(config) if !common.alone.discover => {
            let remembered = match arguments.command {
                Command::Look(_) => config.remembered(database),
                _ => None,
            };
            let (tables, foreign_keys) = if let Some(tables) = remembered {
                // Lists and figures bring nothing back.
                (tables, Vec::new())
            } else {
                let tables = looked_up(conn, config, common)?;
                let foreign_keys = discover_foreign_keys(conn, &tables)?;
                (tables, foreign_keys)
            };
            config.registry(path, &tables, &foreign_keys)
        }
        None if !common.alone.discover => Err(Failure::usage(format!(
            "which models? there is no {}: `init` writes it from the database, `--discover` goes without it",
            path.display()
        ))),
        _ => {
            let mut tables = discover(conn, DELETED_AT)?;
            discover_unique_keys(conn, &mut tables)?;
            let foreign_keys = discover_foreign_keys(conn, &tables)?;
            Ok(found(&tables, &foreign_keys)?)
        }
    }
}

// Whatever changes rows does so by what the columns are now.
fn looked_up<C>(conn: &mut C, config: &Config, common: &Common) -> Result<Vec<FoundTable>, Failure>
where
    C: LoadConnection<Backend: Dialect>,
{
    let mut tables = Vec::new();
    for mark in config.marks() {
        tables.extend(discover(conn, &mark)?);
    }
    // A file may name a schema where it need not.
    for name in config.names_with_schema() {
        if tables.iter().all(|table| *table.name() != name) {
            tables.extend(find_discovered(conn, &tables, &name)?);
        }
    }
    discover_unique_keys(conn, &mut tables)?;
    for change in config.outdated(&tables).filter(|_| !common.quiet) {
        output::tell(&format!(
            "warning: {change}, and is remembered otherwise by {}: mend its `types`, or take them out, for lists to be right",
            common.alone.config.display()
        ));
    }
    Ok(tables)
}

fn found(tables: &[FoundTable], foreign_keys: &[FoundForeignKey]) -> soft_delete::Result<Registry> {
    let models = tables
        .iter()
        .filter_map(|table| table.descriptor(&table.roles(DELETED_AT)).ok());
    let models: Vec<Descriptor> = models.collect();
    let references = config::references(&models, foreign_keys);
    Registry::new().with_tables(models, &references)
}

fn init<C>(conn: &mut C, arguments: &Arguments) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let path = &arguments.common.alone.config;
    let tables = discover(conn, DELETED_AT)?;
    let foreign_keys = discover_foreign_keys(conn, &tables)?;
    let text = config::written(&tables, &foreign_keys);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| {
            Failure::new(
                Exit::Failure,
                format!(
                    "cannot write {}: {error}; it is never written over",
                    path.display()
                ),
            )
        })?;
    file.write_all(text.as_bytes())?;
    let models = found(&tables, &foreign_keys)?.models().len();
    for table in &tables {
        for problem in table.left_out() {
            output::tell(&format!(
                "{} has a column that is not used: {problem}",
                table.name()
            ));
        }
    }
    output::tell(&format!(
        "Wrote {} with {models} models. Next: `soft-delete stats`; `soft-delete migrate up` before anything is changed.",
        path.display()
    ));
    Ok(Exit::Done)
}
