//! `cargo xtask zoo`: random schemas, as many as are asked for, and an oracle that looks at every row of every table.
//!
//! `cargo xtask test` does the same with 150 schemas a database, from a seed that never changes. Findings are printed with a
//! script that is as short as they get; the same seed finds them again.

use std::process::Command;

use crate::packages;
use crate::servers::Servers;
use crate::step::{Failure, Steps};

const USAGE: &str = "cargo xtask zoo [--schemas 1000] [--seed 1] [--database sqlite|postgres|mariadb] [--without FEATURE,FINDING,..]";

const FIX: &str = "see the findings above; the same seed finds them again";

/// The databases, as this command and as the test calls them.
const DATABASES: [(&str, &str); 3] = [
    ("sqlite", "on_sqlite"),
    ("postgres", "on_postgresql"),
    ("mariadb", "on_mariadb"),
];

/// What is tried.
pub struct Options {
    schemas: u64,
    seed: u64,
    database: Option<&'static str>,
    without: Option<String>,
}

impl Options {
    /// Reads the words after `zoo`.
    pub fn read(words: &[&str]) -> Result<Self, Failure> {
        let mut options = Self {
            schemas: 1000,
            seed: 1,
            database: None,
            without: None,
        };
        for pair in words.chunks(2) {
            let refused = || Failure::new(format!("{:?} is no option of the zoo", pair.join(" ")), USAGE);
            match pair {
                ["--schemas", number] => options.schemas = number.parse().map_err(|_| refused())?,
                ["--seed", number] => options.seed = number.parse().map_err(|_| refused())?,
                ["--database", name] => {
                    let known = DATABASES.iter().find(|(known, _)| known == name);
                    options.database = Some(known.ok_or_else(refused)?.0);
                }
                ["--without", names] => options.without = Some((*names).to_owned()),
                _ => return Err(refused()),
            }
        }
        Ok(options)
    }
}

/// Goes through the schemas of one database after the other, and fails if any of them had a finding.
pub fn run(options: &Options, steps: &mut Steps) -> Result<(), Failure> {
    let mut _servers = None;
    if options.database != Some("sqlite") {
        packages::install_missing(steps)?;
        let servers = steps.time("servers", Servers::start)?;
        for (variable, url) in servers.urls() {
            steps.set(variable, url);
        }
        _servers = Some(servers);
    }
    steps.set("SOFT_DELETE_ZOO_SCHEMAS", options.schemas.to_string());
    steps.set("SOFT_DELETE_ZOO_SEED", options.seed.to_string());
    if let Some(without) = &options.without {
        steps.set("SOFT_DELETE_ZOO_WITHOUT", without.clone());
    }
    println!("seed {}, {} schemas a database", options.seed, options.schemas);
    let asked = |name: &str| options.database.is_none_or(|database| database == name);
    let chosen = DATABASES.iter().filter(|(name, _)| asked(name));
    // All are asked, whatever the first of them found.
    let outcomes: Vec<Result<(), Failure>> = chosen
        .map(|(name, test)| steps.run(&format!("zoo {name}"), &mut command(name, test), FIX))
        .collect();
    outcomes.into_iter().collect()
}

fn command(database: &str, test: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args([
        "test",
        "--quiet",
        "--package",
        "soft-delete-tests",
        "--test",
        "conformance",
    ]);
    if database != "sqlite" {
        cargo.args(["--features", "servers"]);
    }
    cargo.args(["--", &format!("zoo::{test}"), "--exact", "--nocapture"]);
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused() {
        let options = Options::read(&["--seed", "7", "--database", "mariadb"]).expect("they are right");
        assert_eq!(
            (options.seed, options.schemas, options.database),
            (7, 1000, Some("mariadb"))
        );
        for words in [&["--fast"][..], &["--schemas", "few"], &["--database", "oracle"]] {
            assert!(Options::read(words).is_err(), "{words:?}");
        }
    }
}
