//! The command line, which is a contract: other programs call this one beside systems of their own.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};

/// What is printed when the command line is wrong.
pub const USAGE: &str = "\
Usage: soft-delete-bench --workload W1..W7 --backend sqlite|postgres|mariadb --url URL [OPTIONS]

What is measured:
  --who ours|floor            this library, or hand-written statements [ours]
  --workload W1..W7           what is done
  --backend NAME              sqlite, postgres or mariadb
  --url URL                   a path for SQLite, else postgres://.. or mysql://..
  --scale N                   leads in the database [200000]
  --now TIME                  the instant that retention counts from [2026-01-15T12:00:00Z]
  --retention-days N          [30]
  --soon-days N               [7]
  --actor N                   [7]
  --reason TEXT               [bulk cleanup]
  --limit N                   rows of W1 [1000]
  --count C                   leads of W2 and W4 [scale / 100, at most 1000]
  --page P                    the deep page of W7 [100]
  --batch N                   [1000]
  --pause-ms N                [0]

Instead of a measurement:
  --seed                      make the database at --url anew, with --scale leads
  --copy-of URL               make the database at --url anew, as a copy of a seeded one
  --verify                    is the database as --workload should have left it?
  --drop                      remove the database at --url
";

/// Who does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// This library.
    Ours,
    /// The best statements we know, written by hand.
    Floor,
}

/// What is done: see the benchmark contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    W1,
    W2,
    W3,
    W4,
    W5,
    W6,
    W7,
}

/// A database that the program may have been built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
    Mariadb,
}

/// A measurement, or one of the chores around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Measure,
    Seed,
    CopyOf(String),
    Verify,
    Drop,
}

/// The command line, read.
#[derive(Debug)]
#[allow(
    dead_code,
    reason = "the contract has options for workloads that are still to come"
)]
pub struct Options {
    pub action: Action,
    pub who: Who,
    pub workload: Workload,
    pub backend: Backend,
    pub url: String,
    pub scale: i64,
    pub now: DateTime<Utc>,
    pub retention_days: i64,
    pub soon_days: i64,
    pub actor: i64,
    pub reason: String,
    pub limit: i64,
    pub count: i64,
    pub page: i64,
    pub batch: i64,
    pub pause_ms: u64,
}

impl Options {
    /// Reads the words after the program's name; the error is for people.
    pub fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut given = Given::default();
        let mut action = Action::Measure;
        let mut words = words;
        while let Some(name) = words.next() {
            match name.as_str() {
                "--seed" => action = Action::Seed,
                "--verify" => action = Action::Verify,
                "--drop" => action = Action::Drop,
                known if known == "--copy-of" || NAMES.contains(&known) => {
                    let value = words.next().ok_or_else(|| format!("{name} needs a value"))?;
                    match known {
                        "--copy-of" => action = Action::CopyOf(value),
                        _ => given.0.push((name, value)),
                    }
                }
                _ => return Err(format!("unknown option {name}")),
            }
        }
        given.options(action)
    }
}

/// The options that have a value and are part of the contract.
const NAMES: [&str; 15] = [
    "--who",
    "--workload",
    "--backend",
    "--url",
    "--scale",
    "--now",
    "--retention-days",
    "--soon-days",
    "--actor",
    "--reason",
    "--limit",
    "--count",
    "--page",
    "--batch",
    "--pause-ms",
];

/// Names and values in the order given; the last of a name counts.
#[derive(Default)]
struct Given(Vec<(String, String)>);

impl Given {
    fn options(&self, action: Action) -> Result<Options, String> {
        let scale = self.or("--scale", 200_000)?;
        if scale < 1_000 {
            return Err("--scale must be 1000 or more, so that every kind of row exists".into());
        }
        let needs_workload = matches!(action, Action::Measure | Action::Verify);
        Ok(Options {
            who: self.or("--who", Who::Ours)?,
            workload: match needs_workload {
                true => self.needed("--workload")?,
                false => self.or("--workload", Workload::W1)?,
            },
            backend: self.needed("--backend")?,
            url: self.needed("--url")?,
            scale,
            now: self.or(
                "--now",
                DateTime::from_timestamp(1_768_478_400, 0).unwrap_or_default(),
            )?,
            retention_days: self.or("--retention-days", 30)?,
            soon_days: self.or("--soon-days", 7)?,
            actor: self.or("--actor", 7)?,
            reason: self.or("--reason", "bulk cleanup".to_owned())?,
            limit: self.or("--limit", 1_000)?,
            count: self.or("--count", (scale / 100).min(1_000))?,
            page: self.or("--page", 100)?,
            batch: self.or("--batch", 1_000)?,
            pause_ms: self.or("--pause-ms", 0)?,
            action,
        })
    }

    fn or<T: FromStr<Err: Display>>(&self, name: &str, default: T) -> Result<T, String> {
        self.find(name)?.map_or(Ok(default), Ok)
    }

    fn needed<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, String> {
        self.find(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    fn find<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, String> {
        let Some((_, value)) = self.0.iter().rev().find(|(given, _)| given == name) else {
            return Ok(None);
        };
        let value = value
            .parse()
            .map_err(|problem| format!("{name} {value:?}: {problem}"))?;
        Ok(Some(value))
    }
}

/// Reads an enum by the words that stand for its variants.
macro_rules! words {
    ($type:ident { $($word:literal => $variant:ident),+ $(,)? }) => {
        impl FromStr for $type {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("expected one of {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}

words!(Who { "ours" => Ours, "floor" => Floor });
words!(Workload { "W1" => W1, "W2" => W2, "W3" => W3, "W4" => W4, "W5" => W5, "W6" => W6, "W7" => W7 });
words!(Backend { "sqlite" => Sqlite, "postgres" => Postgres, "mariadb" => Mariadb });

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        Options::read(line.split_whitespace().map(ToOwned::to_owned))
    }

    #[test]
    fn options_come_in_any_order() {
        let options = read("--count 5 --url a.db --backend sqlite --who floor --workload W2").unwrap();
        assert_eq!(
            (options.who, options.workload, options.count),
            (Who::Floor, Workload::W2, 5)
        );
        assert_eq!(options.now.to_rfc3339(), "2026-01-15T12:00:00+00:00");
        assert_eq!(options.action, Action::Measure);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, problem) in [
            ("--url a.db --backend sqlite", "--workload is missing"),
            ("--url a.db --fast yes", "unknown option --fast"),
            ("--url", "--url needs a value"),
            (
                "--url a.db --backend oracle --workload W1",
                "expected one of sqlite",
            ),
            (
                "--url a.db --backend sqlite --workload W1 --limit ten",
                "--limit \"ten\"",
            ),
        ] {
            let error = read(line).unwrap_err();
            assert!(error.contains(problem), "{line}: {error}");
        }
    }
}
