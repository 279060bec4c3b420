//! What every command answers, in every form.

use diesel::prelude::*;

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
    let shown = folder.run(&["show", "leads", "1"]);
    assert_eq!(shown.code, 0);
    assert!(
        shown.out.contains("bob") && shown.err.contains("migrate up"),
        "{shown:?}"
    );
    // What no clock wrote is not the oldest of anything.
    folder.sql("UPDATE leads SET deleted_at = '' WHERE id = 4");
    let stats = folder.run(&["stats", "--format", "csv"]).out;
    assert!(
        stats.ends_with("leads,1,4,2,0,0,2020-01-15T12:00:00Z\n"),
        "{stats}"
    );
    // A table of the application's that is gone is not taken for one of ours.
    folder.sql("ALTER TABLE leads RENAME TO gone");
    for words in [&["stats"][..], &["list-deleted", "leads"]] {
        let ran = folder.run(words);
        assert!(
            ran.code == 1 && ran.err.contains("no such table: leads") && !ran.err.contains("migrate up"),
            "{ran:?}"
        );
    }
}

/// Figures and lists trust what the file remembers of the columns; what changes rows does not, and tells what is otherwise.
#[test]
fn what_the_file_remembers() {
    let folder = Folder::ready();
    let file = folder.path().join("soft-delete.toml");
    let written = std::fs::read_to_string(&file).expect("the file");
    let with = |from: &str, to: &str| {
        assert!(written.contains(from), "{written}");
        std::fs::write(&file, written.replace(from, to)).expect("the file");
    };
    let list = ["list-deleted", "leads", "--format", "csv"];
    let listed = folder.run(&list);
    assert!(listed.code == 0 && listed.err.is_empty(), "{listed:?}");

    // A number that is taken for a text is no number of another row, and a cleanup finds out.
    with(r#"{ id = "integer""#, r#"{ id = "text""#);
    assert_eq!(folder.run(&list).err, "");
    let told = folder.run(&["cleanup", "--dry-run"]);
    assert!(
        told.code == 0 && told.err.contains("the type of leads.id is integer"),
        "{told:?}"
    );
    with(r#"primary_key = ["id"]"#, r#"primary_key = ["deleted_by"]"#);
    let told = folder.run(&["cleanup", "--dry-run"]);
    assert!(told.err.contains("the primary key of leads is id"), "{told:?}");
    assert!(
        !folder
            .run(&["cleanup", "--dry-run", "--quiet"])
            .err
            .contains("warning")
    );

    // A file of somebody's own need not remember anything.
    for forgotten in ["types = ", "primary_key = "] {
        let lines = written.lines().filter(|line| !line.starts_with(forgotten));
        std::fs::write(&file, lines.collect::<Vec<_>>().join("\n")).expect("the file");
        assert_eq!(folder.run(&list).out, listed.out);
    }
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

/// The state of a row and what doctor found are the answer, also where nothing else may be said.
#[test]
fn the_answer_is_on_stdout() {
    let folder = Folder::ready();
    let words = [
        "hold",
        "leads",
        "1",
        "--reason",
        "case 17",
        "--until",
        "2999-01-01",
    ];
    assert_eq!(folder.run(&words).code, 0);
    let shown = folder.run(&["show", "leads", "1", "--quiet"]);
    assert_eq!(shown.err, "");
    for part in [
        "leads 1 (Ada) was deleted at 2020-01-15 12:00 UTC by bob: spam.\n",
        "Held by ann@test until 2999-01-01 00:00 UTC: case 17\n",
    ] {
        assert!(shown.out.contains(part), "{shown:?}");
    }
    // Without an act there is the row all the same.
    let shown = folder.run(&["show", "leads", "2", "--format", "csv"]);
    let listed = folder.run(&["list-deleted", "leads", "--format", "csv"]);
    let row = listed.out.lines().find(|line| line.starts_with("leads,2,"));
    assert_eq!(shown.out.lines().nth(1), row);
    assert_eq!(folder.run(&["restore", "leads", "2"]).code, 0);
    let shown = folder.run(&["show", "leads", "2", "--format", "csv"]);
    assert_eq!(shown.out.lines().nth(1), Some("leads,2,,,,,,,,not deleted,false"));
    let shown = folder.run(&["show", "leads", "2", "--quiet"]);
    assert!(shown.out.starts_with("leads 2 is not deleted.\n"), "{shown:?}");
    let found = folder.run(&["doctor", "--quiet"]);
    assert!(found.out.contains("mend: CREATE INDEX"), "{found:?}");
}

/// Where a list goes on is told beside it, unless its form has a place for that.
#[test]
fn there_is_more() {
    let folder = Folder::ready();
    for words in [
        &["delete", "leads", "4"][..],
        &["hold", "leads", "1", "--reason", "x"],
    ] {
        assert_eq!(folder.run(words).code, 0);
    }
    assert_eq!(folder.run(&["cleanup", "--yes"]).code, 3);
    for list in [
        &["list-deleted", "leads"][..],
        &["audit"],
        &["operations"],
        &["runs"],
        &["holds"],
    ] {
        let page = |format| folder.run(&[list, &["--limit", "1", "--format", format]].concat());
        for format in ["table", "csv", "jsonl"] {
            let told = page(format).err;
            let after = told.strip_prefix("More: --after ");
            assert!(
                after.is_some_and(|after| after.lines().count() == 1),
                "{list:?} {told}"
            );
        }
        assert_eq!(page("json").err, "");
        let quiet = folder.run(&[list, &["--limit", "1", "--format", "csv", "--quiet"]].concat());
        assert_eq!(quiet.err, "");
        let whole = folder.run(&[list, &["--format", "csv"]].concat());
        assert_eq!(whole.err, "");
    }
}

/// Commands that change something, one after the other, in every form.
#[test]
fn changing() {
    for format in ["table", "json", "jsonl", "csv"] {
        insta::assert_snapshot!(format!("changing_{format}"), changes(format));
    }
}

fn changes(format: &str) -> String {
    let folder = Folder::new();
    assert_eq!(folder.run(&["init"]).code, 0);
    let run = |words: &[&str]| {
        let ran = folder.run(&[words, &["--format", format]].concat());
        format!("$ {}\n{}{}={}\n", words.join(" "), ran.out, ran.err, ran.code)
    };
    let mut told = run(&["migrate", "up"]);
    told += &run(&["migrate", "up"]);
    told += &run(&["delete", "leads", "4", "--reason", "a duplicate"]);
    told += &run(&["list-deleted", "leads", "--reason", "duplicate"]);
    told += &run(&["list-deleted", "leads", "--expiring", "30"]);
    told += &run(&["restore", "leads", "4", "--reason", "no duplicate"]);
    told += &run(&["restore", "leads", "3", "4"]);
    told += &run(&["delete", "leads", "4"]).replace("To take it back", "To undo it");
    let deletion = folder.last_operation();
    told += &run(&["hold", "--operation", &deletion, "--reason", "case 16"]).replace(&deletion, "<it>");
    told += &run(&["release", "--operation", &deletion]).replace(&deletion, "<it>");
    told += &run(&["undo", &deletion]).replace(&deletion, "<it>");
    told += &run(&["undo", &deletion]).replace(&deletion, "<it>");
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
    let hold = folder.first_of("holds");
    told += &run(&["release", "--hold", &hold]).replace(&hold, "<it>");
    told += &run(&["cleanup", "--yes", "--archive", "."]);
    told += &run(&["operations"]);
    told += &run(&["audit", "leads", "--action", "purge"]);
    // What went comes back from its file.
    let file = std::fs::read_dir(folder.path())
        .expect("the folder")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.to_owned()))
        .find(|name| name.starts_with("soft-delete-2"))
        .expect("an archive");
    told += &run(&["archive", "load", &file]).replace(&file, "<file>");
    told += &run(&[
        "force-cleanup",
        "leads",
        "1",
        "--reason",
        "erasure",
        "--confirm",
        "leads",
    ]);
    told += &run(&[
        "force-cleanup",
        "leads",
        "--reason",
        "erasure",
        "--confirm",
        "leads",
    ]);
    let flags = folder.run(&["stats", "--format", "csv"]);
    assert!(
        flags.out.contains("leads,2,1,1,0,0,2020-01-15T12:00:00Z"),
        "{flags:?}"
    );
    told
}

/// What hangs on what, as the file says.
#[test]
fn cascades_of_the_file() {
    let folder = Folder::new();
    folder.sql(
        "ALTER TABLE leads ADD COLUMN deletion_id TEXT;
         CREATE TABLE callbacks (id INTEGER PRIMARY KEY, lead_id INTEGER NOT NULL REFERENCES leads (id), deleted_at TIMESTAMP, deletion_id TEXT);
         CREATE TABLE notes (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES leads (id), deleted_at TIMESTAMP);
         INSERT INTO callbacks (id, lead_id) VALUES (40, 4), (50, 5); INSERT INTO notes (id, lead_id) VALUES (7, 5)",
    );
    assert_eq!(folder.run(&["init"]).code, 0);
    assert_eq!(folder.run(&["migrate", "up"]).code, 0);
    let path = folder.path().join("soft-delete.toml");
    let file = std::fs::read_to_string(&path).expect("the file");
    insta::assert_snapshot!("init_with_children", file);
    let active = || {
        let stats = folder.run(&["stats", "--format", "jsonl"]).out;
        let lines = stats
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        lines
            .map(|line| line["active"].as_u64().expect("a number"))
            .collect::<Vec<_>>()
    };
    // Nothing goes along unless the file says so.
    assert_eq!(folder.run(&["delete", "leads", "4"]).code, 0);
    assert_eq!(active(), [2, 1, 1]);
    assert_eq!(folder.run(&["restore", "leads", "4"]).code, 0);
    let said = file
        .replace("# cascade = ", "cascade = ")
        .replace("# restrict = ", "restrict = ");
    std::fs::write(&path, said).expect("the file");
    assert_eq!(folder.run(&["delete", "leads", "4"]).code, 0);
    assert_eq!(active(), [1, 1, 1]);
    // What is in the way of a restore is a part of the answer.
    for (format, told) in [
        (
            "table",
            "In the way: row 4 of leads is deleted as well; say --with-parents.\n",
        ),
        ("csv", "callbacks,1,[],[]\nleads,0,[],\"[\"\"4\"\"]\"\n"),
        (
            "jsonl",
            "{\"model\":\"leads\",\"rows\":0,\"conflicts\":[],\"deleted_parents\":[\"4\"]}\n",
        ),
    ] {
        let words = [
            "restore",
            "callbacks",
            "40",
            "--dry-run",
            "--quiet",
            "--format",
            format,
        ];
        let plan = folder.run(&words);
        assert!(plan.code == 1 && plan.err.is_empty(), "{plan:?}");
        assert!(plan.out.ends_with(told), "{plan:?}");
    }
    assert_eq!(folder.run(&["restore", "leads", "4"]).code, 0);
    assert_eq!(active(), [2, 2, 1]);
    let kept = folder.run(&["delete", "leads", "5"]);
    assert!(kept.code == 1 && kept.err.contains("notes"), "{kept:?}");
    // What a file cannot say.
    let wrong = file.replace("# restrict = ", "cascade = ");
    std::fs::write(&path, wrong).expect("the file");
    let refused = folder.run(&["stats"]);
    assert!(
        refused.code == 2 && refused.err.contains("deletion_id"),
        "{refused:?}"
    );
}

/// A relation of the file that cannot tell whose rows it is about is refused; one that says so is followed.
#[test]
fn relations_that_tell_whose_rows_they_are() {
    let folder = Folder::on("app.sqlite");
    folder.sql(
        "CREATE TABLE memberships (user_id INTEGER NOT NULL, team_id INTEGER NOT NULL, deleted_at TIMESTAMP, PRIMARY KEY (user_id, team_id));
         CREATE TABLE roles (id INTEGER PRIMARY KEY, user_id INTEGER, team_id INTEGER);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP);
         CREATE TABLE comments (id INTEGER PRIMARY KEY, commentable_type TEXT, commentable_id INTEGER);
         CREATE TABLE users (id INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE, deleted_at TIMESTAMP);
         CREATE TABLE pics (id INTEGER PRIMARY KEY, user_number INTEGER REFERENCES users (number));
         CREATE TABLE bills (id INTEGER PRIMARY KEY, user_number INTEGER REFERENCES users (number), deleted_at TIMESTAMP);
         INSERT INTO memberships VALUES (1, 7, '2020-01-01 00:00:00'), (1, 8, NULL);
         INSERT INTO roles VALUES (70, 1, 7), (80, 1, 8);
         INSERT INTO posts VALUES (1, '2020-01-01 00:00:00');
         INSERT INTO comments VALUES (10, 'Post', 1), (20, 'Photo', 1);
         INSERT INTO users VALUES (1, 2, '2020-01-01 00:00:00'), (2, 1, NULL), (3, 9, '2026-11-20 00:00:00');
         INSERT INTO pics VALUES (100, 2), (200, 1);
         INSERT INTO bills VALUES (5, 9, '2026-11-21 00:00:00')",
    );
    assert_eq!(folder.run(&["init"]).code, 0);
    assert_eq!(folder.run(&["migrate", "up"]).code, 0);
    let path = folder.path().join("soft-delete.toml");
    let file = std::fs::read_to_string(&path).expect("the file");
    let told = "# restrict = [{ table = \"bills\", foreign_key = \"user_number\", references = \"number\" }]";
    assert!(file.contains(told), "{file}");
    let with = |relations: [&str; 3]| {
        let mut text = file.clone();
        for (table, relation) in ["memberships", "posts", "users"].into_iter().zip(relations) {
            let model = format!("table = \"{table}\"\n");
            text = text.replacen(&model, &format!("{model}owns = [{relation}]\n"), 1);
        }
        std::fs::write(&path, text).expect("the file");
    };
    let (roles, comments, pics) = (
        "{ table = \"roles\", foreign_key = [\"user_id\", \"team_id\"] }",
        "{ table = \"comments\", foreign_key = \"commentable_id\", where = { commentable_type = \"Post\" } }",
        "{ table = \"pics\", foreign_key = \"user_number\", references = \"number\" }",
    );
    for (wrong, told) in [
        (
            "{ table = \"roles\", foreign_key = \"user_id\" }",
            "it refers to (user_id, team_id) of memberships",
        ),
        (
            "{ table = \"roles\", foreign_key = [\"user_id\", \"user_id\"] }",
            "user_id stands twice",
        ),
    ] {
        with([wrong, comments, pics]);
        for command in ["stats", "doctor", "cleanup"] {
            let refused = folder.run(&["--yes", command]);
            assert!(refused.code == 2 && refused.err.contains(told), "{refused:?}");
        }
    }
    with([
        roles,
        "{ table = \"comments\", foreign_key = \"commentable_id\" }",
        pics,
    ]);
    for command in ["doctor", "cleanup"] {
        let refused = folder.run(&["--yes", command]);
        let all = format!("{}{}", refused.out, refused.err);
        assert!(
            refused.code != 0 && all.contains("commentable_type"),
            "{refused:?}"
        );
    }
    let left = |table: &str| -> Vec<i64> {
        let file = folder.path().join("app.sqlite");
        let url = file.to_str().expect("a path");
        let mut conn = SqliteConnection::establish(url).expect("a connection");
        let ids =
            diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("SELECT id FROM {table} ORDER BY id"));
        ids.load(&mut conn).expect("rows")
    };
    assert_eq!(
        (left("roles").len(), left("comments").len(), left("pics").len()),
        (2, 2, 2)
    );
    with([roles, comments, pics]);
    // Only the catalog knows whose the bill is.
    let bill = folder.run(&["restore", "bills", "5"]);
    assert!(bill.code == 1 && bill.err.contains("row 3 of users"), "{bill:?}");
    assert_eq!(folder.run(&["restore", "bills", "5", "--with-parents"]).code, 0);
    let cleaned = folder.run(&["--yes", "cleanup"]);
    assert_eq!(cleaned.code, 0, "{cleaned:?}");
    assert_eq!(
        (left("roles"), left("comments"), left("pics")),
        (vec![80], vec![20], vec![200])
    );
}

