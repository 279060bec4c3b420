//! The stand-alone program as a user runs it, on SQLite.

#[cfg(all(unix, feature = "admin"))]
mod admin;
#[cfg(all(unix, feature = "admin", feature = "postgres", feature = "mysql"))]
mod admin_on_servers;
mod answers;
mod codes;
#[cfg(all(unix, feature = "postgres"))]
mod django;
mod figures;
mod guide;
mod honest_words;
#[cfg(all(unix, feature = "postgres"))]
mod lost_answer;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod printed;
mod prompts;
mod schedule;
#[cfg(all(unix, feature = "postgres"))]
mod schedule_on_postgres;
mod spellings;
mod streams;
mod support;
