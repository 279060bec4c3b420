//! `cargo xtask bench-program`: the command line on a large table, and what a developer would write instead, in turn.
//!
//! Three compiled programs, each with the start of its process: `soft-delete`, which reads its models from a file and their columns from
//! the catalogue; the same command line in an application's own program; and two queries written by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bench_place::{Directory, on_server};
use crate::packages;
use crate::servers::{POSTGRES_URL, Servers};
use crate::step::{self, Failure, Steps};

const USAGE: &str = "cargo xtask bench-program [--rows 1000000] [--rounds 41]";

const FIX: &str = "see what the program says above";

/// What is asked, in the words of the command line and of the program written by hand.
const QUESTIONS: [(&str, &[&str], &str); 2] = [
    ("stats", &["stats", "--format", "csv"], "stats"),
    (
        "list-deleted",
        &["list-deleted", "leads", "--format", "csv"],
        "list",
    ),
];

/// What is measured.
pub struct Options {
    rows: u32,
    rounds: usize,
}

impl Options {
    /// Reads the words after `bench-program`.
    pub fn read(words: &[&str]) -> Result<Self, Failure> {
        let mut options = Self {
            rows: 1_000_000,
            rounds: 41,
        };
        for pair in words.chunks(2) {
            let whole = |number: &str| {
                let refused = || Failure::new(format!("{number:?} is no number of it"), USAGE);
                number
                    .parse::<u32>()
                    .ok()
                    .filter(|number| *number > 0)
                    .ok_or_else(refused)
            };
            match pair {
                ["--rows", number] => options.rows = whole(number)?,
                ["--rounds", number] => options.rounds = whole(number)? as usize,
                _ => return Err(Failure::new(format!("{:?} is no option", pair.join(" ")), USAGE)),
            }
        }
        Ok(options)
    }
}

/// Measures on SQLite and on PostgreSQL, and prints medians and their ratios; no ratio is a failure.
pub fn run(options: &Options, steps: &mut Steps) -> Result<(), Failure> {
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
        "soft-delete-bench/postgres,soft-delete-cli/postgres",
    ]);
    steps.run("build", &mut cargo, "see the error above")?;

    let directory = Directory::new()?;
    let server = servers.urls().iter().find(|(name, _)| *name == POSTGRES_URL);
    let mut table = format!(
        "\n{:<24}{:>12} {:>10} {:>10} {:>14} {:>9}\n",
        "", "stand-alone", "embedded", "by hand", "stand-alone/", "embedded/"
    );
    for backend in ["sqlite", "postgres"] {
        let url = match (backend, server) {
            ("postgres", Some((_, url))) => on_server(url)?,
            _ => directory.0.join("app.sqlite").display().to_string(),
        };
        let site = Site::new(&directory.0.join(backend), url)?;
        steps.time(&format!("seed {backend}"), || site.seed(options.rows))?;
        for (name, ours, by_hand) in QUESTIONS {
            let times = steps.time(&format!("{name} {backend}"), || {
                site.measure(options.rounds, ours, by_hand)
            })?;
            let [alone, embedded, by_hand] = times.map(|times| median(times).as_secs_f64() * 1e3);
            table += &format!(
                "{:<24}{alone:>12.2} {embedded:>10.2} {by_hand:>10.2} {:>14.2} {:>9.2}\n",
                format!("{name} {backend}"),
                alone / by_hand,
                embedded / by_hand
            );
        }
    }
    println!(
        "{table}Medians in ms of {} runs each, in turn; {} rows.",
        options.rounds, options.rows
    );
    Ok(())
}

/// Where one database is asked.
struct Site {
    folder: PathBuf,
    url: String,
    programs: PathBuf,
}

impl Site {
    fn new(folder: &Path, url: String) -> Result<Self, Failure> {
        let failure = |error: std::io::Error| {
            Failure::new(error.to_string(), "set TMPDIR to a directory that can be written")
        };
        fs::create_dir_all(folder).map_err(failure)?;
        let programs = std::path::absolute("target/release").map_err(failure)?;
        Ok(Self {
            folder: folder.to_owned(),
            url,
            programs,
        })
    }

    fn program(&self, name: &str, words: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command
            .args(words)
            .current_dir(&self.folder)
            .env("DATABASE_URL", &self.url);
        command
    }

    fn seed(&self, rows: u32) -> Result<(), Failure> {
        step::answer(
            &mut self.program("by_hand", &[&self.url, "seed", &rows.to_string()]),
            FIX,
        )?;
        for words in [&["init"][..], &["migrate", "up"]] {
            step::answer(&mut self.program("soft-delete", words), FIX)?;
        }
        Ok(())
    }

    /// The times of all three, one after the other in each round; first each has to say the same.
    fn measure(&self, rounds: usize, ours: &[&str], by_hand: &str) -> Result<[Vec<Duration>; 3], Failure> {
        let mut commands = [
            self.program("soft-delete", ours),
            self.program("embedded", ours),
            self.program("by_hand", &[&self.url, by_hand]),
        ];
        let mut answers = Vec::new();
        for command in &mut commands {
            answers.push(step::answer(command, FIX)?);
        }
        let lines: Vec<usize> = answers.iter().map(|answer| answer.lines().count()).collect();
        if answers[0] != answers[1] || lines[0] != lines[2] {
            return Err(Failure::new(answers.join("\n"), "make all three answer the same"));
        }
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..rounds {
            for (command, times) in commands.iter_mut().zip(&mut times) {
                let since = Instant::now();
                step::answer(command, FIX)?;
                times.push(since.elapsed());
            }
        }
        Ok(times)
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused() {
        let options = Options::read(&["--rows", "1000"]).expect("they are right");
        assert_eq!((options.rows, options.rounds), (1_000, 41));
        for words in [&["--fast"][..], &["--rows", "0"], &["--rounds", "few"]] {
            assert!(Options::read(words).is_err(), "{words:?}");
        }
    }
}
