//! The stand-alone program.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    soft_delete_cli::run_alone()
}
