//! A small CRM with a recycle bin: `cargo run -p crm`, then open the address that it prints.
//!
//! What belongs to soft-delete: the derives in `model`, the calls in `pages`, the mounted pages and who may use them in `bin`, and the
//! cleanups in the background, below.
#![forbid(unsafe_code)]

mod bin;
mod model;
mod pages;
mod session;
#[cfg(test)]
mod tests;

use std::{error::Error, net::SocketAddr, thread, time::Duration};

use axum::{Router, middleware, response::Redirect, routing::get};
use diesel::{
    prelude::*,
    r2d2::{ConnectionManager, Pool},
};
use soft_delete::{Scheduler, StopHandle, Timetable};
use tower_http::csrf::CsrfLayer;

type Connections = Pool<ConnectionManager<SqliteConnection>>;

/// What every page works with.
#[derive(Clone)]
struct Crm {
    connections: Connections,
    sessions: session::Sessions,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::var("CRM_DATABASE").unwrap_or_else(|_| {
        std::env::temp_dir()
            .join("soft-delete-crm.sqlite")
            .display()
            .to_string()
    });
    let connections = Pool::builder()
        .max_size(4)
        .connection_customizer(Box::new(model::Settings))
        .build(ConnectionManager::new(&file))?;
    model::prepare(&mut *connections.get()?)?;

    // Expired rows go for good once an hour; a year's worth of hours is nothing to a thread.
    let cleanups = Scheduler::every(&model::registry(), Duration::from_secs(3_600))?;
    let (stop, timetable) = (cleanups.stop_handle(), cleanups.timetable());
    let pool = connections.clone();
    let cleaner = thread::spawn(move || cleanups.run(|| pool.get()));

    let port = std::env::var("CRM_PORT").map_or(Ok(8_080), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let address = listener.local_addr()?;
    eprintln!(
        "The CRM is at http://{address}/, its bin at http://{address}/admin/bin; the data is in {file}."
    );
    eprintln!("Sign in as support (password: support) or admin (password: admin). Ctrl-C ends it.");
    axum::serve(listener, app(connections, timetable))
        .with_graceful_shutdown(stopped(stop))
        .await?;
    cleaner.join().map_err(|_| "the cleanups have failed")?;
    Ok(())
}

/// The whole application.
fn app(connections: Connections, timetable: Timetable) -> Router {
    let crm = Crm {
        connections: connections.clone(),
        sessions: session::Sessions::default(),
    };
    // Pages of other sites cannot send forms here; the bin asks for a token beside that.
    pages::routes()
        .with_state(crm.clone())
        .nest("/admin/bin", bin::router(connections, timetable))
        // What is nested does not know its own address with a slash behind it.
        .route("/admin/bin/", get(|| async { Redirect::to("/admin/bin") }))
        .layer(middleware::from_fn_with_state(crm, session::recognise))
        .layer(CsrfLayer::new())
}

async fn stopped(stop: StopHandle) {
    // Without signals it runs until it is killed, which loses nothing.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    stop.stop();
}
