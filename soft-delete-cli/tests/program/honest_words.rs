//! Refusals say which of their reasons it was, and what is gone is told as gone.

use crate::support::Folder;

/// A row that was removed for good is told so, with when and by whom, wherever somebody asks for it.
#[test]
fn a_row_that_is_gone_is_told_as_gone() {
    let folder = Folder::ready();
    let gone = [
        "force-cleanup",
        "leads",
        "1",
        "--reason",
        "request 12",
        "--confirm",
        "leads",
    ];
    assert_eq!(folder.run(&gone).code, 0);
    let shown = folder.run(&["show", "leads", "1"]);
    assert!(
        shown
            .out
            .starts_with("leads 1 was removed for good at <date....>"),
        "{shown:?}"
    );
    assert!(shown.out.contains("by ann@test.\n"), "{shown:?}");
    let json = folder.run(&["show", "leads", "1", "--format", "json"]);
    assert!(json.out.contains("\"state\": \"purged\""), "{json:?}");
    for words in [
        &["restore", "leads", "1", "77"][..],
        &["delete", "leads", "1", "77"],
        &gone[..],
    ] {
        let refused = folder.run(words);
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(
            refused
                .err
                .contains("nothing was changed: leads 1 was removed for good at <date....>"),
            "{refused:?}"
        );
        assert!(
            !words.contains(&"77") || refused.err.ends_with("by ann@test; leads 77 is not there\n"),
            "{refused:?}"
        );
    }
}

/// Each row that a set left as it was is told with its own reason.
#[test]
fn each_row_has_its_own_reason() {
    let folder = Folder::ready();
    let some = folder.run(&["restore", "leads", "1", "4", "77"]);
    assert_eq!(some.code, 3, "{some:?}");
    assert!(
        some.err
            .contains("1 of 3 rows of leads: leads 4 is active; leads 77 is not there.\n"),
        "{some:?}"
    );
    let again = folder.run(&["delete", "leads", "3"]);
    assert_eq!(
        (again.code, again.err.contains("leads 3 is deleted already")),
        (1, true),
        "{again:?}"
    );
    // SQLite has no policies, and its triggers can keep a row as it is.
    folder.sql("CREATE TRIGGER keep BEFORE UPDATE ON leads BEGIN SELECT RAISE(IGNORE); END");
    let kept = folder.run(&["delete", "leads", "4"]);
    assert!(
        kept.err.contains(
            "1 of leads stay as they are, and nothing else was changed: the trigger keep kept them"
        ),
        "{kept:?}"
    );
}

/// What cannot be cleaned says what can be done meanwhile.
#[test]
fn a_model_that_cannot_be_cleaned_leaves_the_others() {
    let folder = Folder::ready();
    folder.sql("CREATE TABLE calls (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES leads (id) ON DELETE CASCADE)");
    let refused = folder.run(&["cleanup", "--yes"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(
        refused
            .err
            .contains("`cleanup --except leads` cleans the other models meanwhile"),
        "{refused:?}"
    );
}

/// A table under another name than the connection's search path gives it is found by its other name.
#[cfg(all(unix, feature = "postgres"))]
#[test]
fn a_table_under_another_name_is_found() {
    let database = crate::postgres::Database::new();
    database.sql("CREATE TABLE users (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ)");
    let folder = Folder::on(&database.url());
    let file = folder.path().join("soft-delete.toml");
    std::fs::write(file, "[[models]]\ntable = \"public.users\"\n").expect("a file");
    let told = folder.run(&["stats"]);
    assert_eq!(
        (told.code, told.out.contains("public.users")),
        (0, true),
        "{told:?}"
    );
}

/// Rows that the database would remove or change by itself keep what they refer to, also when it is removed by its key.
#[test]
fn what_the_database_would_do_by_itself_is_refused() {
    for rule in ["CASCADE", "SET NULL"] {
        let folder = Folder::ready();
        folder.sql(&format!("CREATE TABLE calls (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES leads (id) ON DELETE {rule}); INSERT INTO calls VALUES (1, 1)"));
        let remove = [
            "--yes",
            "force-cleanup",
            "leads",
            "1",
            "--reason",
            "request 12",
            "--confirm",
            "leads",
        ];
        let refused = folder.run(&remove);
        assert_eq!(
            (
                refused.code,
                refused.err.contains(&format!("rows of calls (ON DELETE {rule})"))
            ),
            (5, true),
            "{refused:?}"
        );
        assert_eq!(folder.run(&["show", "leads", "1"]).code, 0);
        folder.sql("DELETE FROM calls WHERE lead_id = 1");
        assert_eq!(folder.run(&remove).code, 0, "{rule}");
    }
}

/// A trigger that somebody has looked at is declared in the file, by its name.
#[test]
fn a_trigger_that_was_looked_at_is_named_in_the_file() {
    let folder = Folder::ready();
    folder.sql(
        "CREATE TRIGGER counter AFTER DELETE ON leads BEGIN UPDATE leads SET full_name = 'last' WHERE id = 4 AND OLD.id = 1; END",
    );
    let file = folder.path().join("soft-delete.toml");
    let written = std::fs::read_to_string(&file).expect("a file");
    let say = |line: &str| {
        std::fs::write(
            &file,
            written.replace("retention = ", &format!("{line}\nretention = ")),
        )
        .expect("a file");
    };
    for line in ["", "harmless_trigger = [\"another\"]"] {
        say(line);
        let refused = folder.run(&["cleanup", "--yes"]);
        assert_eq!(refused.code, 5, "{refused:?}");
        assert!(
            refused.err.contains("declare it with `harmless_trigger`"),
            "{refused:?}"
        );
    }
    for (line, told) in [
        ("harmless_trigger = \"counter\"", "expected a sequence"),
        (
            "harmless_trigger = [\" \"]",
            "leads: a name in harmless_trigger is empty",
        ),
        (
            "harmless_triggers = [\"counter\"]",
            "unknown field `harmless_triggers`",
        ),
    ] {
        say(line);
        let refused = folder.run(&["cleanup", "--yes"]);
        assert_eq!(
            (refused.code, refused.err.contains(told)),
            (2, true),
            "{refused:?}"
        );
    }
    say("harmless_trigger = [\"counter\"]");
    let done = folder.run(&["cleanup", "--yes"]);
    assert!(matches!(done.code, 0 | 3), "{done:?}");
    assert!(
        !folder.run(&["show", "leads", "1"]).out.contains("It stays"),
        "{done:?}"
    );
}

/// Rows of a model are not owned by another one: they may be active, or held.
#[test]
fn a_model_is_not_owned_in_the_file() {
    let folder = Folder::new();
    folder.sql(
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, lead_id INTEGER, deleted_at TIMESTAMP); INSERT INTO calls VALUES (1, 1, NULL)",
    );
    for words in [&["init"][..], &["migrate", "up"]] {
        assert_eq!(folder.run(words).code, 0);
    }
    let file = folder.path().join("soft-delete.toml");
    let written = std::fs::read_to_string(&file).expect("a file");
    let owning = written.replace(
        "table = \"leads\"\n",
        "table = \"leads\"\nowns = [{ table = \"calls\", foreign_key = \"lead_id\" }]\n",
    );
    std::fs::write(&file, owning).expect("a file");
    let refused = folder.run(&["cleanup", "--yes"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(
        refused.err.contains("leads cannot own rows of calls")
            && refused.err.contains("declare `cascade` instead of `owns`"),
        "{refused:?}"
    );
}
