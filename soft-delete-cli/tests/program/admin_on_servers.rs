//! The web page on PostgreSQL and on MariaDB.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use diesel::{
    MysqlConnection, PgConnection, QueryableByName, RunQueryDsl,
    connection::LoadConnection,
    query_builder::SqlQuery,
    query_dsl::LoadQuery,
    r2d2::{ConnectionManager, CustomizeConnection, Pool, R2D2Connection},
    sql_query,
    sql_types::Text,
};
use soft_delete::{Dialect, Registry, discover};
use soft_delete_admin::{Access, Admin, Parts, R2d2, Right, Visitor};
use tower::ServiceExt;

use crate::{
    admin::{get, post, served, stopped},
    support::Folder,
};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Leads 1 to 4; callback 10 is lead 1's.
const ROWS: &str = "
    INSERT INTO leads (id, full_name) VALUES (1, 'Ada'), (2, 'Grace'), (3, 'Charles'), (4, 'Mary');
    INSERT INTO callbacks (id, lead_id) VALUES (10, 1)";

/// A database on a server, gone with this.
struct Site<C: R2D2Connection + 'static> {
    server: String,
    name: String,
    conn: C,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

impl<C: R2D2Connection + LoadConnection<Backend: Dialect> + 'static> Site<C> {
    fn new(server: &str, time: &str) -> Self {
        let server = std::env::var(server).expect("`cargo xtask test` starts a server and sets its URL");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("pages_{}_{number}", std::process::id());
        let mut whole = C::establish(&server).expect("a connection");
        whole
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .expect("a database");
        let (address, _) = server.rsplit_once('/').expect("a database in the URL");
        let mut conn = C::establish(&format!("{address}/{name}")).expect("a connection");
        conn.batch_execute(&format!(
            "CREATE TABLE leads (id BIGINT PRIMARY KEY, full_name VARCHAR(100) NOT NULL, deleted_at {time} NULL, deleted_by VARCHAR(100), deletion_reason VARCHAR(500), deletion_id VARCHAR(36));
             CREATE TABLE callbacks (id BIGINT PRIMARY KEY, lead_id BIGINT NOT NULL REFERENCES leads (id), deleted_at {time} NULL, deletion_id VARCHAR(36));{ROWS}"
        ))
        .expect("tables");
        Self { server, name, conn }
    }

    fn url(&self) -> String {
        let (address, _) = self.server.rsplit_once('/').expect("a database in the URL");
        format!("{address}/{}", self.name)
    }

    fn answers(&mut self, query: &str) -> Vec<String>
    where
        for<'q> SqlQuery: LoadQuery<'q, C, Answer>,
    {
        let answers = sql_query(query).load::<Answer>(&mut self.conn).expect(query);
        answers.into_iter().map(|row| row.answer).collect()
    }

    /// Deleted with its callback, found, restored with it; held; removed for good; cleaned up.
    fn journey(mut self)
    where
        for<'q> SqlQuery: LoadQuery<'q, C, Answer>,
    {
        let folder = Folder::on(&self.url());
        assert_eq!(folder.run(&["init"]).code, 0);
        let file = folder.path().join("soft-delete.toml");
        let models = std::fs::read_to_string(&file).expect("the file");
        std::fs::write(&file, models.replace("# cascade = [", "cascade = [")).expect("the file");
        assert_eq!(folder.run(&["migrate", "up"]).code, 0);
        let (child, host, _told) = served(&folder, &["--no-login"]);
        let host = host.trim_end_matches('/');
        let page = |path: &str| {
            let page = get(host, &format!("/bin/{path}"), "");
            assert!(page.starts_with("HTTP/1.1 200"), "{path}: {page}");
            page
        };
        let token = || {
            let page = page("records?model=leads&show=all");
            let (_, rest) = page.split_once("name=\"token\" value=\"").expect("a form");
            rest.split('"').next().expect("a token").to_owned()
        };
        let act = |form: &str| post(host, "/bin/act", &format!("token={}&model=leads&{form}", token()));
        let active = "SELECT CONCAT(full_name, '') AS answer FROM leads WHERE deleted_at IS NULL ORDER BY id";

        assert!(act("act=delete&id=1&id=2&reason=asked+to").starts_with("HTTP/1.1 303"));
        assert_eq!(self.answers(active), ["Charles", "Mary"]);
        let bin = page("records");
        for told in ["Ada", "Grace", "callbacks", "asked to", "expires in 30 days"] {
            assert!(bin.contains(told), "{told}: {bin}");
        }
        let found = page("records?model=leads&label=Gra&reason_has=asked&since=2020-01-01&sort=oldest");
        assert!(found.contains("Grace") && !found.contains("Ada"), "{found}");
        let record = page("record?model=leads&id=1");
        assert!(record.contains("1 of callbacks"), "{record}");
        assert!(act("act=restore&id=1").starts_with("HTTP/1.1 303"));
        assert_eq!(self.answers(active), ["Ada", "Charles", "Mary"]);
        let callbacks = "SELECT CONCAT(id, '') AS answer FROM callbacks WHERE deleted_at IS NULL";
        assert_eq!(self.answers(callbacks), ["10"]);

        act("act=delete&id=3");
        assert!(act("act=hold&id=2&reason=case+17").starts_with("HTTP/1.1 303"));
        assert!(act("act=force&id=2&id=3&reason=erasure&typed=leads").starts_with("HTTP/1.1 422"));
        assert!(act("act=force&id=3&reason=erasure&typed=leads").starts_with("HTTP/1.1 303"));
        let there = "SELECT CONCAT(full_name, '') AS answer FROM leads ORDER BY id";
        assert_eq!(self.answers(there), ["Ada", "Grace", "Mary"]);
        for listed in [
            "overview",
            "operations",
            "audit",
            "holds",
            "runs",
            "record?model=leads&id=3",
        ] {
            page(listed);
        }
        assert!(
            page("audit.csv").contains(",force_delete,leads,3,"),
            "removed for good"
        );

        self.conn
            .batch_execute("UPDATE leads SET deleted_at = '2020-01-15 12:00:00' WHERE id IN (2, 4)")
            .expect("an update");
        let forecast = post(host, "/bin/clean", &format!("token={}&what=forecast", token()));
        assert!(forecast.contains("Nothing was changed."), "{forecast}");
        post(
            host,
            "/bin/clean",
            &format!("token={}&what=begin&sure=yes", token()),
        );
        let mut runs = page("runs");
        for _ in 0..600 {
            if !runs.contains("data-live") {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
            runs = page("runs");
        }
        assert!(runs.contains("The last one removed 1 rows"), "{runs}");
        assert_eq!(
            self.answers(there),
            ["Ada", "Grace"],
            "one is active, and one is held"
        );
        assert_eq!(stopped(child), Some(0));
    }

    /// A statement that waits too long is ended, nothing is changed, and the application's own limit is as it was.
    async fn limited(mut self, set: &str, own_limit: &str, limit: &str, pages_limit: Duration)
    where
        for<'q> SqlQuery: LoadQuery<'q, C, Answer>,
        C: R2D2Connection + LoadConnection<Backend: Dialect>,
    {
        soft_delete::migrations::run(&mut self.conn).expect("tables");
        self.conn
            .batch_execute("UPDATE leads SET deleted_at = '2026-01-15 12:00:00' WHERE id = 2")
            .expect("an update");
        let tables = discover(&mut self.conn, "deleted_at").expect("tables");
        let registry = tables.iter().fold(Registry::new(), |registry, table| {
            registry.with_table(table.descriptor(&table.roles("deleted_at")).expect("a model"))
        });
        let pool = Pool::builder()
            .max_size(1)
            .connection_customizer(Box::new(Own(set.replace("{}", own_limit))))
            .build(ConnectionManager::<C>::new(self.url()))
            .expect("a pool");
        let router = Admin::new(R2d2::new(pool.clone()))
            .registry(registry)
            .access(Everybody)
            .statement_limit(pages_limit)
            .into_router();
        let send = |request: Request<Body>| {
            let router = router.clone();
            async move {
                let answer = router.oneshot(request).await.expect("an answer");
                let status = answer.status();
                let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
                (
                    status,
                    String::from_utf8(body.expect("a body").to_vec()).expect("text"),
                )
            }
        };
        let page = Request::get("/records?model=leads").body(Body::empty());
        let (_, page) = send(page.expect("a request")).await;
        let (_, rest) = page.split_once("name=\"token\" value=\"").expect("a form");
        let token = rest.split('"').next().expect("a token");
        let restore = || {
            Request::post("/act")
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(format!("token={token}&model=leads&act=restore&id=2")))
                .expect("a request")
        };
        let deleted = "SELECT CONCAT(id, '') AS answer FROM leads WHERE deleted_at IS NOT NULL";
        // Somebody else is at the row, and does not come to an end.
        self.conn
            .batch_execute("BEGIN; UPDATE leads SET full_name = 'Hopper' WHERE id = 2")
            .expect("a transaction");
        let since = Instant::now();
        let (status, told) = send(restore()).await;
        assert!(
            since.elapsed() < Duration::from_secs(20),
            "the database's own patience is longer"
        );
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{told}");
        self.conn.batch_execute("ROLLBACK").expect("an end");
        assert_eq!(self.answers(deleted), ["2"]);
        let mut used = pool.get().expect("the connection");
        let own: Vec<Answer> = sql_query(limit).load(&mut *used).expect(limit);
        assert_eq!(own[0].answer, own_limit);
        drop(used);
        assert_eq!(send(restore()).await.0, StatusCode::SEE_OTHER);
        assert_eq!(self.answers(deleted), [""; 0]);
    }
}

