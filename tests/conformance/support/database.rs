//! A database for one test: made at its beginning, dropped at its end.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use soft_delete::{Database, Descriptor, migrations};

use super::watchdog::Watched;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database that nobody else uses.
pub struct TestDatabase {
    database: Database,
    url: String,
    cleanup: Cleanup,
    _watched: Watched,
}

enum Cleanup {
    File(PathBuf),
    #[cfg(feature = "servers")]
    Postgres {
        server: String,
        name: String,
    },
    #[cfg(feature = "servers")]
    Mysql {
        server: String,
        name: String,
    },
}

impl TestDatabase {
    /// An empty database.
    pub fn new(database: Database) -> Self {
        let name = new_name();
        match database {
            Database::Sqlite => {
                let file = std::env::temp_dir().join(format!("{name}.sqlite"));
                let url = file.display().to_string();
                // Once, before anybody is connected: of two connections that switch the mode at once, one is told that the file is
                // locked, whatever its timeout.
                let mut first = SqliteConnection::establish(&url).expect("a file");
                first
                    .batch_execute("PRAGMA journal_mode = WAL")
                    .expect("a log beside the file");
                Self {
                    database,
                    _watched: Watched::new(database, &url),
                    url,
                    cleanup: Cleanup::File(file),
                }
            }
            #[cfg(feature = "servers")]
            Database::Postgres => Self::on_postgres(server("SOFT_DELETE_POSTGRES_URL"), name),
            #[cfg(feature = "servers")]
            Database::Mysql => {
                let server = server("SOFT_DELETE_MYSQL_URL");
                let mut admin = diesel::MysqlConnection::establish(&server).expect("the MariaDB server");
                admin
                    .batch_execute(&format!("CREATE DATABASE {name}"))
                    .expect("a database");
                let url = beside(&server, &name);
                Self {
                    database,
                    _watched: Watched::new(database, &url),
                    url,
                    cleanup: Cleanup::Mysql { server, name },
                }
            }
            other => panic!("{other:?} needs the feature `servers`"),
        }
    }

    /// An empty database on a PostgreSQL server whose processes may be killed.
    #[cfg(feature = "servers")]
    pub fn on_crashing_postgres() -> Self {
        Self::on_postgres(server("SOFT_DELETE_CRASHING_POSTGRES_URL"), new_name())
    }

    #[cfg(feature = "servers")]
    fn on_postgres(server: String, name: String) -> Self {
        let mut admin = diesel::PgConnection::establish(&server).expect("the PostgreSQL server");
        admin
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .expect("a database");
        let url = beside(&server, &name);
        Self {
            database: Database::Postgres,
            _watched: Watched::new(Database::Postgres, &url),
            url,
            cleanup: Cleanup::Postgres { server, name },
        }
    }

    /// Where connections to it are made.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which database it is.
    pub fn database(&self) -> Database {
        self.database
    }

    /// Runs statements over a connection of its own.
    pub fn sql(&self, sql: &str) {
        self.connection()
            .batch_execute(sql)
            .unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    /// Makes the library's own tables.
    pub fn migrate(&self) {
        match self.database {
            Database::Sqlite => drop(migrations::run(&mut sqlite(&self.url)).expect("migrations")),
            #[cfg(feature = "servers")]
            Database::Postgres => {
                let mut conn = diesel::PgConnection::establish(&self.url).expect("a connection");
                migrations::run(&mut conn).expect("migrations");
            }
            #[cfg(feature = "servers")]
            _ => {
                let mut conn = diesel::MysqlConnection::establish(&self.url).expect("a connection");
                migrations::run(&mut conn).expect("migrations");
            }
            #[cfg(not(feature = "servers"))]
            other => panic!("{other:?} needs the feature `servers`"),
        }
    }

    /// Makes a table of the application and adds the deletion columns as the library says.
    pub fn create(&self, table: &str, model: &Descriptor) {
        self.sql(table);
        self.sql(&migrations::sql_for_table(self.database, model).up);
    }

    fn connection(&self) -> Box<dyn SimpleConnection> {
        match self.database {
            Database::Sqlite => Box::new(sqlite(&self.url)),
            #[cfg(feature = "servers")]
            Database::Postgres => Box::new(diesel::PgConnection::establish(&self.url).expect("a connection")),
            #[cfg(feature = "servers")]
            _ => Box::new(diesel::MysqlConnection::establish(&self.url).expect("a connection")),
            #[cfg(not(feature = "servers"))]
            other => panic!("{other:?} needs the feature `servers`"),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.cleanup {
            Cleanup::File(file) => {
                for ending in ["", "-wal", "-shm", "-journal"] {
                    let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
                }
            }
            #[cfg(feature = "servers")]
            Cleanup::Postgres { server, name } => {
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let _ = diesel::PgConnection::establish(server).map(|mut admin| admin.batch_execute(&drop));
            }
            #[cfg(feature = "servers")]
            Cleanup::Mysql { server, name } => {
                let drop = format!("DROP DATABASE IF EXISTS {name}");
                let _ =
                    diesel::MysqlConnection::establish(server).map(|mut admin| admin.batch_execute(&drop));
            }
        }
    }
}

/// A connection to a SQLite file as applications set it up.
pub fn sqlite(url: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(url).expect("a connection");
    conn.batch_execute(SQLITE_SETTINGS).expect("pragmas");
    conn
}

/// Waiting for the one writer, write-ahead log, foreign keys.
pub const SQLITE_SETTINGS: &str =
    "PRAGMA busy_timeout = 60000; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;";

fn new_name() -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("sd_{}_{number}", std::process::id())
}

#[cfg(feature = "servers")]
fn server(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run `cargo xtask test`, or `cargo xtask servers` in another terminal")
    })
}

// The same server, another database.
#[cfg(feature = "servers")]
fn beside(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}
