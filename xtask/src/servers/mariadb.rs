//! A throwaway MariaDB.

use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::throwaway::Throwaway;
use crate::step::Failure;

/// The server where Debian puts it, which is not on everybody's PATH.
const SERVER: &str = "/usr/sbin/mariadbd";

/// The first byte after the packet header of a greeting: the version of the protocol. A server that cannot take
/// the connection says 0xff there.
const PROTOCOL_VERSION: u8 = 10;

/// The way out when the server does not come up.
const FIX: &str = "install the packages `mariadb-server-core` and `mariadb-client-core`, \
    set SOFT_DELETE_MYSQL_URL to a running server, or run `cargo xtask test --sqlite-only`";

/// Starts a server; its superuser `root` needs no password, over TCP neither.
pub fn start() -> Result<(Throwaway, String), Failure> {
    let mut server = Throwaway::prepare("mariadb")?;
    let directory = server.directory().to_owned();
    let port = server.port();

    let mut install = Command::new("mariadb-install-db");
    install.args([
        "--no-defaults",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ]);
    install.args(["--innodb-flush-log-at-trx-commit=0"]);
    server.set_up(
        as_root(&mut install).arg(option("datadir", &directory.join("data"))),
        FIX,
    )?;

    let mut mariadbd = Command::new(if Path::new(SERVER).exists() {
        SERVER
    } else {
        "mariadbd"
    });
    mariadbd
        .args(["--no-defaults", "--bind-address=127.0.0.1"])
        .arg(format!("--port={port}"))
        .arg(option("datadir", &directory.join("data")))
        .arg(option("socket", &directory.join("m.sock")))
        .arg(option("pid-file", &directory.join("pid")))
        // Otherwise the server asks the name service who 127.0.0.1 is.
        .arg("--skip-name-resolve")
        .args([
            "--innodb-flush-log-at-trx-commit=0",
            "--max-connections=300",
            "--character-set-server=utf8mb4",
        ]);
    server.serve(as_root(&mut mariadbd), FIX, |server| greets(server.port()))?;
    Ok((server, format!("mysql://root@127.0.0.1:{port}/mysql")))
}

/// The option `--name=path`.
fn option(name: &str, path: &Path) -> String {
    format!("--{name}={}", path.display())
}

/// `command`, allowed to run as root where it would.
fn as_root(command: &mut Command) -> &mut Command {
    if super::is_root() {
        command.arg("--user=root")
    } else {
        command
    }
}

/// Whether a server greets who connects to `port`.
fn greets(port: u16) -> bool {
    let Ok(mut connection) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let mut greeting = [0; 5];
    connection.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
        && connection.read_exact(&mut greeting).is_ok()
        && greeting[4] == PROTOCOL_VERSION
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Whether a server that says `bytes` to who connects counts as greeting.
    fn greets_with(bytes: &'static [u8]) -> bool {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = thread::spawn(move || listener.accept().expect("a connection").0.write_all(bytes));
        let answer = greets(port);
        server.join().expect("no panic").expect("written");
        answer
    }

    #[test]
    fn only_a_greeting_is_a_greeting() {
        assert!(greets_with(b"\x5f\0\0\0\x0a5.5.5-10.11.19-MariaDB"));
        assert!(!greets_with(b"\x10\0\0\0\xff\x10\x04Too many connections"));
        assert!(!greets_with(b""));
    }
}
