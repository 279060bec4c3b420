//! A setting of the session that would slow a cleanup down.

use super::super::database;
use crate::{Result, executor::Executor, statement::SessionSetting};

/// Turns the setting off, where there is one; answers what it was.
pub(super) async fn turn_off<E: Executor>(executor: &mut E) -> Result<Option<String>> {
    let Some(name) = database(executor).await?.syntax().slowing_setting() else {
        return Ok(None);
    };
    let mut row = executor
        .rows(&SessionSetting::Read(name))
        .await?
        .pop()
        .unwrap_or_default();
    // What speaks the language of the database need not have the setting.
    let Some(before) = row.take(0).filter(|value| value != "off") else {
        return Ok(None);
    };
    executor.rows(&SessionSetting::Write(name, "off")).await?;
    Ok(Some(before))
}

/// Sets it to what it was.
pub(super) async fn restore<E: Executor>(executor: &mut E, before: Option<String>) {
    let Some(before) = before else { return };
    let Ok(database) = database(executor).await else {
        return;
    };
    if let Some(name) = database.syntax().slowing_setting() {
        // If this fails, so does everything else on this connection.
        let _ = executor.rows(&SessionSetting::Write(name, &before)).await;
    }
}
