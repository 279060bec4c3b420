//! Cleanups at regular times.

#![cfg(unix)]

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::support::Folder;

/// A scheduler that runs, and what it has told.
pub(crate) struct Instance {
    child: Child,
    log: PathBuf,
}

impl Instance {
    pub(crate) fn begun(folder: &Folder, words: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let mut all = vec!["schedule", "run", "--log-format", "json", "--max-fraction", "1"];
        all.extend(words);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let log = folder.path().join(format!("instance-{number}.log"));
        let child = folder
            .command(&all)
            .stderr(fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("the program");
        Self { child, log }
    }

    /// The lines that are whole by now.
    pub(crate) fn told(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(&self.log).expect("the log");
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        whole
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }

    /// What it told until it was told to stop, and its code.
    pub(crate) fn stopped(mut self) -> (Vec<serde_json::Value>, Option<i32>) {
        let kill = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(kill.expect("kill").success());
        let code = self.child.wait().expect("the program").code();
        (self.told(), code)
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn killed(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("the program");
    }
}

pub(crate) fn until(what: &str, is_there: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_there() {
        assert!(since.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn asked(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

pub(crate) fn events(lines: &[serde_json::Value], event: &str) -> usize {
    lines.iter().filter(|line| line["message"] == event).count()
}

#[test]
fn several_instances_do_the_work_once() {
    do_the_work_once(&Folder::ready());
}

/// Two instances do each cleanup once, tell how they are, and stop when they are told to.
pub(crate) fn do_the_work_once(folder: &Folder) {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("a port")
        .port();
    let metrics = folder.path().join("metrics.prom");
    let first = Instance::begun(folder, &["--every", "2s", "--listen", &port.to_string()]);
    let second = Instance::begun(folder, &["--every", "2s", "--metrics-file", "metrics.prom"]);
    let runs = || {
        // With the times that `run` blots out.
        let words = ["runs", "--format", "json", "--limit", "1000"];
        let ran = folder.command(&words).output().expect("the program");
        let document: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
        document["runs"].as_array().expect("a list").clone()
    };
    until("four cleanups", || runs().len() >= 4);
    until("turns that the other has done", || {
        let elsewhere = |instance: &Instance| events(&instance.told(), "done by another instance");
        elsewhere(&first) + elsewhere(&second) > 1
    });
    assert!(
        asked(port, "/health")
            .expect("an answer")
            .starts_with("HTTP/1.1 200 OK")
    );
    let figures = asked(port, "/metrics").expect("an answer");
    assert!(figures.contains("soft_delete_runs_total "), "{figures}");
    assert!(asked(port, "/").expect("an answer").starts_with("HTTP/1.1 404"));
    until("the file of figures", || metrics.is_file());
    let text = fs::read_to_string(&metrics).expect("the file");
    assert!(text.contains("# TYPE soft_delete_rows_total counter"), "{text}");
    let ((first, first_code), (second, second_code)) = (first.stopped(), second.stopped());
    assert_eq!((first_code, second_code), (Some(0), Some(0)));
    let both: Vec<serde_json::Value> = first.into_iter().chain(second).collect();
    assert_eq!(events(&both, "failed"), 0, "{both:?}");
    assert_eq!(events(&both, "stopped"), 2);
    // Whoever ran told so, and no two runs began between the same two moments that both have in common.
    let runs = runs();
    assert_eq!(events(&both, "cleanup"), runs.len(), "{both:?}");
    let mut moments: Vec<i64> = runs
        .iter()
        .map(|run| {
            let time = run["started_at"].as_str().expect("a time");
            time.parse::<chrono::DateTime<chrono::Utc>>()
                .expect("a time")
                .timestamp()
                / 2
        })
        .collect();
    moments.sort_unstable();
    moments.dedup();
    assert_eq!(moments.len(), runs.len(), "{runs:?}");
}

/// Also who finds each turn done by another knows that all is well.
#[test]
fn a_turn_of_another_instance_is_a_success() {
    let folder = Folder::ready();
    let first = Instance::begun(&folder, &["--every", "1d"]);
    until("a cleanup", || events(&first.told(), "cleanup") == 1);
    let second = Instance::begun(&folder, &["--every", "1d", "--metrics-file", "metrics.prom"]);
    let text = || fs::read_to_string(folder.path().join("metrics.prom")).unwrap_or_default();
    until("a success", || {
        text().contains("\nsoft_delete_last_success_timestamp_seconds ")
    });
    assert!(text().contains("\nsoft_delete_runs_total 0\n"), "{}", text());
    for instance in [first, second] {
        assert_eq!(instance.stopped().1, Some(0));
    }
}

/// A database that is away is asked again until it is back.
#[test]
fn an_outage_is_survived() {
    let folder = Folder::ready();
    let (here, away) = (folder.path().join("app.sqlite"), folder.path().join("away"));
    let before = folder.run(&["stats", "--format", "csv"]).out;
    let child = Instance::begun(
        &folder,
        &["--every", "1s", "--retry", "1s", "--metrics-file", "metrics.prom"],
    );
    until("a first cleanup", || {
        folder.run(&["stats", "--format", "csv"]).out != before
    });
    fs::rename(&here, &away).expect("the file");
    let failures = || fs::read_to_string(folder.path().join("metrics.prom")).unwrap_or_default();
    until("a failure", || {
        failures()
            .lines()
            .any(|line| line == "soft_delete_failures_total 2")
    });
    fs::rename(&away, &here).expect("the file");
    let runs = || {
        folder
            .run(&["runs", "--format", "csv", "--limit", "1000"])
            .out
            .lines()
            .count()
    };
    let known = runs();
    until("another cleanup", || runs() > known);
    let (lines, code) = child.stopped();
    assert_eq!(code, Some(0));
    assert!(events(&lines, "failed") >= 2, "{lines:?}");
}

/// The files for what the system has.
#[test]
fn files_for_other_schedulers() {
    let folder = Folder::new();
    let print = |system| {
        let words = [
            "schedule",
            "print",
            system,
            "--at",
            "4:05",
            "--directory",
            "/etc/app",
            "--program",
            "/usr/bin/soft-delete",
        ];
        let ran = folder.run(&words);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    };
    for system in ["cron", "systemd", "windows", "kubernetes"] {
        insta::assert_snapshot!(format!("schedule_{system}"), print(system));
    }
    // The task is XML whose elements are closed in order.
    let xml = print("windows");
    let mut open = Vec::new();
    for tag in xml.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        match tag.strip_prefix('/') {
            _ if tag.starts_with(['?', '!']) => {}
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None => open.push(tag.split(' ').next().expect("a name")),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let ran = folder.run(&["schedule", "print", "systemd", "--into", "."]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for file in ["soft-delete-cleanup.service", "soft-delete-cleanup.timer"] {
        assert!(folder.path().join(file).is_file());
        // The full run of the tests has systemd; it says what it does not understand, and that is none of it.
        #[cfg(feature = "postgres")]
        {
            let verify = Command::new("systemd-analyze")
                .args(["verify", "--man=no", &format!("./{file}")])
                .current_dir(folder.path())
                .output()
                .expect("systemd-analyze, of the Debian package systemd");
            let told = String::from_utf8_lossy(&verify.stderr);
            assert!(
                verify.status.success() && !told.contains("soft-delete-cleanup"),
                "{told}"
            );
        }
    }
    assert_eq!(
        folder.run(&["schedule", "print", "cron", "--at", "25:00"]).code,
        2
    );
}
