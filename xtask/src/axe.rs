//! axe-core, by which the tests in a browser look for what keeps people out of pages.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::django;
use crate::step::{Failure, Steps};

/// Where the tests read it.
const SCRIPT: &str = "SOFT_DELETE_AXE";

/// Inside the workspace, and gone with its build directory.
const DIRECTORY: &str = "target/axe";

/// A package that carries axe-core 4.12 as one file; what it is for besides is not used.
const PACKAGE: &str = "axe-playwright-python==0.1.8";
const FILE: &str = "axe_playwright_python/axe.min.js";

const FIX: &str = "fetch axe-core from anywhere and name its file axe.min.js in SOFT_DELETE_AXE";

/// Fetches it, once, and tells the tests where it is; needs the environment of [`django`].
pub fn prepare(steps: &mut Steps) -> Result<(), Failure> {
    if env::var_os(SCRIPT).is_some() {
        return Ok(());
    }
    let file = Path::new(DIRECTORY).join(FILE);
    if !file.is_file() {
        let mut install = Command::new(django::python());
        install
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
            ])
            .args(["--target", DIRECTORY, PACKAGE]);
        steps.run("axe-core", &mut install, FIX)?;
    }
    let file = std::path::absolute(&file)
        .map_err(|error| Failure::new(format!("cannot find {}: {error}", file.display()), FIX))?;
    steps.set(SCRIPT, file.display().to_string());
    Ok(())
}
