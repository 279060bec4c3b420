//! `soft-delete-bench`: one workload on one database, by this library or by hand-written statements.
//!
//! One process is one run over one connection. The last line on the standard output says how long the work took;
//! starting up and connecting do not count. `cargo xtask bench` runs both sides in turn and compares them.

#![forbid(unsafe_code)]
#![allow(
    clippy::duplicate_mod,
    reason = "the workloads are written once and compiled for each database"
)]

mod answer;
mod backend;
mod check;
mod cli;
mod seed;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use cli::Options;

/// What this program's functions answer: whatever goes wrong ends it.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// 0 when the work was done or does not apply, 1 when it failed, 2 when the command line is wrong.
fn main() -> ExitCode {
    let options = match Options::read(env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    match backend::act(&options) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
