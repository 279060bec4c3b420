//! A PostgreSQL database for one test, and a way to it that can be cut, or lose an answer.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::BigInt,
};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The database, gone with this.
pub(crate) struct Database {
    server: String,
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Database {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let server = std::env::var("SOFT_DELETE_POSTGRES_URL")
            .expect("SOFT_DELETE_POSTGRES_URL is set; `cargo xtask test` starts a server and sets it");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("cli_{}_{number}", std::process::id());
        let database = Self { server, name };
        database.on_server(&format!("CREATE DATABASE {}", database.name));
        database
    }

    pub(crate) fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("a database in the URL");
        format!("{server}/{}", self.name)
    }

    /// The name in the server.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> String {
        let (_, rest) = self.server.rsplit_once('@').expect("a user in the URL");
        rest.split('/').next().expect("an address").to_owned()
    }

    pub(crate) fn sql(&self, sql: &str) {
        let mut conn = PgConnection::establish(&self.url()).expect("a connection");
        conn.batch_execute(sql).expect(sql);
    }

    /// How many rows there are of what follows `FROM`.
    pub(crate) fn count(&self, from: &str) -> i64 {
        let mut conn = PgConnection::establish(&self.url()).expect("a connection");
        let query = diesel::sql_query(format!("SELECT COUNT(*) AS count FROM {from}"));
        query.get_result::<Count>(&mut conn).expect(from).count
    }

    fn on_server(&self, sql: &str) {
        let mut conn = PgConnection::establish(&self.server).expect("the server");
        conn.batch_execute(sql).expect(sql);
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Ok(mut conn) = PgConnection::establish(&self.server) {
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

/// A way to a server that can be cut: what is open is closed, and nothing new comes through.
pub(crate) struct Way {
    port: u16,
    is_cut: Arc<AtomicBool>,
    loses: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Way {
    /// Leads from a port of its own to this address.
    pub(crate) fn to(address: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let way = Self {
            port: listener.local_addr().expect("an address").port(),
            is_cut: Arc::default(),
            loses: Arc::default(),
            open: Arc::default(),
        };
        let (is_cut, loses, open) = (
            Arc::clone(&way.is_cut),
            Arc::clone(&way.loses),
            Arc::clone(&way.open),
        );
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                // Who cannot be led on is hung up on.
                let _ = lead(&client, &address, &open, &loses);
            }
        });
        way
    }

    /// The same URL by this way.
    pub(crate) fn by(&self, url: &str, address: &str) -> String {
        url.replace(address, &format!("127.0.0.1:{}", self.port))
    }

    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }

    /// Breaks when the server has answered the next commit, and keeps the answer to itself.
    pub(crate) fn lose_the_answer_to_a_commit(&self) {
        self.loses.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_lost_it(&self) -> bool {
        !self.loses.load(Ordering::SeqCst)
    }
}

fn lead(
    client: &TcpStream,
    address: &str,
    open: &Mutex<Vec<TcpStream>>,
    loses: &Arc<AtomicBool>,
) -> io::Result<()> {
    let server = TcpStream::connect(address)?;
    let mut known = open.lock().unwrap_or_else(PoisonError::into_inner);
    known.extend([client.try_clone()?, server.try_clone()?]);
    let commits = Arc::new(AtomicBool::default());
    let (there, back) = (
        (client.try_clone()?, server.try_clone()?),
        (server, client.try_clone()?),
    );
    let (loses, is_sent) = (Arc::clone(loses), Arc::clone(&commits));
    thread::spawn(move || {
        let _ = pass(&there.0, &there.1, |sent| {
            let is_commit = sent.windows(6).any(|word| word == b"COMMIT");
            if is_commit && loses.swap(false, Ordering::SeqCst) {
                is_sent.store(true, Ordering::SeqCst);
            }
            true
        });
    });
    thread::spawn(move || {
        let _ = pass(&back.0, &back.1, |_| !commits.load(Ordering::SeqCst));
    });
    Ok(())
}

// Hands on what comes until the one side is done, or what comes may not be handed on.
fn pass(mut from: &TcpStream, mut to: &TcpStream, mut may_pass: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut chunk = [0; 16_384];
    loop {
        let length = from.read(&mut chunk)?;
        if length == 0 || !may_pass(&chunk[..length]) {
            return to.shutdown(Shutdown::Both);
        }
        to.write_all(&chunk[..length])?;
    }
}
