//! The command lines of the page for operators, as a shell runs them.

#![cfg(unix)]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{Folder, PROGRAM, Ran};

/// A shell that finds the program by its name.
fn shell(folder: &Folder, line: &str) -> Command {
    let programs = Path::new(PROGRAM).parent().expect("a directory");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec {line}")])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("DATABASE_URL", "app.sqlite")
        .env("SOFT_DELETE_ACTOR", "ann")
        .stdin(Stdio::null());
    shell
}

/// What never ends begins, and ends when it is told to.
fn begins_and_ends(folder: &Folder, line: &str) {
    let mut child = shell(folder, line)
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut told = BufReader::new(child.stderr.take().expect("its log")).lines();
    let first = told.next().expect("a line").expect("text");
    assert!(first.contains("scheduled"), "{first}");
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.expect("kill").success());
    // Read on, or it might wait for a reader.
    let rest: Vec<String> = told.map_while(Result::ok).collect();
    assert_eq!(child.wait().expect("the program").code(), Some(0), "{rest:?}");
}

/// Each does what the page says, in its order, on rows that are as the page has them.
#[test]
fn every_command_line_of_the_guide_works() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/operations.md");
    let page = fs::read_to_string(page).expect("the page");
    let folder = Folder::new();
    folder.sql("DELETE FROM invoices; UPDATE leads SET id = 7 WHERE id = 1");
    let mut operation: Option<String> = None;
    let mut lines = 0;
    for line in page.lines().filter(|line| line.starts_with("soft-delete ")) {
        let mut line = line
            .replace("/var/backups/app", ".")
            .replace("--listen 9187", "--listen 0");
        if let Some(id) = &operation {
            line = line.replace("018cc251-f400-7000-8000-000000000000", id);
        }
        lines += 1;
        if line.starts_with("soft-delete schedule run") {
            begins_and_ends(&folder, &line);
            continue;
        }
        let ran = Ran::of(shell(&folder, &line).output().expect("a shell"));
        assert_eq!(ran.code, 0, "{line} {ran:?}");
        if line.starts_with("soft-delete migrate") {
            // What there is to be undone.
            folder.run(&["delete", "leads", "5"]);
            operation = Some(folder.last_operation());
        }
    }
    assert!(lines > 18, "{lines}");
}
