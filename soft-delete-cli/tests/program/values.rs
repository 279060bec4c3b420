//! Values as other programs write them: times with an offset, flags that are numbers.

use crate::support::Folder;

fn ready(tables: &str) -> Folder {
    let folder = Folder::on("app.sqlite");
    folder.sql(tables);
    for words in [&["init"][..], &["migrate", "up"]] {
        assert_eq!(folder.run(words).code, 0);
    }
    folder
}

/// A row is due when `show` and `list-deleted` say so, and not hours before because of where its time was written.
#[test]
fn a_time_with_an_offset_is_due_when_it_is_told_to_be() {
    let folder = ready("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, deleted_at DATETIME)");
    // As GORM writes it on the west coast, eight hours behind UTC.
    let deleted = |when: &str| {
        folder.sql(&format!("INSERT OR REPLACE INTO users VALUES (1, 'ann', strftime('%Y-%m-%d %H:%M:%S', 'now', '-30 days', '{when}', '-8 hours') || '.123456789-08:00')"));
    };
    let stats = || folder.run(&["stats", "--format", "csv"]).out;
    let cleanup = || folder.run(&["--yes", "cleanup", "--format", "csv"]);
    deleted("+5 hours");
    assert!(stats().contains("\nusers,0,1,0,1,0,"), "{}", stats());
    assert_eq!(cleanup().code, 0);
    assert!(stats().contains("\nusers,0,1,0,1,0,"), "{}", stats());
    let doctor = folder.run(&["doctor"]);
    assert!(!doctor.out.contains("no time"), "{doctor:?}");
    deleted("-5 minutes");
    assert!(stats().contains("\nusers,0,1,1,0,0,"), "{}", stats());
    assert_eq!(cleanup().code, 0);
    assert!(stats().contains("\nusers,0,0,0,0,0,"), "{}", stats());
}

/// A flag that is a number is kept in step, and a row that it calls active stays.
#[test]
fn a_flag_that_is_a_number_is_kept_in_step() {
    let folder = ready(
        "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, is_deleted INTEGER NOT NULL DEFAULT 0, deleted_at DATETIME);
         INSERT INTO items VALUES (1, 'a', 0, '2020-01-01 00:00:00'), (2, 'b', 1, '2020-01-01 00:00:00'), (3, 'c', 0, NULL)",
    );
    let file = std::fs::read_to_string(folder.path().join("soft-delete.toml")).expect("the file");
    assert!(file.contains("is_deleted = \"is_deleted\""), "{file}");
    let cleaned = folder.run(&["--yes", "cleanup"]);
    assert!(
        cleaned.out.contains("items 1") || cleaned.err.contains("items 1"),
        "{cleaned:?}"
    );
    assert_eq!(folder.run(&["delete", "items", "3", "--reason", "spam"]).code, 0);
    let stats = folder.run(&["stats", "--format", "csv"]).out;
    assert!(stats.contains("\nitems,0,2,1,0,0,"), "{stats}");
    folder.sql("CREATE TABLE seen AS SELECT id FROM items WHERE is_deleted = 1; CREATE TABLE must (id INTEGER CHECK (id = 3)); INSERT INTO must SELECT id FROM seen");
}

/// One that cannot be understood is said by `init` and by `doctor`.
#[test]
fn a_flag_of_another_type_is_named() {
    let folder = Folder::on("app.sqlite");
    folder.sql("CREATE TABLE items (id INTEGER PRIMARY KEY, is_deleted VARCHAR(5), deleted_at DATETIME)");
    let init = folder.run(&["init"]);
    let words = "is_deleted is varchar(5), which cannot be its is_deleted";
    assert!(
        init.err
            .contains(&format!("items has a column that is not used: {words}")),
        "{init:?}"
    );
    let file = std::fs::read_to_string(folder.path().join("soft-delete.toml")).expect("the file");
    assert!(file.contains(&format!("# Not used: {words}")), "{file}");
    let doctor = folder.run(&["doctor"]);
    assert!(
        doctor.out.contains("the model does not name is_deleted"),
        "{doctor:?}"
    );
}