impl<C: R2D2Connection + 'static> Drop for Site<C> {
    fn drop(&mut self) {
        // A server that is gone has taken its databases along.
        if let Ok(mut whole) = C::establish(&self.server) {
            let force = if self.server.starts_with("postgres") {
                " WITH (FORCE)"
            } else {
                ""
            };
            let _ = whole.batch_execute(&format!("DROP DATABASE {}{force}", self.name));
        }
    }
}

/// The limit that an application has set for its own statements.
#[derive(Debug)]
struct Own(String);

impl<C: R2D2Connection> CustomizeConnection<C, diesel::r2d2::Error> for Own {
    fn on_acquire(&self, conn: &mut C) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(&self.0)
            .map_err(diesel::r2d2::Error::QueryError)
    }
}

struct Everybody;

impl<DB: Dialect> Access<DB> for Everybody {
    fn visitor(&self, _: &Parts) -> Option<Visitor> {
        Some(Visitor::new("ann"))
    }

    fn may(&self, _: &Visitor, _: Right, _: &str) -> bool {
        true
    }
}

#[test]
fn the_journey_on_postgresql() {
    Site::<PgConnection>::new("SOFT_DELETE_POSTGRES_URL", "TIMESTAMP").journey();
}

#[test]
fn the_journey_on_mariadb() {
    Site::<MysqlConnection>::new("SOFT_DELETE_MYSQL_URL", "DATETIME(6)").journey();
}

/// A limit of the application's own, which is longer than that of the pages or shorter, and theirs.
const LIMITS: [(&str, Duration); 2] = [("7", Duration::from_millis(300)), ("1", Duration::from_secs(60))];

#[tokio::test]
async fn a_limit_on_postgresql() {
    for (own, pages) in LIMITS {
        Site::<PgConnection>::new("SOFT_DELETE_POSTGRES_URL", "TIMESTAMP")
            .limited(
                "SET statement_timeout = '{}s'",
                own,
                "SELECT rtrim(current_setting('statement_timeout'), 's') AS answer",
                pages,
            )
            .await;
    }
}

#[tokio::test]
async fn a_limit_on_mariadb() {
    for (own, pages) in LIMITS {
        Site::<MysqlConnection>::new("SOFT_DELETE_MYSQL_URL", "DATETIME(6)")
            .limited(
                "SET SESSION max_statement_time = {}",
                own,
                "SELECT CONCAT(ROUND(@@SESSION.max_statement_time), '') AS answer",
                pages,
            )
            .await;
    }
}
