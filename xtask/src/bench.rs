//! `cargo xtask bench`: the benchmark program with this library and with hand-written statements, in turn.
//!
//! What counts is the ratio of the two. On a noisy machine it settles when nothing waits for a disk and when the
//! program and its server share a processor: `TMPDIR=/dev/shm taskset -c 0 cargo xtask bench`.

mod comparison;
mod site;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::packages;
use crate::servers::Servers;
use crate::step::{self, Failure, Steps};
use site::Site;

/// What is measured.
pub struct Options {
    workloads: Vec<String>,
    backends: Vec<String>,
    scale: u32,
    rounds: usize,
}

impl Options {
    /// Reads the words after `bench`.
    pub fn read(words: &[&str]) -> Result<Self, Failure> {
        let mut options = Self {
            workloads: list("W1,W2,W3,W4,W5,W6,W7"),
            backends: list("sqlite,postgres,mariadb"),
            scale: 200_000,
            rounds: 3,
        };
        for pair in words.chunks(2) {
            match pair {
                ["--workload", names] => options.workloads = list(names),
                ["--backend", names] => options.backends = list(names),
                ["--scale", number] => options.scale = whole(number)?,
                ["--rounds", number] => options.rounds = whole(number)?.max(1) as usize,
                _ => return Err(misunderstood(&pair.join(" "))),
            }
        }
        let known = ["sqlite", "postgres", "mariadb"];
        if let Some(other) = options
            .backends
            .iter()
            .find(|name| !known.contains(&name.as_str()))
        {
            return Err(misunderstood(other));
        }
        Ok(options)
    }

    /// Whether more than SQLite is measured.
    fn needs_servers(&self) -> bool {
        self.backends.iter().any(|backend| backend != "sqlite")
    }
}

fn list(names: &str) -> Vec<String> {
    names.split(',').map(ToOwned::to_owned).collect()
}

fn whole(number: &str) -> Result<u32, Failure> {
    number.parse().map_err(|_| misunderstood(number))
}

fn misunderstood(word: &str) -> Failure {
    Failure::new(
        format!("{word:?} is no option of the benchmark"),
        "cargo xtask bench [--workload W1,W2] [--backend sqlite,postgres,mariadb] [--scale 200000] [--rounds 3]",
    )
}

/// Measures, prints the comparison, and fails if a run left a database in disorder; no ratio is a failure.
pub fn run(options: &Options, steps: &mut Steps) -> Result<(), Failure> {
    let mut servers = None;
    if options.needs_servers() {
        packages::install_missing(steps)?;
        servers = Some(steps.time("servers", Servers::start)?);
    }
    let program = build(options, steps)?;
    let mut comparisons = Vec::new();
    let mut disorder = Vec::new();
    for backend in &options.backends {
        let site = Site::new(&program, backend, options.scale, servers.as_ref())?;
        steps.time(&format!("seed {backend}"), || site.seed())?;
        for workload in &options.workloads {
            let name = format!("{workload} {backend}");
            let comparison = steps.time(&name, || site.compare(workload, options.rounds, &mut disorder))?;
            comparisons.push((name, comparison));
        }
    }
    print!("{}", comparison::table(&comparisons));
    if disorder.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        disorder.join("\n"),
        "mend what left the database so; the times above mean nothing",
    ))
}

/// Builds the program for the databases that are measured, and says where it is.
fn build(options: &Options, steps: &mut Steps) -> Result<PathBuf, Failure> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--package", "soft-delete-bench"]);
    cargo.args(["--features", &options.backends.join(",")]);
    steps.run("build", &mut cargo, "see the error above")?;

    let fix = "run `cargo metadata` and see why";
    let mut metadata = Command::new("cargo");
    let metadata = step::answer(
        metadata.args(["metadata", "--format-version", "1", "--no-deps"]),
        fix,
    )?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|error| Failure::new(error.to_string(), fix))?;
    let target = metadata["target_directory"].as_str().unwrap_or("target");
    Ok(Path::new(target).join("release/soft-delete-bench"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused() {
        let options = Options::read(&["--workload", "W1,W2", "--rounds", "5"]).expect("they are right");
        assert_eq!(
            (options.workloads.len(), options.rounds, options.scale),
            (2, 5, 200_000)
        );
        for words in [&["--fast"][..], &["--rounds", "few"], &["--backend", "oracle"]] {
            assert!(Options::read(words).is_err(), "{words:?}");
        }
    }
}
