//! A commit whose answer is lost: nobody knows what became of it, so nothing may be thrown away.

use crate::{
    postgres::{Database, Way},
    support::Folder,
};

/// The rows of a batch that was committed without an answer are in the archive, and come back from there.
#[test]
fn rows_of_a_commit_without_an_answer_are_in_the_archive() {
    let database = Database::new();
    database.sql(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, full_name TEXT NOT NULL, deleted_at TIMESTAMPTZ);
         INSERT INTO leads SELECT i, 'lead ' || i, '2020-01-15 12:00:00Z' FROM generate_series(1, 30) AS i;
         INSERT INTO leads SELECT i, 'lead ' || i FROM generate_series(31, 60) AS i;
         CREATE TABLE before AS SELECT * FROM leads",
    );
    let folder = Folder::on(&database.url());
    for words in [&["init"][..], &["migrate", "up"]] {
        let ran = folder.run(words);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let way = Way::to(database.address());
    let url = way.by(&database.url(), &database.address());
    way.lose_the_answer_to_a_commit();
    let ran = folder.run(&[
        "cleanup",
        "--yes",
        "--batch-size",
        "10",
        "--archive",
        ".",
        "--database-url",
        &url,
    ]);
    assert!(way.has_lost_it(), "no commit was sent");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(database.count("leads"), 50, "the batch was committed");
    let files = std::fs::read_dir(folder.path()).expect("the folder");
    let archive = files
        .filter_map(|file| file.expect("a file").file_name().into_string().ok())
        .find(|name| name.contains(".jsonl"))
        .expect("an archive");
    let ran = folder.run(&["archive", "load", &archive]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lost = "before AS b WHERE NOT EXISTS (SELECT 1 FROM leads AS l WHERE (l.id, l.full_name) = (b.id, b.full_name))";
    assert_eq!(database.count(lost), 0);
    assert_eq!(database.count("leads"), 60);
}
