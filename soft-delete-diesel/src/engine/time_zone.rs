//! The time zone of the session, by which MySQL and MariaDB read and write the columns that are `TIMESTAMP`.

use super::database;
use crate::{
    Result,
    executor::Executor,
    statement::{SessionTimeZone, SetTimeZone},
};

const UTC: &str = "+00:00";

/// What the session's time zone is, if it has one that matters and that is not UTC.
pub(super) async fn foreign<E: Executor>(executor: &mut E) -> Result<Option<Zone>> {
    if database(executor).await?.syntax().session_time_zone().is_none() {
        return Ok(None);
    }
    let mut row = executor.rows(&SessionTimeZone).await?.pop().unwrap_or_default();
    let (setting, system) = (row.take(0).unwrap_or_default(), row.take(1).unwrap_or_default());
    let name = if setting.eq_ignore_ascii_case("SYSTEM") {
        system
    } else {
        setting.clone()
    };
    let is_utc = ["UTC", UTC, "-00:00", "Etc/UTC", "GMT", "Etc/GMT"]
        .iter()
        .any(|utc| name.eq_ignore_ascii_case(utc));
    Ok((!is_utc).then_some(Zone { setting, name }))
}

/// A time zone of a session.
pub(super) struct Zone {
    /// What the session is set to.
    setting: String,
    /// What that is called, for people.
    pub(super) name: String,
}

/// Sets the session to UTC, unless it is; answers what it was.
pub(super) async fn enter_utc<E: Executor>(executor: &mut E) -> Result<Option<Zone>> {
    let zone = foreign(executor).await?;
    if zone.is_some() {
        executor.execute(&SetTimeZone(UTC)).await?;
    }
    Ok(zone)
}

/// Sets it to what it was.
pub(super) async fn leave_utc<E: Executor>(executor: &mut E, before: Option<Zone>) -> Result<()> {
    if let Some(zone) = before {
        executor.execute(&SetTimeZone(&zone.setting)).await?;
    }
    Ok(())
}

/// Sets the session to UTC for good, for whoever owns the connection.
pub(crate) async fn use_utc<E: Executor>(executor: &mut E) -> Result<()> {
    enter_utc(executor).await.map(drop)
}
