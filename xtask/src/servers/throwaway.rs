//! A throwaway server: a process, a directory with all its data, and a guard that takes both away.

use std::env;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::step::Failure;

/// What the guard does: it waits for its input to end, which happens when this program closes it and also when
/// this program dies in any way, then stops the last process whose number it was told and removes the directory.
/// SIGQUIT is the fast way out of both servers: nobody will need their data again. A zombie counts as stopped,
/// since who inherits an orphan does not everywhere bury it soon.
const GUARD: &str = r#"
while read -r line; do server=$line; done
if [ -n "$server" ] && kill -QUIT "$server"; then
    tries=0
    while kill -0 "$server" && ! grep -q 'State:.Z' "/proc/$server/status" && [ $((tries += 1)) -le 100 ]; do
        sleep 0.1
    done
    kill -KILL "$server"
fi
rm -rf "$1"
"#;

/// How long a server may take until it accepts connections.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of a server's log an error shows.
const TAIL_LINES: usize = 20;

/// A server that stops and leaves nothing behind when it is dropped, or when this program dies.
pub struct Throwaway {
    /// Everything that the server writes is in here.
    directory: PathBuf,
    /// A port of the loopback interface that was free a moment ago.
    port: u16,
    /// The server, once started.
    process: Option<Child>,
    /// The shell that clears up.
    guard: Child,
    /// What the guard listens to; `None` once it is told to clear up.
    leash: Option<ChildStdin>,
}

impl Throwaway {
    /// A fresh directory and a free port for the server called `name`, and the guard over them.
    pub fn prepare(name: &str) -> Result<Self, Failure> {
        Self::try_prepare(name).map_err(|error| {
            let place = env::temp_dir();
            Failure::new(
                format!(
                    "cannot prepare a directory for {name} in {}: {error}",
                    place.display()
                ),
                "make room there, or set TMPDIR to a directory that can be written",
            )
        })
    }

    /// `prepare`, before its errors are explained.
    fn try_prepare(name: &str) -> io::Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let own = std::process::id();
        let directory = env::temp_dir().join(format!("soft-delete-{name}-{own}-{port}"));
        DirBuilder::new().mode(0o700).create(&directory)?;
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(&directory)
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            // In a group of its own, Ctrl-C does not reach it before it has cleared up.
            .process_group(0)
            .spawn()?;
        let leash = guard.stdin.take();
        Ok(Self {
            directory,
            port,
            process: None,
            guard,
            leash,
        })
    }

    /// The server's directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The server's port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs `command`, which prepares the data, to its end.
    pub fn set_up(&self, command: &mut Command, fix: &str) -> Result<(), Failure> {
        match self.logged(command).and_then(Command::status) {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(self.failure(command, &status.to_string(), fix)),
            Err(error) => Err(self.failure(command, &error.to_string(), fix)),
        }
    }

    /// Starts `command`, the server itself, and waits until `accepts` says that it accepts connections.
    pub fn serve(
        &mut self,
        command: &mut Command,
        fix: &str,
        accepts: impl Fn(&Self) -> bool,
    ) -> Result<(), Failure> {
        let process = self.logged(command).and_then(Command::spawn);
        let process = process.map_err(|error| self.failure(command, &error.to_string(), fix))?;
        if let Some(leash) = &mut self.leash {
            // Fails only when the guard is gone; `drop` copes with that.
            writeln!(leash, "{}", process.id()).ok();
        }
        self.process = Some(process);

        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self
                .process
                .as_mut()
                .and_then(|process| process.try_wait().ok().flatten())
            {
                return Err(self.failure(command, &status.to_string(), fix));
            }
            if accepts(self) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(self.failure(
            command,
            &format!("no connection within {} s", PATIENCE.as_secs()),
            fix,
        ))
    }

    /// `command` in the server's directory, where its account may be, without input and with output to the log.
    fn logged<'a>(&self, command: &'a mut Command) -> io::Result<&'a mut Command> {
        let log = OpenOptions::new().create(true).append(true).open(self.log())?;
        Ok(command
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log))
    }

    /// The file with all that the server and its set-up printed.
    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    /// What became of `command`, with the end of the log, which is about to be removed.
    fn failure(&self, command: &Command, outcome: &str, fix: &str) -> Failure {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n    ");
        Failure::new(
            format!("{} ({outcome})\n    {tail}", command.get_program().display()),
            fix,
        )
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        // The guard reads the end of its input, and acts.
        drop(self.leash.take());
        if let Some(process) = &mut self.process {
            if matches!(self.guard.try_wait(), Ok(Some(_))) {
                // Somebody ended the guard before its time.
                process.kill().ok();
            }
            process.wait().ok();
        }
        self.guard.wait().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sleep` in place of a server: it needs no package, and like the servers it ends on SIGQUIT.
    fn start() -> (Throwaway, u32) {
        let mut server = Throwaway::prepare("test").expect("a directory");
        server
            .serve(Command::new("sleep").arg("60"), "", |_| true)
            .expect("sleep starts");
        let id = server.process.as_ref().map(Child::id).expect("a process");
        (server, id)
    }

    /// Whether the process exists, be it only as a zombie.
    fn exists(id: u32) -> bool {
        Command::new("sh")
            .args(["-c", &format!("kill -0 {id}")])
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    }

    #[test]
    fn nothing_is_left_after_drop() {
        let (server, id) = start();
        let directory = server.directory().to_owned();
        assert!(directory.is_dir() && exists(id));
        drop(server);
        assert!(!directory.exists() && !exists(id));
    }

    #[test]
    fn a_server_that_ends_is_an_error_with_its_log() {
        let mut server = Throwaway::prepare("test").expect("a directory");
        let failure = server.serve(
            Command::new("sh").args(["-c", "echo no room; exit 3"]),
            "make room",
            |_| false,
        );
        let failure = failure.expect_err("it ended").to_string();
        assert_eq!(
            failure,
            "failed: sh (exit status: 3)\n    no room\nto fix: make room"
        );
    }
}
