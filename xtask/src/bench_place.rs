//! Where benchmarks of programs have their databases.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{self, Command};

use crate::step::{self, Failure};

/// Where the databases and the files of models are, gone with this.
pub struct Directory(pub PathBuf);

impl Directory {
    /// A new one.
    pub fn new() -> Result<Self, Failure> {
        let path = env::temp_dir().join(format!("soft-delete-bench-{}", process::id()));
        fs::create_dir_all(&path).map_err(|error| {
            Failure::new(error.to_string(), "set TMPDIR to a directory that can be written")
        })?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A database of its own, which goes with the throwaway server.
pub fn on_server(server: &str) -> Result<String, Failure> {
    let name = format!("bench_{}", process::id());
    let create = format!("CREATE DATABASE {name}");
    step::answer(
        Command::new("psql").args(["--quiet", "--command", &create, server]),
        "see what psql says above",
    )?;
    let (server, _) = server.rsplit_once('/').unwrap_or((server, ""));
    Ok(format!("{server}/{name}"))
}
