//! What an archive has to know of tables and of the session before it reads or writes whole rows.

use super::database;
use crate::{
    Result, TableName,
    executor::Executor,
    statement::{AboutTable, AskedOf, Ddl, SessionSetting, StoredColumn},
};

/// The columns of a table that are stored.
pub(super) async fn columns<E: Executor>(executor: &mut E, table: &TableName) -> Result<Vec<StoredColumn>> {
    let rows = executor
        .rows(&AboutTable::new(table, AskedOf::StoredColumns))
        .await?;
    let column = |mut row: crate::statement::TextRow| StoredColumn {
        name: row.take(0).unwrap_or_default(),
        type_name: row.take(1).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(column).collect())
}

/// A session in which the text of a value depends on nothing but the value.
#[must_use = "the session is to be left as it was found"]
pub(super) struct PlainSession {
    before: Vec<(&'static str, Option<String>)>,
}

impl PlainSession {
    /// Sets what matters, and remembers what it was.
    pub(super) async fn enter<E: Executor>(executor: &mut E) -> Result<Self> {
        let image = database(executor).await?.image();
        let mut session = Self { before: Vec::new() };
        for (name, value) in image.settings() {
            let row = executor.rows(&SessionSetting::Read(name)).await?.pop();
            session.before.push((name, row.and_then(|mut row| row.take(0))));
            executor.rows(&SessionSetting::Write(name, value)).await?;
        }
        if let Some((enter, _)) = image.session() {
            executor.execute(&Ddl(enter)).await?;
        }
        Ok(session)
    }

    /// Sets everything to what it was. If this fails, so does everything else on this connection.
    pub(super) async fn leave<E: Executor>(self, executor: &mut E) {
        for (name, value) in self.before {
            if let Some(value) = value {
                let _ = executor.rows(&SessionSetting::Write(name, &value)).await;
            }
        }
        let Ok(database) = database(executor).await else {
            return;
        };
        if let Some((_, leave)) = database.image().session() {
            let _ = executor.execute(&Ddl(leave)).await;
        }
    }
}
