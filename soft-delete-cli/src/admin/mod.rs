//! `admin`: the recycle bin as a web page, without an application around it.

mod server;

use std::{
    fs,
    io::{self, BufRead, Write},
    time::Duration,
};

use diesel::{
    connection::LoadConnection,
    r2d2::{ConnectionManager, CustomizeConnection, Pool, R2D2Connection},
};
use soft_delete::{Database, Dialect, Error, Registry};
use soft_delete_admin::{
    R2d2,
    alone::{Alone, SignIn, Users},
};

use crate::{
    args::{Common, Serve},
    exit::Exit,
    failure::Failure,
    log, output,
    session::Answer,
    signals::Signals,
    target,
};

/// As many connections as a few dozen readers keep busy.
const CONNECTIONS: u32 = 8;

/// How often the server looks whether it was told to end.
const GLANCE: Duration = Duration::from_millis(200);

/// Serves the pages until a signal comes.
pub(crate) fn serve<C>(url: &str, registry: &Registry, common: &Common, asked: &Serve) -> Answer
where
    C: LoadConnection<Backend: Dialect> + R2D2Connection + 'static,
{
    log::begin(common);
    let sign_in = sign_in(asked)?;
    let is_by_link = matches!(sign_in, SignIn::Link);
    let alone = Alone::new(sign_in).behind_tls(asked.behind_tls);
    let link = alone.link();
    let pool = Pool::builder()
        .max_size(CONNECTIONS)
        .connection_customizer(Box::new(Settings(
            target::database_of(url).map_err(Failure::usage)?,
        )))
        .build(ConnectionManager::<C>::new(target::for_driver(url)))
        .map_err(|_| Failure::new(Exit::Failure, format!("cannot connect to {}", target::shown(url))))?;
    let router = alone.into_router(R2d2::new(pool), registry.clone());
    let signals = Signals::listen()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(asked.listen)
            .await
            .map_err(|error| {
                Failure::new(
                    Exit::Failure,
                    format!("cannot listen on {}: {error}", asked.listen),
                )
            })?;
        let address = listener.local_addr()?;
        let open = if is_by_link { link } else { String::new() };
        writeln!(io::stderr(), "The recycle bin is at http://{address}/{open}")?;
        let stop = signals.stop.clone();
        let stopped = async move {
            while !stop.is_stopped() {
                tokio::time::sleep(GLANCE).await;
            }
        };
        server::serve(listener, router, stopped).await?;
        Ok(Exit::Done)
    })
}

// Whoever is not on this machine signs in.
fn sign_in(asked: &Serve) -> Result<SignIn, Failure> {
    if let Some(file) = &asked.users {
        let text = fs::read_to_string(file)
            .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
        let users =
            Users::read(&text).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
        return Ok(SignIn::Users(users));
    }
    if !asked.listen.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "{} can be reached from other machines: give --users, or listen on 127.0.0.1",
            asked.listen
        )));
    }
    Ok(if asked.no_login {
        SignIn::Nobody
    } else {
        SignIn::Link
    })
}

/// Reads a password, and writes its hash.
pub(crate) fn hash() -> Answer {
    let mut err = io::stderr();
    write!(err, "Password (it is shown as you type): ")?;
    err.flush()?;
    let mut password = String::new();
    io::stdin().lock().read_line(&mut password)?;
    let hash =
        soft_delete_admin::alone::hash(password.trim_end_matches(['\r', '\n'])).map_err(Failure::usage)?;
    output::print(format!("{hash}\n").as_bytes())?;
    Ok(Exit::Done)
}

/// What a connection is set to: on MySQL and MariaDB the time zone of its session.
#[derive(Debug)]
struct Settings(Database);

impl<C> CustomizeConnection<C, diesel::r2d2::Error> for Settings
where
    C: LoadConnection<Backend: Dialect> + R2D2Connection + 'static,
{
    fn on_acquire(&self, conn: &mut C) -> Result<(), diesel::r2d2::Error> {
        if self.0 == Database::Sqlite {
            let settings = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;";
            conn.batch_execute(settings)
                .map_err(diesel::r2d2::Error::QueryError)?;
        }
        match Database::use_utc(conn) {
            Err(Error::Database(error)) => Err(diesel::r2d2::Error::QueryError(error)),
            _ => Ok(()),
        }
    }
}
