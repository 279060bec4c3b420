//! What every command answers, in every form.

use crate::support::Folder;

/// Runs it in all forms, one below the other.
fn in_every_form(folder: &Folder, words: &[&str]) -> String {
    let mut told = String::new();
    for format in ["table", "json", "jsonl", "csv"] {
        let mut words = words.to_vec();
        words.extend(["--format", format]);
        let ran = folder.run(&words);
        assert_eq!(ran.code, 0, "{ran:?}");
        told += &format!("--- {format}\n{}", ran.out);
        if !ran.err.is_empty() {
            told += &format!("--- beside\n{}", ran.err);
        }
    }
    told
}

/// The figures and the bin can be seen before anything of ours is in the database.
#[test]
fn looking_needs_nothing() {
    let folder = Folder::new();
    insta::assert_snapshot!(
        "discovered_stats",
        in_every_form(&folder, &["stats", "--discover"])
    );
    assert_eq!(folder.run(&["init"]).code, 0);
    let file = std::fs::read_to_string(folder.path().join("soft-delete.toml")).expect("the file");
    insta::assert_snapshot!("init", file);
    let stats = folder.run(&["stats", "--format", "csv"]);
    assert_eq!(
        stats.out,
        "model,active,deleted,expired,expiring_soon,held,oldest_deleted_at\nleads,2,3,2,0,0,2020-01-15T12:00:00Z\n"
    );
    let refused = folder.run(&["restore", "leads", "1"]);
    assert_eq!(refused.code, 5);
    assert!(refused.err.contains("migrate up"), "{refused:?}");
}

/// Commands that only look.
#[test]
fn looking() {
    let folder = Folder::ready();
    assert_eq!(folder.run(&["hold", "leads", "1", "--reason", "case 17"]).code, 0);
    folder.sql("UPDATE leads SET deleted_at = '2020-02-01 00:00:00' WHERE id = 3");
    for (name, words) in [
        ("stats", &["stats"][..]),
        ("list_deleted", &["list-deleted", "leads"]),
        (
            "list_page",
            &["list-deleted", "leads", "--limit", "1", "--by", "bob"],
        ),
        ("show", &["show", "leads", "1"]),
        ("holds", &["holds"]),
        ("audit", &["audit", "leads", "1"]),
        ("operations", &["operations"]),
        ("restore_plan", &["restore", "leads", "1", "--dry-run"]),
        (
            "cleanup_dry_run",
            &["cleanup", "--dry-run", "--max-fraction", "1"],
        ),
        ("doctor", &["doctor"]),
        ("runs", &["runs"]),
    ] {
        insta::assert_snapshot!(name, in_every_form(&folder, words));
    }
    let next = folder.run(&["list-deleted", "leads", "--limit", "1", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&next.out).expect("JSON");
    let cursor = document["next"].as_str().expect("a next page");
    let second = folder.run(&[
        "list-deleted",
        "leads",
        "--limit",
        "1",
        "--after",
        cursor,
        "--format",
        "jsonl",
    ]);
    assert!(second.out.contains("\"id\":\"2\""), "{second:?}");
}

/// Commands that change something, one after the other.
#[test]
fn changing() {
    let folder = Folder::ready();
    let run = |words: &[&str]| {
        let ran = folder.run(words);
        format!("$ {}\n{}{}={}\n", words.join(" "), ran.out, ran.err, ran.code)
    };
    let mut told = run(&["delete", "leads", "4", "--reason", "a duplicate"]);
    told += &run(&[
        "list-deleted",
        "leads",
        "--reason",
        "duplicate",
        "--format",
        "csv",
    ]);
    told += &run(&["restore", "leads", "4", "--reason", "no duplicate"]);
    told += &run(&["restore", "leads", "3", "4"]);
    told += &run(&[
        "hold",
        "leads",
        "2",
        "--reason",
        "case 17",
        "--until",
        "2999-01-01",
    ]);
    told += &run(&["release", "leads", "2"]);
    told += &run(&["hold", "leads", "--reason", "an audit", "--yes"]);
    told += &run(&["cleanup", "--yes"]);
    told += &run(&["release", "leads"]);
    told += &run(&["cleanup", "--yes", "--archive", "."]);
    told += &run(&["operations", "--format", "csv"]);
    insta::assert_snapshot!(told);
    // What went comes back from its file.
    let file = std::fs::read_dir(folder.path())
        .expect("the folder")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.to_owned()))
        .find(|name| name.starts_with("soft-delete-2"))
        .expect("an archive");
    let loaded = folder.run(&["archive", "load", &file, "--format", "csv"]);
    assert_eq!(
        (loaded.out.as_str(), loaded.code),
        (
            "model,loaded,owned,already_there,refused_rows\nleads,1,0,0,0\n",
            0
        )
    );
    let forced = folder.run(&[
        "force-cleanup",
        "leads",
        "1",
        "--reason",
        "erasure",
        "--confirm",
        "leads",
        "--format",
        "csv",
    ]);
    assert_eq!((forced.out.as_str(), forced.code), ("model,rows\nleads,1\n", 0));
    let flags = folder.run(&["stats", "--format", "csv"]);
    assert!(flags.out.contains("leads,3,1,1,0,0,"), "{flags:?}");
}

/// Scripts for shells, and the manual page.
#[test]
fn completions_and_the_manual() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(folder.run(&["completions", shell]).out.contains("list-deleted"));
    }
    let manual = folder.run(&["man"]).out;
    assert!(
        manual.contains(".TH soft-delete 1") && manual.contains("Exit codes"),
        "{manual}"
    );
    let sql = folder.run(&["migrate", "print", "--discover"]).out;
    assert!(sql.contains("CREATE TABLE soft_delete_audit"), "{sql}");
}
