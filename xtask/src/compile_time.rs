//! `cargo xtask compile-time`: what the derive adds to the compile time of an application's models.
//!
//! Two crates are generated that differ in nothing but the derive, and compiled in turn, always without incremental
//! data: what a clean build pays.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::step::{Failure, Steps};

/// Where the crates are generated and compiled.
const DIRECTORY: &str = "target/compile-time";

/// How often each crate is compiled.
const ROUNDS: usize = 5;

/// How much longer compiling may take with the derive, in percent.
const TARGET: f64 = 15.0;

/// The way out when the generated crates cannot be written or compiled.
const FIX: &str = "look into target/compile-time; it may be removed at any time";

/// Reads the words after `compile-time`: the number of models.
pub fn models(words: &[&str]) -> Result<usize, Failure> {
    let failure = || {
        Failure::new(
            format!("{:?} is no option of compile-time", words.join(" ")),
            "cargo xtask compile-time [--models 50]",
        )
    };
    match words {
        [] => Ok(50),
        ["--models", number] => number.parse().map_err(|_| failure()),
        _ => Err(failure()),
    }
}

/// Generates both crates, compiles what they depend on, then each of them in turn.
pub fn run(models: usize, steps: &mut Steps) -> Result<(), Failure> {
    let without = Specimen::generate("without", models, "")?;
    let with = Specimen::generate("with", models, ", SoftDelete")?;
    let mut table = String::new();
    for subcommand in ["check", "build"] {
        for specimen in [&without, &with] {
            let name = format!("{subcommand} {} the derive, dependencies first", specimen.name);
            steps.run(&name, &mut specimen.cargo(subcommand), FIX)?;
        }
        let mut times = [Vec::new(), Vec::new()];
        steps.time(&format!("{subcommand} in turn"), || {
            for _ in 0..ROUNDS {
                for (specimen, times) in [&without, &with].into_iter().zip(&mut times) {
                    times.push(specimen.recompile(subcommand)?);
                }
            }
            Ok(())
        })?;
        let [without, with] = times.map(median);
        let overhead = (with / without - 1.0) * 100.0;
        table += &format!("{subcommand:6} {without:>11.3} {with:>8.3} {overhead:>9.1} %\n");
    }
    println!("\n{models} models: seconds, medians of {ROUNDS}; at most {TARGET} % is the target");
    print!(
        "{:6} {:>11} {:>8} {:>11}\n{table}",
        "", "without", "with", "overhead"
    );
    Ok(())
}

/// A generated crate.
struct Specimen {
    name: &'static str,
    directory: PathBuf,
}

impl Specimen {
    /// Writes a crate with so many models, each with these derives in addition.
    fn generate(name: &'static str, models: usize, derives: &str) -> Result<Self, Failure> {
        let directory = Path::new(DIRECTORY).join(name);
        let specimen = Self { name, directory };
        specimen
            .write(models, derives)
            .map_err(|error| Failure::new(format!("cannot write {name}: {error}"), FIX))?;
        Ok(specimen)
    }

    fn write(&self, models: usize, derives: &str) -> std::io::Result<()> {
        fs::create_dir_all(self.directory.join("src"))?;
        fs::write(self.directory.join("Cargo.toml"), manifest(self.name))?;
        // The versions that the workspace has, so that both compile what the tests compile.
        fs::copy("Cargo.lock", self.directory.join("Cargo.lock"))?;
        let source: String = (0..models).map(|number| model(number, derives)).collect();
        let imports = "#![allow(unused_imports)]\nuse diesel::prelude::*;\nuse soft_delete::prelude::*;\n";
        fs::write(self.source(), format!("{imports}{source}"))
    }

    fn source(&self) -> PathBuf {
        self.directory.join("src/lib.rs")
    }

    /// The command that compiles it. Both crates share a target directory, hence their dependencies.
    fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo
            .args([subcommand, "--quiet", "--manifest-path"])
            .arg(self.directory.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", Path::new(DIRECTORY).join("target"))
            .env("CARGO_INCREMENTAL", "0");
        cargo
    }

    /// How long the crate alone takes.
    fn recompile(&self, subcommand: &str) -> Result<Duration, Failure> {
        let failure = |reason: String| Failure::new(format!("compiling {}: {reason}", self.name), FIX);
        // Written again as it is, the file is newer than what was made of it.
        fs::read(self.source())
            .and_then(|source| fs::write(self.source(), source))
            .map_err(|error| failure(error.to_string()))?;
        let start = Instant::now();
        let status = self.cargo(subcommand).status();
        let took = start.elapsed();
        match status {
            Ok(status) if status.success() => Ok(took),
            Ok(status) => Err(failure(status.to_string())),
            Err(error) => Err(failure(error.to_string())),
        }
    }
}

/// The middle one, in seconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .copied()
        .unwrap_or_default()
        .as_secs_f64()
}

/// A manifest outside of the workspace. PostgreSQL's types need no client library to compile.
fn manifest(name: &str) -> String {
    format!(
        r#"[package]
name = "models-{name}"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
diesel = {{ version = "2.3.4", default-features = false, features = ["chrono", "postgres_backend", "uuid"] }}
soft-delete = {{ path = "../../..", features = ["postgres"] }}

[workspace]
"#
    )
}

/// A table and its model.
fn model(number: usize, derives: &str) -> String {
    format!(
        r"
pub mod model_{number} {{
    use super::*;
    diesel::table! {{
        leads_{number} (id) {{
            id -> BigInt,
            full_name -> Text,
            email -> Nullable<Text>,
            created_at -> Timestamptz,
            deleted_at -> Nullable<Timestamptz>,
            deleted_by -> Nullable<BigInt>,
            deletion_reason -> Nullable<Text>,
            deletion_id -> Nullable<Uuid>,
        }}
    }}

    #[derive(Queryable, Selectable, Identifiable{derives})]
    #[diesel(table_name = leads_{number})]
    pub struct Lead {{
        pub id: i64,
        pub full_name: String,
        pub email: Option<String>,
        pub created_at: DateTime<Utc>,
        pub deleted_at: Option<DateTime<Utc>>,
        pub deleted_by: Option<i64>,
        pub deletion_reason: Option<String>,
        pub deletion_id: Option<DeletionId>,
    }}
}}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_models_is_read_or_refused() {
        assert_eq!(models(&[]).ok(), Some(50));
        assert_eq!(models(&["--models", "7"]).ok(), Some(7));
        assert!(models(&["--models", "many"]).is_err());
        assert!(models(&["50"]).is_err());
    }

    #[test]
    fn the_crates_differ_in_the_derive_alone() {
        let (without, with) = (model(1, ""), model(1, ", SoftDelete"));
        assert_eq!(without, with.replace(", SoftDelete", ""));
        assert_ne!(without, with);
    }
}
