//! What is asked on a terminal. `script` gives the program one.

#![cfg(unix)]

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::support::{Folder, PROGRAM};

/// Runs the program on a terminal of its own, and types this; answers what was to be seen, and the code.
fn typed(folder: &Folder, words: &str, answer: &str) -> (String, i32) {
    on_a_terminal(folder, &format!("{PROGRAM} {words}"), answer)
}

fn on_a_terminal(folder: &Folder, line: &str, answer: &str) -> (String, i32) {
    let mut child = Command::new("script")
        .args(["-qec", line, "/dev/null"])
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        // There, colours are taken for wanted whatever the terminal is.
        .env_remove("CI")
        .current_dir(folder.path())
        .env("DATABASE_URL", "app.sqlite")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`script` of util-linux");
    let mut terminal = child.stdin.take().expect("a terminal");
    terminal.write_all(answer.as_bytes()).expect("typing");
    // The terminal stays open until the program is done.
    let output = child.wait_with_output().expect("the program");
    drop(terminal);
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        output.status.code().unwrap_or(-1),
    )
}

fn left(folder: &Folder) -> String {
    folder.run(&["stats", "--format", "csv"]).out
}

#[test]
fn a_cleanup_asks_first() {
    let folder = Folder::ready();
    let before = left(&folder);
    for no in ["\n", "n\n", "what?\n"] {
        let (seen, code) = typed(&folder, "cleanup", no);
        assert!(seen.contains("Remove 1 row for good? [y/N]"), "{seen}");
        assert!(seen.contains("Nothing was removed."), "{seen}");
        assert_eq!((code, left(&folder)), (0, before.clone()));
    }
    let (seen, code) = typed(&folder, "cleanup", "y\n");
    assert!(seen.contains("leads 2 stays"), "{seen}");
    assert_eq!(code, 3);
    assert_ne!(left(&folder), before);
}

#[test]
fn a_forced_cleanup_wants_the_name() {
    let folder = Folder::ready();
    let before = left(&folder);
    let (seen, code) = typed(
        &folder,
        "force-cleanup leads --reason erasure --max-fraction 1",
        "y\n",
    );
    assert!(seen.contains("Type leads to go on:"), "{seen}");
    assert_eq!((code, left(&folder)), (0, before));
    let (seen, code) = typed(
        &folder,
        "force-cleanup leads --reason erasure --max-fraction 1",
        "leads\n",
    );
    assert_eq!(code, 3, "{seen}");
    assert!(left(&folder).contains("leads,2,1,1,"), "{}", left(&folder));
}

/// What is asked quotes what was typed, and does not hand it on to the terminal.
#[test]
fn a_question_does_not_steer_the_terminal() {
    let folder = Folder::ready();
    let words = "force-cleanup leads \"$(printf '1\\033]0;x\\007')\" --reason erasure";
    let (seen, _) = typed(&folder, words, "no\n");
    assert!(seen.contains("1 ]0;x  of leads go for good"), "{seen:?}");
    assert!(!seen.contains('\u{1b}') && !seen.contains('\u{7}'), "{seen:?}");
}

/// Neither what is wrong nor help is coloured where that is not wanted.
#[test]
fn no_colours_are_no_colours() {
    let folder = Folder::ready();
    for words in [
        "--color never nope",
        "nope --color=never",
        "stats --color never --help",
    ] {
        let (seen, _) = typed(&folder, words, "");
        assert!(!seen.is_empty() && !seen.contains('\u{1b}'), "{seen:?}");
    }
    let (seen, code) = typed(&folder, "nope --color always", "");
    assert!(code == 2 && seen.contains('\u{1b}'), "{seen:?}");
    // A table has some on a terminal, unless the reader wants none.
    let (seen, _) = typed(&folder, "list-deleted leads", "");
    assert!(seen.contains('\u{1b}') && seen.contains("Ada"), "{seen:?}");
    for line in [
        format!("NO_COLOR=1 {PROGRAM} list-deleted leads"),
        format!("TERM=dumb {PROGRAM} list-deleted leads"),
        format!("{PROGRAM} list-deleted leads --color never"),
    ] {
        let (seen, _) = on_a_terminal(&folder, &line, "");
        assert!(
            !seen.contains('\u{1b}') && seen.contains("Ada"),
            "{line}: {seen:?}"
        );
    }
}

/// A hold on a whole model is asked for; the end of what is typed is a no.
#[test]
fn a_hold_on_all_asks_first() {
    let folder = Folder::ready();
    let holds = || folder.run(&["holds", "--format", "csv"]).out.lines().count();
    for (answer, expected, held) in [("n\n", 0, 1), ("\u{4}", 0, 1), ("y\n", 0, 2)] {
        let (seen, code) = typed(&folder, "hold leads --reason audit", answer);
        assert!(seen.contains("Hold all rows of leads? [y/N]"), "{seen}");
        assert_eq!((code, holds()), (expected, held), "{answer:?}: {seen}");
    }
}

/// A cleanup says how far it is, in one line that is written over and gone at the end, which says why it ended.
#[test]
fn progress_is_a_line() {
    let folder = Folder::ready();
    folder.sql("WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 139) INSERT INTO leads (id, full_name, is_deleted, deleted_at) SELECT i, 'x', 1, '2020-01-15 12:00:00' FROM n");
    let words = "cleanup --yes --batch-size 4 --pause 60ms --max-fraction 1";
    let (seen, code) = typed(&folder, words, "");
    assert_eq!(code, 3, "{seen}");
    let shown: Vec<&str> = seen.split("\r\u{1b}[2K").collect();
    assert!(shown.len() > 3, "{seen:?}");
    for line in &shown[1..shown.len() - 1] {
        assert!(line.contains("of 42 rows") && line.contains("s left"), "{line:?}");
        assert!(!line.contains('\n'), "{line:?}");
    }
    assert!(
        shown[shown.len() - 1].contains("1 row of leads stays: invoices.lead_id refers to it"),
        "{seen:?}"
    );
    let (seen, _) = typed(&folder, "cleanup --yes --quiet", "");
    assert!(!seen.contains("\u{1b}[2K"), "{seen:?}");
}
