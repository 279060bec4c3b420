//! What a reader does who has read enough, a disk that is full, and what may reach a terminal.

use std::process::Stdio;

use crate::support::{Folder, Ran};

const HOSTILE: &str = "a\u{1b}[31mb\u{1b}]0;pwned\u{7}c\u{202e}d";

/// A pipe that is closed is the reader's right.
#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = Folder::ready();
    for words in [
        &["completions", "bash"][..],
        &["man"],
        &["migrate", "print"],
        &["migrate", "print", "--guards", "leads"],
        &["schedule", "print", "systemd"],
        &["stats"],
        &["stats", "--format", "json"],
        &["show", "leads", "1"],
    ] {
        let mut child = folder
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        drop(child.stdout.take());
        let ran = Ran::of(child.wait_with_output().expect("the program"));
        assert!(ran.code == 0 && ran.err.is_empty(), "{words:?} {ran:?}");
    }
}

/// A disk that is full is one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let folder = Folder::ready();
    for words in [
        &["completions", "bash"][..],
        &["man"],
        &["migrate", "print"],
        &["schedule", "print", "cron"],
        &["stats"],
        &["stats", "--format", "csv"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full");
        let ran = folder.command(words).stdout(full).output().expect("the program");
        let ran = Ran::of(ran);
        assert!(
            ran.code == 1 && ran.err.starts_with("error: "),
            "{words:?} {ran:?}"
        );
    }
}

/// What rows, holds and names hold is for people to read, and nothing for the terminal; machines have it to the byte.
#[test]
fn rows_do_not_steer_the_terminal() {
    let folder = Folder::ready();
    folder.sql(&format!(
        "UPDATE leads SET full_name = '{HOSTILE}', deletion_reason = '{HOSTILE}' || char(10) || 'Held by nobody' WHERE id = 1"
    ));
    assert_eq!(folder.run(&["hold", "leads", "1", "--reason", HOSTILE]).code, 0);
    assert_eq!(folder.run(&["delete", "leads", "4", "--reason", HOSTILE]).code, 0);
    for words in [
        &["show", "leads", "1"][..],
        &["list-deleted", "leads"],
        &["holds"],
        &["audit"],
        &["operations"],
        &["restore", "leads", HOSTILE],
        &["show", "leads", HOSTILE],
        &["show", HOSTILE, "1"],
        &["release", "leads", HOSTILE],
        &["cleanup", HOSTILE, "--yes"],
        &["force-cleanup", "leads", HOSTILE, "--reason", "x"],
    ] {
        let ran = folder.run(words);
        for steering in ["\u{1b}", "\u{7}", "\u{202e}"] {
            assert!(
                !(ran.out.clone() + &ran.err).contains(steering),
                "{words:?} {ran:?}"
            );
        }
        let shown = ran.out + &ran.err;
        assert!(
            !shown.lines().any(|line| line.starts_with("Held by nobody")),
            "{shown}"
        );
    }
    let row = folder.run(&["list-deleted", "leads", "--format", "csv"]).out;
    assert!(row.contains(HOSTILE), "{row}");
    let rows = folder.run(&["list-deleted", "leads", "--format", "json"]).out;
    let rows: serde_json::Value = serde_json::from_str(&rows).expect("JSON");
    let mut rows = rows["rows"].as_array().expect("a list").iter();
    assert!(rows.any(|row| row["label"] == HOSTILE));
}
