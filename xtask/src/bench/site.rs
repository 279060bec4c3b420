//! Where one backend is measured: a database that is seeded once, and a fresh copy of it for every run.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use serde_json::Value;

use super::comparison::{Comparison, Run};
use crate::servers::{MARIADB_URL, POSTGRES_URL, Servers};
use crate::step::{self, Failure};

/// Both sides, in the order in which they take turns.
const SIDES: [&str; 2] = ["ours", "floor"];

/// Reports how much memory a program took at most; part of the Debian package `time`.
const TIME: &str = "/usr/bin/time";

/// The way out when the program refuses something.
const FIX: &str = "see what the benchmark program says above";

/// The two databases, and the program that works on them.
pub(super) struct Site<'a> {
    program: &'a Path,
    backend: &'a str,
    scale: String,
    seeded: String,
    run: String,
    /// Where this side of the comparison keeps files.
    directory: PathBuf,
}

impl<'a> Site<'a> {
    pub(super) fn new(
        program: &'a Path,
        backend: &'a str,
        scale: u32,
        servers: Option<&Servers>,
    ) -> Result<Self, Failure> {
        let directory = env::temp_dir().join(format!("soft-delete-bench-{}", process::id()));
        fs::create_dir_all(&directory).map_err(|error| {
            Failure::new(
                format!("cannot create {}: {error}", directory.display()),
                "set TMPDIR to a directory that can be written",
            )
        })?;
        let variable = match backend {
            "postgres" => Some(POSTGRES_URL),
            "mariadb" => Some(MARIADB_URL),
            _ => None,
        };
        let server = variable.zip(servers).and_then(|(variable, servers)| {
            servers
                .urls()
                .iter()
                .find_map(|(name, url)| (*name == variable).then_some(url))
        });
        let database = |name: &str| match server {
            Some(url) => beside(url, &format!("soft_delete_bench_{name}_{}", process::id())),
            None => directory.join(name).display().to_string(),
        };
        Ok(Self {
            program,
            backend,
            scale: scale.to_string(),
            seeded: database("seed"),
            run: database("run"),
            directory,
        })
    }

    /// The program, with the options of every call.
    fn command(&self, program: &mut Command, url: &str) {
        program.args(["--backend", self.backend, "--scale", &self.scale, "--url", url]);
        program.env("TZ", "UTC");
    }

    /// Makes the rows that every run starts with.
    pub(super) fn seed(&self) -> Result<(), Failure> {
        self.chore(&self.seeded, &["--seed"])
    }

    /// A call that measures nothing.
    fn chore(&self, url: &str, words: &[&str]) -> Result<(), Failure> {
        let mut program = Command::new(self.program);
        self.command(&mut program, url);
        step::answer(program.args(words), FIX).map(drop)
    }

    /// Ours, floor, ours, floor: whatever else the machine does then befalls both.
    pub(super) fn compare(
        &self,
        workload: &str,
        rounds: usize,
        disorder: &mut Vec<String>,
    ) -> Result<Comparison, Failure> {
        let mut comparison = Comparison::default();
        for _ in 0..rounds {
            for (side, runs) in SIDES.iter().zip(&mut comparison.runs) {
                self.chore(&self.run, &["--copy-of", &self.seeded])?;
                let (answer, peak) = self.measure(workload, side)?;
                if let Some(why) = answer["skip"].as_str() {
                    comparison.skipped = Some(why.to_owned());
                    return Ok(comparison);
                }
                let seconds = answer["seconds"]
                    .as_f64()
                    .ok_or_else(|| Failure::new(format!("no seconds in {answer}"), FIX))?;
                runs.push(Run { seconds, peak });
                if let Err(failure) = self.chore(&self.run, &["--verify", "--workload", workload]) {
                    disorder.push(format!("{workload} {} {side}: {failure}", self.backend));
                }
            }
        }
        Ok(comparison)
    }

    /// One run: what the program answers, and how many megabytes it took at most.
    fn measure(&self, workload: &str, side: &str) -> Result<(Value, Option<f64>), Failure> {
        let report = self.directory.join("time");
        let mut program = if Path::new(TIME).exists() {
            let mut time = Command::new(TIME);
            time.arg("-v").arg("-o").arg(&report).arg(self.program);
            time
        } else {
            Command::new(self.program)
        };
        self.command(&mut program, &self.run);
        let output = step::answer(program.args(["--workload", workload, "--who", side]), FIX)?;
        let answer = output.lines().last().unwrap_or_default();
        let answer = serde_json::from_str(answer)
            .map_err(|error| Failure::new(format!("{answer:?} is no JSON: {error}"), FIX))?;
        let report = fs::read_to_string(report).unwrap_or_default();
        Ok((answer, peak_megabytes(&report)))
    }
}

impl Drop for Site<'_> {
    fn drop(&mut self) {
        for url in [&self.run, &self.seeded] {
            if let Err(failure) = self.chore(url, &["--drop"]) {
                eprintln!("{url} is left behind: {failure}");
            }
        }
        fs::remove_dir_all(&self.directory).ok();
    }
}

/// The URL of another database on the same server.
fn beside(url: &str, database: &str) -> String {
    let (address, settings) = url.split_at(url.find('?').unwrap_or(url.len()));
    let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
    format!("{server}/{database}{settings}")
}

/// The peak in a report of `time -v`, which counts in kilobytes.
fn peak_megabytes(report: &str) -> Option<f64> {
    let line = report
        .lines()
        .find_map(|line| line.trim().strip_prefix("Maximum resident set size (kbytes): "))?;
    line.parse().ok().map(|kilobytes: f64| kilobytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_beside_another() {
        assert_eq!(
            beside("mysql://root@127.0.0.1:1/mysql", "b"),
            "mysql://root@127.0.0.1:1/b"
        );
        assert_eq!(
            beside("postgres://h/postgres?sslmode=off", "b"),
            "postgres://h/b?sslmode=off"
        );
    }

    #[test]
    fn the_peak_is_read_from_the_report() {
        let report = "\tExit status: 0\n\tMaximum resident set size (kbytes): 2048\n";
        assert_eq!(peak_megabytes(report), Some(2.0));
        assert_eq!(peak_megabytes(""), None);
    }
}
