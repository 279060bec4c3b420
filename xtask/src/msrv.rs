//! The declared Rust version: does everything that the libraries bring along build with it?
//!
//! Without that version's toolchain at hand, two promises are checked instead: no dependency declares a newer
//! Rust version, and no library calls a newer function of the standard library.

use std::collections::HashMap;
use std::process::Command;

use serde_json::Value;

use crate::package;
use crate::step::{self, Failure, Steps};

/// The way out when cargo cannot answer.
const FIX: &str = "see whether Cargo.lock is up to date: run `cargo check`";

/// Checks the dependencies, then the standard library.
pub fn run(steps: &mut Steps) -> Result<(), Failure> {
    steps.time("msrv: dependencies", || {
        let mut metadata = Command::new("cargo");
        let metadata = metadata.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
        let versions = RustVersions::read(&step::answer(metadata, FIX)?)?;

        // Not the graph of `metadata`: that one unites the features of all members, and so blames the libraries
        // for dependencies that only the tests enable.
        let mut tree = package::cargo(&["tree", "--locked", "--all-features", "--edges", "normal,build"]);
        let tree = step::answer(tree.args(["--prefix", "depth", "--format", " {p}"]), FIX)?;
        versions.check(&tree)
    })?;
    let mut clippy = package::cargo(&["clippy", "--all-features"]);
    steps.run(
        "msrv: standard library",
        clippy.args(["--", "-D", "clippy::incompatible_msrv"]),
        "use what the declared Rust version has; raising `rust-version` is a decision of its own",
    )
}

/// A version of Rust: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RustVersion(u32, u32, u32);

impl RustVersion {
    /// Reads `1.86` or `1.86.0`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::parse);
        let version = Self(
            parts.next()?.ok()?,
            parts.next()?.ok()?,
            parts.next().unwrap_or(Ok(0)).ok()?,
        );
        parts.next().is_none().then_some(version)
    }
}

/// The Rust version that each package declares, by `name vVERSION`; those that declare none are absent.
struct RustVersions(HashMap<String, RustVersion>);

impl RustVersions {
    /// Reads what `cargo metadata` says.
    fn read(metadata: &str) -> Result<Self, Failure> {
        let metadata: Value = serde_json::from_str(metadata)
            .map_err(|error| Failure::new(format!("`cargo metadata` is no JSON: {error}"), FIX))?;
        let packages = metadata["packages"].as_array().into_iter().flatten();
        Ok(Self(packages.filter_map(Self::entry).collect()))
    }

    /// One package of the metadata.
    fn entry(package: &Value) -> Option<(String, RustVersion)> {
        let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
        Some((
            format!("{name} v{version}"),
            RustVersion::parse(package["rust_version"].as_str()?)?,
        ))
    }

    /// Fails with each package of the tree that wants a newer Rust than the library at its root, and the path
    /// that leads to it. A line of the tree is its depth, a name and a version.
    fn check(&self, tree: &str) -> Result<(), Failure> {
        let mut path: Vec<String> = Vec::new();
        let mut too_new = Vec::new();
        let mut libraries = 0;
        for line in tree.lines() {
            let mut words = line.split_whitespace();
            let (Some(depth), Some(name), Some(version)) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let depth: usize = depth.parse().map_err(|_| unreadable(line))?;
            path.truncate(depth);
            path.push(format!("{name} {version}"));
            libraries += usize::from(depth == 0);

            let declared = self.0.get(&path[0]).ok_or_else(|| undeclared(&path[0]))?;
            if let Some(needed) = self.0.get(&path[depth]).filter(|needed| *needed > declared) {
                too_new.push(format!(
                    "{} needs Rust {}.{}",
                    path.join(" -> "),
                    needed.0,
                    needed.1
                ));
            }
        }
        if libraries == 0 {
            return Err(unreadable(tree));
        }
        if too_new.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            format!(
                "newer than the declared Rust version:\n    {}",
                too_new.join("\n    ")
            ),
            "allow an older version in Cargo.toml, and take it: cargo update -p NAME --precise VERSION",
        ))
    }
}

/// The failure for a library without a `rust-version`.
fn undeclared(package: &str) -> Failure {
    Failure::new(
        format!("{package} declares no Rust version"),
        "add `rust-version.workspace = true` to its Cargo.toml",
    )
}

/// The failure for output of `cargo tree` that is not as expected.
fn unreadable(text: &str) -> Failure {
    Failure::new(
        format!("`cargo tree` says {text:?}"),
        "adapt xtask to this version of cargo",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `cargo metadata` says about one library and three dependencies.
    const METADATA: &str = r#"{"packages": [
        {"name": "library", "version": "0.1.0", "rust_version": "1.86"},
        {"name": "old", "version": "1.0.0", "rust_version": "1.86.0"},
        {"name": "silent", "version": "2.0.0", "rust_version": null},
        {"name": "new", "version": "3.1.0", "rust_version": "1.87"}
    ]}"#;

    /// Checks a tree against `METADATA`; the failure as text.
    fn check(tree: &str) -> Result<(), String> {
        RustVersions::read(METADATA)
            .and_then(|versions| versions.check(tree))
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn versions_parse_and_compare_by_number() {
        assert_eq!(RustVersion::parse("1.86"), RustVersion::parse("1.86.0"));
        assert!(RustVersion::parse("1.100") > RustVersion::parse("1.86.1"));
        for text in ["", "1", "1.86.0.0", "1.x", "1.86-nightly"] {
            assert_eq!(RustVersion::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn dependencies_that_are_old_enough_pass() {
        assert_eq!(
            check("0 library v0.1.0 (/here)\n1 silent v2.0.0\n2 old v1.0.0 (proc-macro)\n"),
            Ok(())
        );
    }

    #[test]
    fn a_dependency_that_is_too_new_is_named_with_its_path() {
        let failure =
            check("0 library v0.1.0 (/here)\n1 old v1.0.0\n1 silent v2.0.0\n2 new v3.1.0 (*)\n").unwrap_err();
        assert!(
            failure.contains("library v0.1.0 -> silent v2.0.0 -> new v3.1.0 needs Rust 1.87"),
            "{failure}"
        );
        assert!(!failure.contains("old v"), "{failure}");
    }

    #[test]
    fn no_tree_is_no_success() {
        assert!(check("").is_err());
        assert!(
            check("0 silent v2.0.0").is_err(),
            "a library must declare its Rust version"
        );
    }
}
