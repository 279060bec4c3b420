//! The packages that are published, and whether each builds from what would be uploaded.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use crate::step::{Failure, Steps};

/// The published libraries; tests, benchmarks and this program stay at home.
const LIBRARIES: [&str; 6] = [
    "soft-delete",
    "soft-delete-admin",
    "soft-delete-cli",
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
///
/// They meet in a registry that cargo puts into the target directory and whose packages it unpacks under
/// `CARGO_HOME`, by the registry's path: in a directory of an earlier run, a library would be built against what its
/// neighbours were then. Hence a directory of this run's own.
pub fn run(steps: &mut Steps) -> Result<(), Failure> {
    let directory = PathBuf::from(format!("target/packages-{:016x}", random()));
    let mut package = cargo(&["package"]);
    package.arg("--target-dir").arg(&directory);
    if env::var_os("CI").is_none() {
        // At home it is the uncommitted work that one wants to know about.
        package.arg("--allow-dirty");
    }
    let packed = steps.run(
        "package",
        &mut package,
        "see which file the package lacks; this needs cargo 1.90 or newer",
    );
    // What is left of it costs only space.
    let _ = fs::remove_dir_all(directory);
    packed
}

/// A number that no earlier run has used: the keys of a hash are random.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
