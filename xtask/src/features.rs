//! Each feature of each library alone, none and all of them: what one feature needs, it must bring along.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::package;
use crate::step::{Failure, Steps};

/// Where this program installs tools: inside the workspace, and gone with its build directory.
const TOOLS: &str = "target/tools";

/// Checks the libraries with `cargo hack`, which is installed first when it is missing.
pub fn run(steps: &mut Steps) -> Result<(), Failure> {
    let path = path_with_tools()?;
    let is_there = Command::new("cargo")
        .args(["hack", "--version"])
        .env("PATH", &path)
        .output();
    if !is_there.is_ok_and(|answer| answer.status.success()) {
        let mut install = Command::new("cargo");
        install.args(["install", "cargo-hack", "--locked", "--root", TOOLS]);
        steps.run(
            "install cargo-hack",
            &mut install,
            "install cargo-hack in any other way",
        )?;
    }
    // Dev-dependencies cannot lend their features to a `check`: the resolver of this edition leaves them out.
    let mut hack = package::cargo(&["hack", "check", "--each-feature"]);
    steps.run(
        "features",
        hack.env("PATH", path),
        "let the feature enable what it uses, in the crate's Cargo.toml",
    )
}

/// The PATH, with the tools of this workspace in front.
fn path_with_tools() -> Result<OsString, Failure> {
    let tools = Path::new(TOOLS).join("bin");
    let fix = "move the workspace to a directory without `:` in its name";
    let failure = |error: String| {
        Failure::new(
            format!("cannot put {} on the PATH: {error}", tools.display()),
            fix,
        )
    };
    let tools = std::path::absolute(&tools).map_err(|error| failure(error.to_string()))?;
    let rest: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    env::join_paths([tools.clone()].into_iter().chain(rest)).map_err(|error| failure(error.to_string()))
}
