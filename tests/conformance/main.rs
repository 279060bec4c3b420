//! One suite of promises, run on every database and every kind of connection.
//!
//! A file in `styles/` names a database and a kind of connection and includes the suite, which is written once:
//! `act!` runs an operation and waits for it in whatever way the style waits. Plain `cargo test` covers SQLite;
//! the feature `servers` adds PostgreSQL and MariaDB at the URLs in the environment (`cargo xtask test` sets them).

#![allow(clippy::duplicate_mod, reason = "the suite is included by every style")]
#![allow(
    clippy::clone_on_copy,
    reason = "a type that is Copy in one style is not in another"
)]

#[macro_use]
mod support;

mod property;
mod relations;
mod schedules;
mod specific;
mod stepped;
mod zoo;

mod styles {
    mod sqlite_async;
    mod sqlite_blocking;

    #[cfg(feature = "servers")]
    mod any_connection;
    #[cfg(feature = "servers")]
    mod mysql_async;
    #[cfg(feature = "servers")]
    mod mysql_blocking;
    #[cfg(feature = "servers")]
    mod mysql_multi;
    #[cfg(feature = "servers")]
    mod postgres_async;
    #[cfg(feature = "servers")]
    mod postgres_blocking;
    #[cfg(feature = "servers")]
    mod postgres_multi;
    #[cfg(feature = "servers")]
    mod sqlite_multi;
}
