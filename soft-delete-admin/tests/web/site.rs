//! A database with leads of two tenants, and the pages on it.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use diesel::{
    connection::SimpleConnection,
    prelude::*,
    r2d2::{ConnectionManager, CustomizeConnection, Pool},
};
use diesel_async::{
    AsyncConnection, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, deadpool},
    sync_connection_wrapper::SyncConnectionWrapper,
};
use http_body_util::BodyExt;
use soft_delete::{Predicate, migrations, prelude::*};
use soft_delete_admin::{Access, Admin, AsyncPool, Parts, R2d2, Right, Visitor};
use tower::ServiceExt;

diesel::table! {
    leads (id) {
        id -> BigInt,
        tenant_id -> BigInt,
        full_name -> Text,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<Text>,
        deletion_reason -> Nullable<Text>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::table! {
    callbacks (id) {
        id -> BigInt,
        lead_id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(label = full_name, unique(full_name), cascade(Callback))]
#[allow(dead_code, reason = "pages know columns, not fields")]
pub(crate) struct Lead {
    id: i64,
    tenant_id: i64,
    full_name: String,
    deleted_at: Option<NaiveDateTime>,
    deleted_by: Option<String>,
    deletion_reason: Option<String>,
    deletion_id: Option<DeletionId>,
}

#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = callbacks, belongs_to(Lead))]
#[allow(dead_code, reason = "pages know columns, not fields")]
pub(crate) struct Callback {
    id: i64,
    lead_id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<DeletionId>,
}

/// Waits while another connection writes, as an application has it.
#[derive(Debug)]
struct Patient;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Patient {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON")
            .map_err(diesel::r2d2::Error::QueryError)
    }
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Where the pages are, and what is behind them.
pub(crate) struct Site {
    pub(crate) app: Router,
    file: PathBuf,
    mount: &'static str,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Who asks is said in a header, as a proxy would: `name/role/tenant`.
pub(crate) struct ByHeader;

impl Access<diesel::sqlite::Sqlite> for ByHeader {
    fn visitor(&self, request: &Parts) -> Option<Visitor> {
        let who = request.headers.get("x-who")?.to_str().ok()?;
        let mut parts = who.split('/');
        let visitor = Visitor::new(parts.next()?);
        Some(parts.fold(visitor, Visitor::with_role))
    }

    fn may(&self, visitor: &Visitor, right: Right, model: &str) -> bool {
        let is = |role| visitor.has_role(role);
        match right {
            Right::See => is("admin") || is("support") || (is("caller") && model == "callbacks"),
            Right::Restore => is("admin") || is("support"),
            _ => is("admin"),
        }
    }

    fn shows(&self, visitor: &Visitor, _model: &str, column: &str) -> bool {
        let hidden: &[&str] = match (visitor.has_role("discreet"), visitor.has_role("mute")) {
            (true, _) => &["full_name", "tenant_id"],
            (_, true) => &["deleted_by", "deletion_reason"],
            _ => &[],
        };
        !hidden.contains(&column)
    }

    fn rows(
        &self,
        visitor: &Visitor,
        model: &str,
    ) -> Option<Box<Predicate<'static, diesel::sqlite::Sqlite>>> {
        let is_mine = visitor.has_role("tenant-8") && model == "leads";
        is_mine.then(|| Box::new(leads::tenant_id.eq(8_i64)) as Box<Predicate<'static, _>>)
    }
}

/// The models.
pub(crate) fn registry() -> Registry {
    Registry::new().with::<Lead>().with::<Callback>()
}

fn pool(url: String) -> Pool<ConnectionManager<SqliteConnection>> {
    Pool::builder()
        .max_size(2)
        .connection_customizer(Box::new(Patient))
        .build(ConnectionManager::new(url))
        .expect("a pool")
}

type AsyncSqlite = SyncConnectionWrapper<SqliteConnection>;

fn async_pool(url: String) -> deadpool::Pool<AsyncSqlite> {
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(|url| {
        Box::pin(async move {
            let mut conn = AsyncSqlite::establish(url).await?;
            conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON")
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        })
    });
    let manager = AsyncDieselConnectionManager::<AsyncSqlite>::new_with_config(url, config);
    deadpool::Pool::builder(manager)
        .max_size(2)
        .build()
        .expect("a pool")
}

impl Site {
    /// Other pages on the same database.
    pub(crate) fn source(&self) -> R2d2<SqliteConnection> {
        R2d2::new(pool(self.file.display().to_string()))
    }

    /// Leads 1 to 3 of tenant 7 and 4 of tenant 8; 1 has a callback.
    pub(crate) fn new() -> Self {
        Self::at("/bin")
    }

    /// The same on a pool of diesel-async.
    pub(crate) fn asynchronous() -> Self {
        let mut site = Self::new();
        let pool = async_pool(site.file.display().to_string());
        let source = AsyncPool::new(move || {
            let pool = pool.clone();
            async move { pool.get().await }
        });
        let admin = Admin::new(source).registry(registry()).access(ByHeader);
        site.app = Router::new().nest(site.mount, admin.into_router());
        site
    }

    /// The pages of other tables, which this SQL makes.
    pub(crate) fn on_tables(sql: &str, registry: Registry) -> Self {
        let mut site = Self::new();
        site.sql(sql);
        let admin = Admin::new(site.source()).registry(registry).access(ByHeader);
        site.app = Router::new().nest(site.mount, admin.into_router());
        site
    }

    pub(crate) fn at(mount: &'static str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file = std::env::temp_dir().join(format!(
            "soft-delete-admin-{}-{number}.sqlite",
            std::process::id()
        ));
        let url = file.display().to_string();
        let mut conn = SqliteConnection::establish(&url).expect("a connection");
        // Once: connections that set it at the same time would be told that the file is locked.
        conn.batch_execute("PRAGMA journal_mode = WAL").expect("a pragma");
        migrations::run(&mut conn).expect("tables");
        conn.batch_execute(
            "CREATE TABLE leads (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL, full_name TEXT NOT NULL, deleted_at TIMESTAMP, deleted_by TEXT, deletion_reason TEXT, deletion_id TEXT);
             CREATE TABLE callbacks (id INTEGER PRIMARY KEY, lead_id INTEGER NOT NULL REFERENCES leads (id), deleted_at TIMESTAMP, deletion_id TEXT);
             INSERT INTO leads (id, tenant_id, full_name) VALUES (1, 7, 'Ada'), (2, 7, 'Grace'), (3, 7, 'Charles'), (4, 8, 'Mary');
             INSERT INTO callbacks (id, lead_id) VALUES (10, 1)",
        )
        .expect("rows");
        let pool = pool(url);
        let registry = registry();
        let router = Admin::new(R2d2::new(pool))
            .registry(registry)
            .access(ByHeader)
            .into_router();
        let app = if mount.is_empty() {
            router
        } else {
            Router::new().nest(mount, router)
        };
        Self { app, file, mount }
    }

    pub(crate) fn conn(&self) -> SqliteConnection {
        let mut conn = SqliteConnection::establish(&self.file.display().to_string()).expect("a connection");
        conn.batch_execute("PRAGMA busy_timeout = 10000")
            .expect("a pragma");
        conn
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.conn().batch_execute(sql).expect(sql);
    }

    /// The keys of leads that are not deleted.
    pub(crate) fn active(&self) -> Vec<i64> {
        Lead::active()
            .select(leads::id)
            .order(leads::id)
            .load(&mut self.conn())
            .expect("keys")
    }

    /// The keys of leads that are there at all.
    pub(crate) fn there(&self) -> Vec<i64> {
        leads::table
            .select(leads::id)
            .order(leads::id)
            .load(&mut self.conn())
            .expect("keys")
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).expect("text"),
        }
    }

    /// A page, as somebody sees it.
    pub(crate) async fn get(&self, who: &str, page: &str) -> Answer {
        let address = format!("{}/{page}", self.mount);
        self.send(
            Request::get(address)
                .header("x-who", who)
                .body(Body::empty())
                .expect("a request"),
        )
        .await
    }

    /// A form, sent from a page of this site.
    pub(crate) async fn post(&self, who: &str, page: &str, form: &str) -> Answer {
        let address = format!("{}/{page}", self.mount);
        let request = Request::post(address)
            .header("x-who", who)
            .header(header::HOST, "example.org")
            .header(header::ORIGIN, "https://example.org")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        self.send(request).await
    }

    /// The token of somebody's forms.
    pub(crate) async fn token(&self, who: &str, model: &str) -> String {
        let page = self
            .get(who, &format!("records?model={model}&show=all"))
            .await
            .body;
        let (_, rest) = page.split_once("name=\"token\" value=\"").expect("a form");
        rest.split('"').next().expect("a token").to_owned()
    }

    /// Does something as somebody would who has loaded the page before.
    pub(crate) async fn act(&self, who: &str, form: &str) -> Answer {
        let token = self.token(who, "leads").await;
        self.post(who, "act", &format!("token={token}&model=leads&{form}"))
            .await
    }
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().expect("text"))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.file.display()));
        }
    }
}
