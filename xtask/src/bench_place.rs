//! Where the benchmarks of programs run them: release builds, a server, and a folder with a large table for each database.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{self, Command};

use crate::packages;
use crate::servers::{POSTGRES_URL, Servers};
use crate::step::{self, Failure, Steps};

const FIX: &str = "see what the program says above";

/// What is measured, and what measures.
const PROGRAMS: [&str; 4] = ["soft-delete", "embedded", "by_hand", "pages"];

/// The programs, built and installed, and what they need; gone with this.
pub struct Place {
    servers: Servers,
    directory: Directory,
    programs: PathBuf,
}

impl Place {
    /// Starts a server and builds the programs of the benchmarks and the command line, with these features.
    pub fn prepare(features: &str, steps: &mut Steps) -> Result<Self, Failure> {
        packages::install_missing(steps)?;
        let servers = steps.time("servers", Servers::start)?;
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--package", "soft-delete-bench"]);
        cargo.args(["--package", "soft-delete-cli", "--features", features]);
        steps.run("build", &mut cargo, "see the error above")?;
        let directory = Directory::new()?;
        let programs = directory.0.join("bin");
        fs::create_dir(&programs).map_err(|error| unwritable(&error))?;
        for name in PROGRAMS {
            // As they are installed: the system reads a copied file in larger pieces than one that a linker wrote here and there.
            let built = PathBuf::from("target/release").join(name);
            fs::copy(built, programs.join(name)).map_err(|error| unwritable(&error))?;
        }
        Ok(Self {
            servers,
            directory,
            programs,
        })
    }

    /// A folder for one database, `sqlite` or `postgres`, without a table yet.
    pub fn site(&self, backend: &str) -> Result<Site, Failure> {
        let mut urls = self.servers.urls().iter();
        let url = match (backend, urls.find(|(name, _)| *name == POSTGRES_URL)) {
            ("postgres", Some((_, url))) => on_server(url)?,
            _ => self.directory.0.join("app.sqlite").display().to_string(),
        };
        let folder = self.directory.0.join(backend);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&error))?;
        Ok(Site {
            folder,
            url,
            programs: self.programs.clone(),
        })
    }
}

/// Where one database is asked.
pub struct Site {
    folder: PathBuf,
    /// Its URL.
    pub url: String,
    programs: PathBuf,
}

impl Site {
    /// A program with these words, in the folder of the file of models.
    pub fn program(&self, name: &str, words: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command
            .args(words)
            .current_dir(&self.folder)
            .env("DATABASE_URL", &self.url);
        command
    }

    /// Makes the table of `by_hand`, the file of models and the library's own tables.
    pub fn seed(&self, rows: u32) -> Result<(), Failure> {
        step::answer(
            &mut self.program("by_hand", &[&self.url, "seed", &rows.to_string()]),
            FIX,
        )?;
        for words in [&["init"][..], &["migrate", "up"]] {
            step::answer(&mut self.program("soft-delete", words), FIX)?;
        }
        Ok(())
    }
}

struct Directory(PathBuf);

impl Directory {
    fn new() -> Result<Self, Failure> {
        let path = env::temp_dir().join(format!("soft-delete-bench-{}", process::id()));
        fs::create_dir_all(&path).map_err(|error| unwritable(&error))?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(error.to_string(), "set TMPDIR to a directory that can be written")
}

// A database of its own, which goes with the throwaway server.
fn on_server(server: &str) -> Result<String, Failure> {
    let name = format!("bench_{}", process::id());
    let create = format!("CREATE DATABASE {name}");
    step::answer(
        Command::new("psql").args(["--quiet", "--command", &create, server]),
        "see what psql says above",
    )?;
    let (server, _) = server.rsplit_once('/').unwrap_or((server, ""));
    Ok(format!("{server}/{name}"))
}
