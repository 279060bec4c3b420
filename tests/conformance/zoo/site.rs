//! A database in which one case after the other is made.

use diesel::{
    SqliteConnection, connection::LoadConnection, connection::SimpleConnection, prelude::*,
    query_builder::SqlQuery, query_dsl::LoadQuery, sql_query, sql_types,
};
use soft_delete::{Database, Dialect, migrations};

use super::{schema::Case, script};
use crate::support::database::SQLITE_SETTINGS;
#[cfg(feature = "servers")]
use crate::support::database::TestDatabase;

#[derive(QueryableByName)]
pub struct Line {
    #[diesel(sql_type = sql_types::Text)]
    line: String,
}

/// A place for cases, on one kind of connection.
pub trait Site {
    type Conn: LoadConnection<Backend: Dialect> + 'static;

    fn database(&self) -> Database;
    /// The schemas or databases of tables that are here, and elsewhere.
    fn names(&self) -> (String, String);
    /// Empties the place, makes the case there, and connects the library.
    fn prepare(&mut self, case: &Case) -> Result<(), String>;
    /// The connection that the library works on.
    fn conn(&mut self) -> &mut Self::Conn;
    /// What a statement answers in its column `line`, whoever may see it.
    fn lines(&mut self, sql: &str) -> Vec<String>;
}

fn lines<C>(conn: &mut C, sql: &str) -> Vec<String>
where
    C: LoadConnection,
    for<'q> SqlQuery: LoadQuery<'q, C, Line>,
{
    let lines: Vec<Line> = sql_query(sql)
        .load(conn)
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    lines.into_iter().map(|line| line.line).collect()
}

// All at once: what a server takes for a case is mostly the way there and back.
fn run(conn: &mut impl SimpleConnection, statements: &[String]) -> Result<(), String> {
    let script = statements.join(";\n");
    conn.batch_execute(&script)
        .map_err(|error| format!("{error}\n{script}"))
}

/// A database in memory for each case.
#[derive(Default)]
pub struct OnSqlite(Option<SqliteConnection>);

impl Site for OnSqlite {
    type Conn = SqliteConnection;

    fn database(&self) -> Database {
        Database::Sqlite
    }

    fn names(&self) -> (String, String) {
        ("main".to_owned(), "main".to_owned())
    }

    fn prepare(&mut self, case: &Case) -> Result<(), String> {
        let mut conn = SqliteConnection::establish(":memory:").expect("a database");
        conn.batch_execute(SQLITE_SETTINGS).expect("pragmas");
        migrations::run(&mut conn).expect("migrations");
        let made = run(&mut conn, &script::statements(case));
        self.0 = Some(conn);
        made
    }

    fn conn(&mut self) -> &mut SqliteConnection {
        self.0.as_mut().expect("a case")
    }

    fn lines(&mut self, sql: &str) -> Vec<String> {
        lines(self.conn(), sql)
    }
}

/// A database on a server that is emptied after each case, and a user without rights but those it is granted.
#[cfg(feature = "servers")]
pub struct OnServer<C> {
    db: TestDatabase,
    admin: C,
    conn: Option<C>,
    user: String,
    /// Whether the last case had tables elsewhere.
    was_elsewhere: bool,
}

#[cfg(feature = "servers")]
const EMPTIED: [&str; 3] = ["soft_delete_audit", "soft_delete_holds", "soft_delete_runs"];

#[cfg(feature = "servers")]
impl<C: Connection> OnServer<C> {
    pub fn new(database: Database) -> Self {
        let db = TestDatabase::new(database);
        db.migrate();
        let admin = C::establish(db.url()).expect("a connection");
        let name = db.url().rsplit_once('/').expect("a URL with a database").1;
        let mut site = Self {
            user: format!("{name}_zoo"),
            db,
            admin,
            conn: None,
            was_elsewhere: false,
        };
        let elsewhere = site.beside();
        let prepares = match database {
            Database::Postgres => format!(
                "CREATE ROLE {0}; GRANT USAGE ON SCHEMA public TO {0}; CREATE SCHEMA {elsewhere}",
                site.user
            ),
            _ => format!("CREATE USER '{}'@'%'; CREATE DATABASE {elsewhere}", site.user),
        };
        site.admin.batch_execute(&prepares).expect("a user");
        site
    }

    fn name(&self) -> &str {
        self.db.url().rsplit_once('/').expect("a URL with a database").1
    }

