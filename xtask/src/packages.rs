//! The Debian packages that the tests with servers need, installed when they are missing.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::django;
use crate::servers::{self, CRASHING_POSTGRES_URL, MARIADB_URL, POSTGRES_URL};
use crate::step::{Failure, Steps};

/// What compiling and linking against the client libraries needs: libpq, and the library and headers of
/// MariaDB's client, which `mysqlclient-sys` finds as `libmariadb` without any compatibility package.
///
/// A C compiler is not listed: without its linker, this program could not have been built.
const CLIENTS: [&str; 3] = ["pkg-config", "libpq-dev", "libmariadb-dev"];

/// The PostgreSQL server, in whichever version the Debian release has.
const POSTGRES: [&str; 1] = ["postgresql"];

/// The MariaDB server without its system service. `mariadb-install-db`, in the first package, calls
/// `my_print_defaults`, which is in the second.
const MARIADB: [&str; 2] = ["mariadb-server-core", "mariadb-client-core"];

/// Checks the files that `schedule print systemd` writes; nothing of it is started.
const SYSTEMD: [&str; 1] = ["systemd"];

/// A Python that makes environments, for a real Django.
const PYTHON: [&str; 1] = ["python3-venv"];

/// A browser without a screen, and what drives it, for the tests of the pages.
const BROWSER: [&str; 2] = ["chromium", "chromium-driver"];

/// Where the Debian packaging of PostgreSQL reads that it must not create and start a server of its own.
const NO_SYSTEM_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/soft-delete-xtask.conf";

/// The way out when packages cannot be installed from here.
const FIX: &str = "install them as root, or run `cargo xtask test --sqlite-only`, which needs none of them";

/// Installs what is missing; touches nothing, not even the package lists, when nothing is.
pub fn install_missing(steps: &mut Steps) -> Result<(), Failure> {
    let needed = needed();
    if Command::new("dpkg-query").arg("--version").output().is_err() {
        println!(
            "This is not Debian; here the tests need what Debian calls {}.",
            needed.join(", ")
        );
        return Ok(());
    }
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !servers::is_root() {
        return Err(Failure::new(
            format!("these packages are missing: {}", missing.join(", ")),
            FIX,
        ));
    }

    steps.run("package lists", apt_get().arg("update"), FIX)?;
    let no_cluster = missing
        .contains(&POSTGRES[0])
        .then(NoSystemCluster::declare)
        .transpose()?;
    steps.run(
        "packages",
        apt_get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(missing),
        FIX,
    )?;
    drop(no_cluster);
    Ok(())
}

/// The packages for this run: no server package for a server that is already given.
fn needed() -> Vec<&'static str> {
    let mut packages = CLIENTS.to_vec();
    if servers::given(POSTGRES_URL).is_none() || servers::given(CRASHING_POSTGRES_URL).is_none() {
        packages.extend(POSTGRES);
    }
    packages.extend(SYSTEMD);
    packages.extend(BROWSER);
    if !django::has_environments() {
        packages.extend(PYTHON);
    }
    if servers::given(MARIADB_URL).is_none() {
        packages.extend(MARIADB);
    }
    packages
}

/// Whether dpkg has the package, unpacked and configured.
fn is_installed(package: &str) -> bool {
    let answer = Command::new("dpkg-query")
        .args(["-W", "-f=${Status}", package])
        .output();
    answer.is_ok_and(|answer| says_installed(&String::from_utf8_lossy(&answer.stdout)))
}

/// Whether this is how dpkg describes an installed package: what is wanted, `ok`, what is.
fn says_installed(status: &str) -> bool {
    status.contains("ok installed")
}

/// `apt-get`, told to ask nothing.
fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// While this lives, installing the PostgreSQL package creates and starts no system server.
struct NoSystemCluster;

impl NoSystemCluster {
    /// Writes the setting where the package will look for it.
    fn declare() -> Result<Self, Failure> {
        let file = Path::new(NO_SYSTEM_CLUSTER);
        file.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(file, "create_main_cluster = false\n"))
            .map_err(|error| Failure::new(format!("cannot write {NO_SYSTEM_CLUSTER}: {error}"), FIX))?;
        Ok(Self)
    }
}

impl Drop for NoSystemCluster {
    /// Takes the setting back: later installations are not ours to decide about.
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(NO_SYSTEM_CLUSTER) {
            eprintln!("cannot remove {NO_SYSTEM_CLUSTER}, please do: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::says_installed;

    #[test]
    fn only_an_installed_package_is_installed() {
        assert!(says_installed("install ok installed"));
        assert!(says_installed("hold ok installed"));
        assert!(!says_installed("unknown ok not-installed"));
        assert!(!says_installed("deinstall ok config-files"));
        assert!(!says_installed("install ok half-configured"));
        assert!(!says_installed(""));
    }
}
