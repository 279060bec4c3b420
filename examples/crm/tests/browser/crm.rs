//! The example, run as `cargo run -p crm` runs it.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::Text,
};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The application with a database of its own, gone with this.
pub struct Crm {
    child: Child,
    file: PathBuf,
    /// `http://127.0.0.1:PORT`.
    pub address: String,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Crm {
    pub fn start() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file =
            std::env::temp_dir().join(format!("soft-delete-crm-{}-{number}.sqlite", std::process::id()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_crm"))
            .env("CRM_DATABASE", &file)
            .env("CRM_PORT", "0")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example");
        let mut told = BufReader::new(child.stderr.take().expect("its words"));
        let mut line = String::new();
        told.read_line(&mut line).expect("a line");
        // What else it says is read, so that it can go on.
        thread::spawn(move || told.lines().map_while(Result::ok).for_each(drop));
        let (_, rest) = line.split_once("http://").expect("an address");
        let host = rest.split('/').next().expect("a host");
        Self {
            address: format!("http://{host}"),
            child,
            file,
        }
    }

    /// The names of the leads that are not deleted.
    pub fn active(&self) -> Vec<String> {
        self.names("SELECT full_name AS name FROM leads WHERE deleted_at IS NULL ORDER BY id")
    }

    /// The names of the leads that are there at all.
    pub fn there(&self) -> Vec<String> {
        self.names("SELECT full_name AS name FROM leads ORDER BY id")
    }

    pub fn sql(&self, sql: &str) {
        self.conn().batch_execute(sql).expect(sql);
    }

    fn names(&self, query: &str) -> Vec<String> {
        let names = sql_query(query).load::<Name>(&mut self.conn()).expect(query);
        names.into_iter().map(|row| row.name).collect()
    }

    fn conn(&self) -> SqliteConnection {
        let mut conn = SqliteConnection::establish(&self.file.display().to_string()).expect("the database");
        conn.batch_execute("PRAGMA busy_timeout = 10000")
            .expect("a setting");
        conn
    }
}

impl Drop for Crm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.file.display()));
        }
    }
}