    fn beside(&self) -> String {
        match self.db.database() {
            Database::Postgres => "zoo_elsewhere".to_owned(),
            _ => format!("{}_elsewhere", self.name()),
        }
    }

    fn empty(&self) -> Vec<String> {
        let mut all: Vec<String> = EMPTIED.map(|table| format!("DELETE FROM {table}")).into();
        if self.db.database() == Database::Postgres {
            if self.was_elsewhere {
                all.push("DROP SCHEMA zoo_elsewhere CASCADE; CREATE SCHEMA zoo_elsewhere".to_owned());
            }
            all.push("DROP TABLE IF EXISTS t0, t1, t2, t3, t4, t5 CASCADE".to_owned());
        } else {
            let elsewhere = self.beside();
            all.push("SET foreign_key_checks = 0".to_owned());
            all.push("DROP TABLE IF EXISTS t0, t1, t2, t3, t4, t5".to_owned());
            if self.was_elsewhere {
                all.push(format!("DROP DATABASE {elsewhere}; CREATE DATABASE {elsewhere}"));
            }
            all.push("SET foreign_key_checks = 1".to_owned());
        }
        all
    }

    fn grants(&self, case: &Case) -> Vec<String> {
        let (user, elsewhere) = (&self.user, self.beside());
        if self.db.database() == Database::Postgres {
            let mut all = vec![
                format!("GRANT USAGE ON SCHEMA {elsewhere} TO {user}"),
                format!(
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, {elsewhere} TO {user}"
                ),
                format!("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {user}"),
            ];
            let hidden = case.tables.iter().filter(|table| table.is_hidden);
            all.extend(hidden.map(|table| format!("REVOKE ALL ON {} FROM {user}", case.sql_name(table))));
            return all;
        }
        vec![format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON {}.* TO '{user}'@'%'",
            self.name()
        )]
    }

    fn prepare_case(&mut self, case: &Case) -> Result<(), String> {
        // The library's connection goes first: it may be in the middle of something.
        self.conn = None;
        let (empty, grants) = (self.empty(), self.grants(case));
        run(&mut self.admin, &empty).expect("an empty place");
        self.was_elsewhere = case.tables.iter().any(|table| table.is_elsewhere);
        run(&mut self.admin, &script::statements(case))?;
        let mut url = self.db.url().to_owned();
        if case.is_restricted {
            run(&mut self.admin, &grants)?;
            if self.db.database() == Database::Mysql {
                url = url.replacen("//root@", &format!("//{}@", self.user), 1);
            }
        }
        let mut conn = C::establish(&url).expect("a connection");
        if self.db.database() == Database::Postgres {
            // Small tables that were never analysed look large to the planner.
            conn.batch_execute("SET jit = off").expect("a setting");
            if case.is_restricted {
                conn.batch_execute(&format!("SET ROLE {}", self.user))
                    .expect("a role");
            }
        }
        self.conn = Some(conn);
        Ok(())
    }
}

#[cfg(feature = "servers")]
impl<C> Site for OnServer<C>
where
    C: LoadConnection<Backend: Dialect> + 'static,
    for<'q> SqlQuery: LoadQuery<'q, C, Line>,
{
    type Conn = C;

    fn database(&self) -> Database {
        self.db.database()
    }

    fn names(&self) -> (String, String) {
        let home = match self.db.database() {
            Database::Postgres => "public",
            _ => self.name(),
        };
        (home.to_owned(), self.beside())
    }

    fn prepare(&mut self, case: &Case) -> Result<(), String> {
        self.prepare_case(case)
    }

    fn conn(&mut self) -> &mut C {
        self.conn.as_mut().expect("a case")
    }

    fn lines(&mut self, sql: &str) -> Vec<String> {
        lines(&mut self.admin, sql)
    }
}

#[cfg(feature = "servers")]
impl<C> Drop for OnServer<C> {
    fn drop(&mut self) {
        self.conn = None;
        let user = &self.user;
        self.db.sql(&match self.db.database() {
            Database::Postgres => format!("DROP OWNED BY {user}; DROP ROLE {user}"),
            _ => format!("DROP USER '{user}'@'%'; DROP DATABASE IF EXISTS {}", {
                let name = self.db.url().rsplit_once('/').expect("a URL with a database").1;
                format!("{name}_elsewhere")
            }),
        });
    }
}