/// Colours where they are asked for, events where they are asked for; neither otherwise.
#[test]
fn colours_and_events() {
    let folder = Folder::ready();
    assert!(
        folder
            .run(&["list-deleted", "leads", "--color", "always"])
            .out
            .contains("\u{1b}[31mexpired")
    );
    assert!(!folder.run(&["list-deleted", "leads"]).out.contains('\u{1b}'));
    let ran = folder.run(&[
        "delete",
        "leads",
        "4",
        "--reason",
        "spam",
        "--log-format",
        "json",
        "--format",
        "json",
    ]);
    let event: serde_json::Value =
        serde_json::from_str(ran.err.lines().next().expect("an event")).expect("JSON");
    let told = ["message", "level", "model", "rows", "actor", "reason"].map(|name| event[name].to_string());
    assert_eq!(
        told,
        [
            "\"soft_delete\"",
            "\"INFO\"",
            "\"leads\"",
            "1",
            "\"ann@test\"",
            "\"spam\""
        ]
    );
    let ran = folder.run(&["cleanup", "--yes", "-v"]);
    assert!(ran.err.contains("purge model=\"leads\" rows=1"), "{ran:?}");
    assert!(ran.err.contains("cleanup run_id=<id> purged=1"), "{ran:?}");
}

/// All models but some.
#[test]
fn all_models_but_some() {
    let folder = Folder::new();
    folder.sql("CREATE TABLE notes (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP); INSERT INTO notes VALUES (1, '2020-01-15 12:00:00')");
    for words in [&["init"][..], &["migrate", "up"]] {
        assert_eq!(folder.run(words).code, 0);
    }
    let cleaned = folder.run(&["cleanup", "--except", "leads", "--yes", "--format", "csv"]);
    assert_eq!(
        cleaned.out,
        "model,expired,purged,owned,held,blocked_rows,skipped\nnotes,1,1,0,0,0,0\n"
    );
    let none = folder.run(&["cleanup", "--except", "leads", "--except", "notes", "--yes"]);
    assert!(none.code == 2 && none.err.contains("leaves no model"), "{none:?}");
    let unknown = folder.run(&["cleanup", "--except", "leeds", "--yes"]);
    assert!(
        unknown.code == 2 && unknown.err.contains("did you mean"),
        "{unknown:?}"
    );
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
    // Every command with what it understands.
    let (_, cleanup) = manual
        .split_once(".SH \"SOFT-DELETE CLEANUP\"")
        .expect("the command");
    let (cleanup, _) = cleanup.split_once("\n.SH ").expect("another command");
    for told in [
        ".SS SYNOPSIS",
        "soft\\-delete cleanup",
        "max\\-fraction",
        "metrics\\-file",
    ] {
        assert!(cleanup.contains(told), "{told}: {cleanup}");
    }
    assert!(manual.contains(".SH \"SOFT-DELETE SCHEDULE PRINT\""), "{manual}");
    let sql = folder.run(&["migrate", "print", "--discover"]).out;
    assert!(sql.contains("CREATE TABLE soft_delete_audit"), "{sql}");
}
