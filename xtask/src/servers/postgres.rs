//! A throwaway PostgreSQL.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::throwaway::Throwaway;
use crate::step::{self, Failure};

/// Where Debian keeps the server programs, one directory for each major version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Settings for data that nobody will miss: nothing waits for the disk.
const SETTINGS: [&str; 5] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "listen_addresses=127.0.0.1",
];

/// Settings of a server whose processes are killed and which recovers by itself: what it has answered is in its log.
const CRASHING: [&str; 3] = ["fsync=off", "max_connections=20", "listen_addresses=127.0.0.1"];

/// The way out when the server does not come up.
const FIX: &str = "install the package `postgresql` (and when TMPDIR is set, let all users enter that directory), \
    set SOFT_DELETE_POSTGRES_URL to a running server, or run `cargo xtask test --sqlite-only`";

/// Starts a server; its superuser `postgres` needs no password.
pub fn start() -> Result<(Throwaway, String), Failure> {
    start_with(&SETTINGS)
}

/// Starts one that tests may crash.
pub fn start_to_crash() -> Result<(Throwaway, String), Failure> {
    start_with(&CRASHING)
}

/// Starts a server with these settings.
fn start_with(settings: &[&str]) -> Result<(Throwaway, String), Failure> {
    let programs = programs();
    let account = Account::to_run_as()?;
    let mut server = Throwaway::prepare("postgres")?;
    let directory = server.directory().to_owned();
    let port = server.port().to_string();
    account.give(&directory)?;

    let mut initdb = account.command(programs.join("initdb"));
    initdb.args([
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "-U",
        "postgres",
        "-D",
    ]);
    server.set_up(initdb.arg(directory.join("data")), FIX)?;

    let mut postgres = account.command(programs.join("postgres"));
    postgres
        .args(["-p", &port])
        .arg("-k")
        .arg(&directory)
        .arg("-D")
        .arg(directory.join("data"));
    for setting in settings {
        postgres.args(["-c", setting]);
    }
    server.serve(&mut postgres, FIX, |_| {
        let mut is_ready = Command::new(programs.join("pg_isready"));
        is_ready.args(["-q", "-h", "127.0.0.1", "-p", &port]);
        is_ready.status().is_ok_and(|status| status.success())
    })?;
    Ok((server, format!("postgres://postgres@127.0.0.1:{port}/postgres")))
}

/// The directory of the newest server programs; empty, which leaves it to the PATH, where Debian's is not.
fn programs() -> PathBuf {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let programs = versions
        .map(|version| version.path())
        .filter(|path| path.join("bin/postgres").exists());
    programs
        .max_by_key(|path| major_version(path))
        .map(|path| path.join("bin"))
        .unwrap_or_default()
}

/// The major version that a directory is named after.
fn major_version(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.parse().ok()
}

/// Who the server runs as. PostgreSQL refuses to run as root.
enum Account {
    /// Whoever runs this program.
    Own,
    /// Somebody that root steps down to.
    Other {
        /// The user's number.
        user: u32,
        /// The number of the user's group.
        group: u32,
    },
}

impl Account {
    /// This program's own account, or for root that of the package's user, or else of `nobody`.
    fn to_run_as() -> Result<Self, Failure> {
        if !super::is_root() {
            return Ok(Self::Own);
        }
        let name = if number("-u", "postgres").is_ok() {
            "postgres"
        } else {
            "nobody"
        };
        Ok(Self::Other {
            user: number("-u", name)?,
            group: number("-g", name)?,
        })
    }

    /// Makes the directory this account's.
    fn give(&self, directory: &Path) -> Result<(), Failure> {
        let Self::Other { user, group } = self else {
            return Ok(());
        };
        chown(directory, Some(*user), Some(*group))
            .map_err(|error| Failure::new(format!("cannot give {} away: {error}", directory.display()), FIX))
    }

    /// A command that this account runs.
    fn command(&self, program: PathBuf) -> Command {
        let mut command = Command::new(program);
        if let Self::Other { user, group } = self {
            // As root, this also drops the supplementary groups.
            command.uid(*user).gid(*group);
        }
        command
    }
}

/// What `id` says about the user called `name`: with `-u` the user's number, with `-g` the group's.
fn number(which: &str, name: &str) -> Result<u32, Failure> {
    let answer = step::answer(Command::new("id").args([which, name]), FIX)?;
    answer
        .trim()
        .parse()
        .map_err(|_| Failure::new(format!("`id {which} {name}` says {answer}"), FIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(major_version(Path::new("lib/15")) > major_version(Path::new("lib/9")));
        assert!(major_version(Path::new("lib/9")) > major_version(Path::new("lib/9.6-old")));
    }
}
