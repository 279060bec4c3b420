//! The packages that are published, and whether each builds from what would be uploaded.

use std::env;
use std::process::Command;

use crate::step::{Failure, Steps};

/// The published libraries; tests, benchmarks and this program stay at home.
const LIBRARIES: [&str; 4] = [
    "soft-delete",
    "soft-delete-core",
    "soft-delete-derive",
    "soft-delete-diesel",
];

/// `cargo` and its subcommand, for the published libraries.
pub fn cargo(subcommand: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(subcommand);
    for library in LIBRARIES {
        cargo.args(["-p", library]);
    }
    cargo
}

/// Packs all libraries and builds each from its package. Packed together, they find each other, although the
/// registry has none of them in this version.
pub fn run(steps: &mut Steps) -> Result<(), Failure> {
    let mut package = cargo(&["package"]);
    if env::var_os("CI").is_none() {
        // At home it is the uncommitted work that one wants to know about.
        package.arg("--allow-dirty");
    }
    steps.run(
        "package",
        &mut package,
        "see which file the package lacks; this needs cargo 1.90 or newer",
    )
}
