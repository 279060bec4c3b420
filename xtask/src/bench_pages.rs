//! `cargo xtask bench-pages`: the pages of the recycle bin on a million deleted rows, with two visitors, and with fifty.

use std::fs;
use std::path;
use std::process::Command;

use crate::bench_place::{Directory, on_server};
use crate::packages;
use crate::servers::{POSTGRES_URL, Servers};
use crate::step::{self, Failure, Steps};

const FIX: &str = "see what the program says above";

/// Nine of ten are deleted.
const ROWS: &str = "1112000";

/// Measures on SQLite and on PostgreSQL, and prints what the program `pages` tells; no figure is a failure.
pub fn run(steps: &mut Steps) -> Result<(), Failure> {
    packages::install_missing(steps)?;
    let servers = steps.time("servers", Servers::start)?;
    let mut cargo = Command::new("cargo");
    cargo.args([
        "build",
        "--release",
        "--package",
        "soft-delete-bench",
        "--package",
        "soft-delete-cli",
    ]);
    cargo.args([
        "--features",
        "soft-delete-bench/postgres,soft-delete-cli/postgres,soft-delete-cli/admin",
    ]);
    steps.run("build", &mut cargo, "see the error above")?;

    let failure = |error: std::io::Error| {
        Failure::new(error.to_string(), "set TMPDIR to a directory that can be written")
    };
    let programs = path::absolute("target/release").map_err(failure)?;
    let directory = Directory::new()?;
    let server = servers.urls().iter().find(|(name, _)| *name == POSTGRES_URL);
    let mut told = String::new();
    for backend in ["sqlite", "postgres"] {
        let url = match (backend, server) {
            ("postgres", Some((_, url))) => on_server(url)?,
            _ => directory.0.join("pages.sqlite").display().to_string(),
        };
        let folder = directory.0.join(backend);
        fs::create_dir_all(&folder).map_err(failure)?;
        let program = |name: &str, words: &[&str]| {
            let mut command = Command::new(programs.join(name));
            command.args(words).current_dir(&folder).env("DATABASE_URL", &url);
            command
        };
        steps.time(&format!("seed {backend}"), || {
            step::answer(&mut program("by_hand", &[&url, "seed", ROWS]), FIX)?;
            step::answer(&mut program("soft-delete", &["init"]), FIX)?;
            step::answer(&mut program("soft-delete", &["migrate", "up"]), FIX)
        })?;
        let served = programs.join("soft-delete");
        let served = served
            .to_str()
            .ok_or_else(|| Failure::new("a path that is no text", FIX))?;
        let figures = steps.time(&format!("pages {backend}"), || {
            step::answer(&mut program("pages", &[served]), FIX)
        })?;
        told += &format!("\n{backend}\n{figures}");
    }
    println!("{told}");
    Ok(())
}
