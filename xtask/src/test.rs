//! `cargo xtask test`: everything that has to hold, in the order in which it fails soonest.

use std::fs;
use std::process::Command;

use crate::axe;
use crate::django;
use crate::package;
use crate::packages;
use crate::servers::Servers;
use crate::step::{Failure, Steps};
use crate::{features, msrv};

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All databases, and all that is published.
    Everything,
    /// What needs no server, no client library and no root.
    SqliteOnly,
}

/// The way out when a test fails, for those who then want to run it alone.
const FIX_TESTS: &str = "see the failure above; to run the command alone, keep `cargo xtask servers` running in \
    another terminal and export the variables that it prints";

/// The features of every step that compiles the tests, always the same so that nothing is compiled twice.
const WITH_SERVERS: [&str; 2] = [
    "--features",
    "soft-delete-tests/servers,soft-delete-cli/admin,soft-delete-cli/postgres,soft-delete-cli/mysql,crm/browser",
];

/// Runs the steps up to the first that fails; servers started on the way stop in any case.
pub fn run(scope: Scope, steps: &mut Steps) -> Result<(), Failure> {
    let mut _servers = None;
    if scope == Scope::Everything {
        packages::install_missing(steps)?;
        django::prepare(steps)?;
        axe::prepare(steps)?;
        let servers = steps.time("servers", Servers::start)?;
        for (variable, url) in servers.urls() {
            steps.set(variable, url);
        }
        _servers = Some(servers);
    }
    steps.run(
        "format",
        &mut cargo(&["fmt", "--all", "--check"]),
        "cargo fmt --all",
    )?;
    steps.run(
        "lints",
        &mut lints(scope),
        "heed the warnings; without clippy: rustup component add clippy",
    )?;
    steps.run("tests", &mut tests(scope), FIX_TESTS)?;
    for example in examples()? {
        let mut run = cargo(&["run", "--quiet", "--example", &example]);
        steps.run(
            &format!("example {example}"),
            &mut run,
            "examples must run without any preparation",
        )?;
    }
    steps.run(
        "tests of xtask",
        &mut cargo(&["test", "--package", "xtask"]),
        "see the failure above",
    )?;
    steps.run(
        "docs",
        &mut docs(scope),
        "mend the links and examples that rustdoc names",
    )?;
    if scope == Scope::Everything {
        msrv::run(steps)?;
        features::run(steps)?;
        package::run(steps)?;
    }
    Ok(())
}

/// `cargo` with these words.
fn cargo(words: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(words);
    cargo
}

/// The lints, of everything that compiles in this scope.
fn lints(scope: Scope) -> Command {
    let mut clippy = cargo(&["clippy", "--all-targets"]);
    if scope == Scope::Everything {
        clippy.arg("--workspace").args(WITH_SERVERS);
    }
    clippy.args(["--", "-D", "warnings"]);
    clippy
}

/// Unit, conformance, compile-fail and documentation tests. Plain `cargo test` is the part without servers.
fn tests(scope: Scope) -> Command {
    let mut test = cargo(&["test"]);
    if scope == Scope::Everything {
        test.args([
            "--workspace",
            "--exclude",
            "xtask",
            "--exclude",
            "soft-delete-bench",
        ])
        .args(WITH_SERVERS);
    }
    test
}

/// The documentation of the libraries, where a broken link is an error.
fn docs(scope: Scope) -> Command {
    let mut doc = package::cargo(&["doc", "--no-deps"]);
    match scope {
        Scope::Everything => doc.arg("--all-features"),
        Scope::SqliteOnly => doc.args([
            "--features",
            "soft-delete/sqlite,soft-delete/archive,soft-delete/tracing",
        ]),
    };
    doc.env("RUSTDOCFLAGS", "-D warnings");
    doc
}

/// The names of the examples, in alphabetical order. They run by `cargo run`, with the features that a reader
/// who types the same gets, even though that compiles some dependencies once more.
fn examples() -> Result<Vec<String>, Failure> {
    let failure = |error| {
        Failure::new(
            format!("cannot list examples: {error}"),
            "restore the directory `examples`",
        )
    };
    let mut examples = Vec::new();
    for entry in fs::read_dir("examples").map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            examples.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    examples.sort();
    Ok(examples)
}
