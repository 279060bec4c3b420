//! `cargo xtask bench-program`: the command line on a large table, and what a developer would write instead, in turn.
//!
//! Three compiled programs, each with the start of its process: `soft-delete`, which reads its models from a file and their columns from
//! the catalogue; the same command line in an application's own program; and two queries written by hand.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::bench_place::{Place, Site};
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
    let place = Place::prepare("soft-delete-bench/postgres,soft-delete-cli/postgres", steps)?;
    let mut table = format!(
        "\n{:<24}{:>12} {:>10} {:>10} {:>14} {:>9}\n",
        "", "stand-alone", "embedded", "by hand", "stand-alone/", "embedded/"
    );
    for backend in ["sqlite", "postgres"] {
        let site = place.site(backend)?;
        steps.time(&format!("seed {backend}"), || site.seed(options.rows))?;
        for (name, ours, by_hand) in QUESTIONS {
            let times = steps.time(&format!("{name} {backend}"), || {
                measure(&site, options.rounds, ours, by_hand)
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

/// The times of all three, one after the other in each round; first each has to say the same.
fn measure(site: &Site, rounds: usize, ours: &[&str], by_hand: &str) -> Result<[Vec<Duration>; 3], Failure> {
    let mut commands = [
        site.program("soft-delete", ours),
        site.program("embedded", ours),
        site.program("by_hand", &[&site.url, by_hand]),
    ];
    agree(&mut commands)?;
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

/// Rows become due from second to second, so that two answers may differ by one of them; not again and again.
fn agree(commands: &mut [Command; 3]) -> Result<(), Failure> {
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.clear();
        for command in &mut *commands {
            answers.push(step::answer(command, FIX)?);
        }
        let lines: Vec<usize> = answers.iter().map(|answer| answer.lines().count()).collect();
        if answers[0] == answers[1] && lines[0] == lines[2] {
            return Ok(());
        }
    }
    Err(Failure::new(answers.join("\n"), "make all three answer the same"))
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
