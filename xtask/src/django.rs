//! A Python with Django, for the tests that work on the database of a real Django project.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{Failure, Steps};

/// Where the tests read which Python has Django and a driver for PostgreSQL.
const PYTHON: &str = "SOFT_DELETE_DJANGO_PYTHON";

/// Inside the workspace, and gone with its build directory.
const DIRECTORY: &str = "target/django";

const WANTED: [&str; 2] = ["Django~=5.2", "psycopg[binary]~=3.2"];

const FIX: &str = "install Django and psycopg for any Python and name it in SOFT_DELETE_DJANGO_PYTHON";

/// Whether this machine's Python can make environments; Debian has that in a package of its own.
pub fn has_environments() -> bool {
    let asked = Command::new("python3")
        .args(["-c", "import ensurepip, venv"])
        .output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// The Python of that environment.
pub fn python() -> PathBuf {
    env::var_os(PYTHON).map_or_else(|| Path::new(DIRECTORY).join("bin/python"), PathBuf::from)
}

/// Makes the environment, once, and tells the tests where it is.
pub fn prepare(steps: &mut Steps) -> Result<(), Failure> {
    if env::var_os(PYTHON).is_some() {
        return Ok(());
    }
    let python = Path::new(DIRECTORY).join("bin/python");
    let is_there = Command::new(&python)
        .args(["-c", "import django, psycopg"])
        .output();
    if !is_there.is_ok_and(|answer| answer.status.success()) {
        let mut environment = Command::new("python3");
        environment.args(["-m", "venv", "--clear", DIRECTORY]);
        steps.run("python environment", &mut environment, FIX)?;
        let mut install = Command::new(&python);
        install
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(WANTED);
        steps.run("django", &mut install, FIX)?;
    }
    // The link must not be followed: what it leads to has no Django.
    let python = std::path::absolute(&python)
        .map_err(|error| Failure::new(format!("cannot find {}: {error}", python.display()), FIX))?;
    steps.set(PYTHON, python.display().to_string());
    Ok(())
}
