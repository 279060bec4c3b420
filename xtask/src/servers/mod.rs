//! The database servers of the tests: given by the environment, or started here and thrown away.

mod mariadb;
mod postgres;
mod throwaway;

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

use crate::django;
use crate::step::{Failure, Steps};
use throwaway::Throwaway;

/// The variable with the URL of a PostgreSQL server.
pub const POSTGRES_URL: &str = "SOFT_DELETE_POSTGRES_URL";

/// The variable with the URL of a MariaDB or MySQL server.
pub const MARIADB_URL: &str = "SOFT_DELETE_MYSQL_URL";

/// The variable with the URL of a PostgreSQL server whose processes the tests kill. It is always one of ours.
pub const CRASHING_POSTGRES_URL: &str = "SOFT_DELETE_CRASHING_POSTGRES_URL";

/// The servers. Those started here stop, and their data goes, when this is dropped.
///
/// The URLs name a database that always exists, to connect to. The tests create databases of their own beside
/// it and drop them again; neither they nor this program touch a database that they did not create, so a given
/// server may be one that is used for other things as well.
pub struct Servers {
    /// The URL of each server, with the variable that it belongs in.
    urls: [(&'static str, String); 3],
    /// The servers that are ours to stop; dropping them stops them.
    _ours: Vec<Throwaway>,
}

impl Servers {
    /// Takes the servers that the environment gives, and starts the others.
    pub fn start() -> Result<Self, Failure> {
        let mut ours = Vec::new();
        let postgres = given_or_started(POSTGRES_URL, postgres::start, &mut ours)?;
        let mariadb = given_or_started(MARIADB_URL, mariadb::start, &mut ours)?;
        let crashing = given_or_started(CRASHING_POSTGRES_URL, postgres::start_to_crash, &mut ours)?;
        Ok(Self {
            urls: [
                (POSTGRES_URL, postgres),
                (MARIADB_URL, mariadb),
                (CRASHING_POSTGRES_URL, crashing),
            ],
            _ours: ours,
        })
    }

    /// The variables that lead the tests to the servers.
    pub fn urls(&self) -> &[(&'static str, String)] {
        &self.urls
    }
}

/// `cargo xtask servers`: keeps the servers up until Enter, the end of input or Ctrl-C, for working by hand.
pub fn run_by_hand(steps: &mut Steps) -> Result<(), Failure> {
    django::prepare(steps)?;
    let servers = Servers::start()?;
    for (variable, value) in steps.variables() {
        println!("export {variable}={value}");
    }
    for (variable, url) in servers.urls() {
        println!("export {variable}={url}");
    }
    println!("Enter stops them.");
    // An unreadable input is as good a reason to stop as its end.
    io::stdin().read_line(&mut String::new()).ok();
    Ok(())
}

/// The URL that the environment gives in `variable`, if any.
pub fn given(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|url| !url.is_empty())
}

/// Whether this program runs as root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The URL in `variable`, or that of a server started now and added to `ours`.
fn given_or_started(
    variable: &str,
    start: fn() -> Result<(Throwaway, String), Failure>,
    ours: &mut Vec<Throwaway>,
) -> Result<String, Failure> {
    if let Some(url) = given(variable) {
        println!("{variable} is set: using that server, starting none");
        return Ok(url);
    }
    // Between finding a free port and listening on it somebody else can take it; not twice in a row.
    let (server, url) = start().or_else(|_| start())?;
    println!("started {url}");
    ours.push(server);
    Ok(url)
}
