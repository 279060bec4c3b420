//! Memory does not grow with the rows of an operation: nothing of them is read.

use std::{env, fs, process::Command};

use diesel::{connection::SimpleConnection, prelude::*};
use soft_delete::{Database, Registry, prelude::*};

use super::statement_count_of_sets::{Customer, Order, customers, tables};
use crate::support::database::TestDatabase;

/// Where the process that is measured finds its database.
const URL: &str = "SOFT_DELETE_MEMORY_URL";

/// A cascade and its undoing. The test below starts it as a process of its own, which says how much memory it took at most.
#[test]
fn of_one_operation() {
    let (own, url) = match env::var(URL) {
        Ok(url) => (None, url),
        Err(_) => {
            let db = filled(100);
            let url = db.url().to_owned();
            (Some(db), url)
        }
    };
    let mut conn = SqliteConnection::establish(&url).unwrap();
    let registry = Registry::new().with::<Customer>().with::<Order>();
    let gone = Customer::soft_delete_where(&mut conn, customers::id.ge(1), Actor::new("me")).unwrap();
    let back = soft_delete::undo(&mut conn, &registry, gone.id, Actor::new("me")).unwrap();
    assert_eq!(gone.rows(), back.rows());
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    println!("\nrows: {}\n{peak}", gone.rows());
    assert!(own.is_none() || gone.rows() == 100);
}

/// The number behind a word that the process printed.
fn told(output: &str, word: &str) -> u64 {
    let line = output.lines().find_map(|line| line.strip_prefix(word));
    let number = line.unwrap_or_else(|| panic!("no {word} in {output}"));
    number.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A database with so many rows.
fn filled(rows: u64) -> TestDatabase {
    let db = TestDatabase::new(Database::Sqlite);
    let mut conn = SqliteConnection::establish(db.url()).unwrap();
    soft_delete::migrations::run(&mut conn).unwrap();
    let each = i64::try_from(rows / 2).unwrap();
    conn.batch_execute(&format!(
        "PRAGMA journal_mode = WAL; BEGIN; {} COMMIT",
        tables(each)
    ))
    .unwrap();
    db
}

/// The peak with so many rows, in kilobytes.
fn peak(rows: u64) -> u64 {
    let db = filled(rows);
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "specific::memory::of_one_operation", "--nocapture"])
        .env(URL, db.url())
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(told(&output, "rows:"), rows, "{output}");
    told(&output, "VmHWM:")
}

/// A hundred thousand rows take at most eight megabytes more than a hundred.
#[test]
fn does_not_grow_with_the_rows() {
    let (few, many) = (peak(100), peak(100_000));
    assert!(
        many < few + 8 * 1024,
        "{few} kB with a hundred rows, {many} kB with a hundred thousand"
    );
}
