//! A folder with a database in it, and the program run there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_soft-delete");

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The folder, gone with this.
pub(crate) struct Folder {
    path: PathBuf,
    url: String,
}

/// What the program wrote, and its code.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

/// A table as an application made it, with rows deleted long ago (1, 2), yesterday (3) and not at all (4, 5); 2 is referred to.
const TABLES: &str = "
    CREATE TABLE leads (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, is_deleted BOOLEAN NOT NULL DEFAULT 0, deleted_at TIMESTAMP, deleted_by TEXT, deletion_reason TEXT);
    CREATE TABLE invoices (id INTEGER PRIMARY KEY, lead_id INTEGER NOT NULL REFERENCES leads (id));
    CREATE TABLE logs (line TEXT, deleted_at TIMESTAMP);
    INSERT INTO leads (id, full_name) VALUES (1, 'Ada'), (2, '=cmd()'), (3, 'Grace'), (4, 'Charles'), (5, 'Mary');
    UPDATE leads SET is_deleted = 1, deleted_at = '2020-01-15 12:00:00', deleted_by = 'bob', deletion_reason = 'spam' WHERE id <= 2;
    UPDATE leads SET is_deleted = 1, deleted_at = datetime('now', '-1 day'), deleted_by = 'eve' WHERE id = 3;
    INSERT INTO invoices VALUES (1, 2)";

impl Folder {
    /// With the tables of an application, and nothing of ours.
    pub(crate) fn new() -> Self {
        let folder = Self::on("app.sqlite");
        folder.sql(TABLES);
        folder
    }

    /// An empty one, for the database at this URL.
    pub(crate) fn on(url: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("soft-delete-cli-{}-{number}", std::process::id()));
        fs::create_dir(&path).expect("a folder");
        Self {
            path,
            url: url.to_owned(),
        }
    }

    /// The same with a file of models and the library's own tables.
    pub(crate) fn ready() -> Self {
        let folder = Self::new();
        for words in [&["init"][..], &["migrate", "up"]] {
            assert_eq!(folder.run(words).code, 0);
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn sql(&self, sql: &str) {
        let path = self.path.join("app.sqlite");
        let mut conn = SqliteConnection::establish(path.to_str().expect("a path")).expect("a connection");
        conn.batch_execute(sql).expect(sql);
    }

    /// The identity of the last operation.
    pub(crate) fn last_operation(&self) -> String {
        self.first_of("operations")
    }

    /// The identity of what this list begins with.
    pub(crate) fn first_of(&self, list: &str) -> String {
        let listed = self
            .command(&[list, "--format", "json"])
            .output()
            .expect("the program");
        let document: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
        document[list][0]["id"].as_str().expect("an identity").to_owned()
    }

    /// The program with these words.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(words)
            .current_dir(&self.path)
            .env("DATABASE_URL", &self.url)
            .env("SOFT_DELETE_ACTOR", "ann@test")
            .stdin(Stdio::null());
        command
    }

    /// Runs it.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).output().expect("the program"))
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            out: told(&output.stdout),
            err: told(&output.stderr),
            code: output.status.code().unwrap_or(-1),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

// What differs from run to run is only named.
fn told(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut told = String::new();
    let mut after_a_date = false;
    for word in text.split_inclusive(|end: char| !(end.is_ascii_alphanumeric() || "-_:.+".contains(end))) {
        let end = word
            .chars()
            .last()
            .filter(|end| !(end.is_ascii_alphanumeric() || "-_:.+".contains(*end)));
        let bare = end.map_or(word, |end| &word[..word.len() - end.len_utf8()]);
        let is_recent = bare
            .get(..4)
            .and_then(|year| year.parse::<u32>().ok())
            .is_some_and(|year| (2021..2999).contains(&year));
        let is_date = is_recent && bare.len() == 10 && bare.contains('-');
        let name = if is_date {
            "<date....>"
        } else if after_a_date && bare.len() == 8 {
            "<clock.>"
        } else if bare.contains("soft-delete-20") {
            "<file>"
        } else if bare.parse::<uuid::Uuid>().is_ok() {
            "<id>"
        } else if is_recent && bare.len() >= 20 && bare.contains('T') {
            "<time>"
        } else {
            bare
        };
        after_a_date = is_date;
        told.push_str(name);
        told.extend(end);
    }
    without_seconds(&told)
}

// JSON stays JSON.
fn without_seconds(text: &str) -> String {
    let mut parts = text.split("\"seconds\":");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest =
            part.trim_start_matches(|c: char| c == ' ' || c == '.' || c == '-' || c.is_ascii_alphanumeric());
        told += &format!("\"seconds\": 0.5{rest}");
    }
    told
}
