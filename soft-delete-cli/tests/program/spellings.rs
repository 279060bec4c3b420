//! One row under every spelling of its key, and one table under each of its names.

use crate::support::Folder;

fn tags() -> Folder {
    let folder = Folder::new();
    folder.sql(
        "DROP TABLE invoices; DROP TABLE leads; DROP TABLE logs;
         CREATE TABLE tags (code TEXT COLLATE NOCASE NOT NULL PRIMARY KEY, deleted_at TIMESTAMP);
         INSERT INTO tags (code) VALUES ('Rust'), ('-V1StGXR8')",
    );
    for words in [&["init"][..], &["migrate", "up"]] {
        assert_eq!(folder.run(words).code, 0);
    }
    folder
}

/// What is done to a row in some letters is told of it in all others.
#[test]
fn letters_that_are_equal_are_one_key() {
    let folder = tags();
    let deleted = folder.run(&["delete", "tags", "rust", "RUST"]);
    assert!(
        deleted.code == 0 && !deleted.err.contains("others"),
        "{deleted:?}"
    );
    assert_eq!(
        folder.run(&["hold", "tags", "RUST", "--reason", "case 17"]).code,
        0
    );
    for key in ["Rust", "rust", "RUST"] {
        let shown = folder.run(&["show", "tags", key]);
        assert!(
            shown.code == 0 && shown.out.contains("case 17"),
            "{key}: {shown:?}"
        );
        let acts = folder.run(&["audit", "tags", key, "--format", "csv"]);
        assert_eq!(acts.out.lines().count(), 3, "{key}: {acts:?}");
    }
    assert_eq!(folder.run(&["release", "tags", "rUsT"]).code, 0);
    // What is on no single record is found as it is written.
    assert_eq!(
        folder
            .run(&["--yes", "hold", "tags", "--reason", "all of them"])
            .code,
        0
    );
    let acts = folder.run(&["audit", "tags", "*", "--format", "csv"]);
    assert_eq!(acts.out.lines().count(), 2, "{acts:?}");
    assert_eq!(folder.run(&["release", "tags"]).code, 0);
    let gone = [
        "--yes",
        "force-cleanup",
        "tags",
        "rust",
        "--reason",
        "x",
        "--confirm",
        "tags",
    ];
    assert_eq!(folder.run(&gone).code, 0);
    let acts = folder.run(&["audit", "tags", "rUST", "--format", "csv"]);
    assert!(acts.out.contains("force_delete"), "{acts:?}");
}

/// What is printed to be pasted can be, whatever the key begins with.
#[test]
fn a_key_with_a_dash_is_no_option() {
    let folder = tags();
    let deleted = folder.run(&["delete", "tags", "--", "-V1StGXR8"]);
    assert!(
        deleted.code == 0 && deleted.err.contains("restore tags -- -V1StGXR8"),
        "{deleted:?}"
    );
    assert_eq!(folder.run(&["restore", "tags", "--", "-V1StGXR8"]).code, 0);
}

/// The file may name the schema of a table that is found without.
#[test]
fn a_table_goes_by_its_name_with_a_schema() {
    let folder = tags();
    assert_eq!(folder.run(&["delete", "tags", "rust"]).code, 0);
    let file = folder.path().join("soft-delete.toml");
    let text = std::fs::read_to_string(&file).expect("the file");
    let named = text.replace("table = \"tags\"", "table = \"main.tags\"");
    assert_ne!(text, named);
    std::fs::write(&file, named).expect("the file");
    let acts = folder.run(&["audit", "main.tags", "rust", "--format", "csv"]);
    assert!(acts.code == 0 && acts.out.contains("soft_delete"), "{acts:?}");
    let restored = folder.run(&["restore", "main.tags", "rust"]);
    assert_eq!(restored.code, 0, "{restored:?}");
    let shown = folder.run(&["show", "main.tags", "rust", "--format", "json"]);
    assert!(
        shown.out.contains("restore") && shown.out.contains("soft_delete"),
        "{shown:?}"
    );
}
