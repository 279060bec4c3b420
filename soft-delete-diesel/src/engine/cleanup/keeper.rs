//! Writing rows to an archive before they are removed.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Job, batch::Candidate, job::owned_by};
use crate::{
    Database, Descriptor, Error, KeyBinds, Result, TableName,
    archive::{
        Archive, ArchiveFile,
        line::{BatchEnd, Header, Line, OwnedRow, Row, VERSION, Values},
    },
    engine::{database, images, one_model::came_or_went},
    executor::Executor,
    statement::{Act, ReadOwnedRows, ReadRows, StoredColumn, TextRow},
};

/// The archive of a run.
pub(super) struct Keeper {
    database: Database,
    columns: BTreeMap<String, Vec<StoredColumn>>,
    session: images::PlainSession,
    file: Mutex<ArchiveFile>,
}

/// What was written of a batch.
pub(super) struct Kept {
    /// Rows that its rows own.
    pub(super) owned: u64,
}

impl Keeper {
    /// Learns what the tables look like; the file is made with the first batch.
    pub(super) async fn begin<E: Executor>(
        executor: &mut E,
        archive: Archive,
        act: &Act<'_>,
        jobs: &[Job],
    ) -> Result<Self> {
        let database = database(executor).await?;
        let mut columns = BTreeMap::new();
        for job in jobs {
            let owned = job.owned().map(crate::Relation::child_table);
            for table in std::iter::once(&job.model.table).chain(owned) {
                columns.insert(table.to_string(), images::columns(executor, table).await?);
            }
        }
        let header = Header {
            version: VERSION,
            database: database.as_str().to_owned(),
            run_id: act.operation.as_uuid(),
            action: act.action,
            actor: act.actor.to_owned(),
            reason: act.reason.map(ToOwned::to_owned),
            at: act.at,
        };
        Ok(Self {
            database,
            columns,
            session: images::PlainSession::enter(executor).await?,
            file: Mutex::new(ArchiveFile::new(archive, header)),
        })
    }

    /// Begins the batches of a transaction that removes these rows of a model and what goes with them.
    pub(super) fn begin_batch(&self, model: &'static Descriptor, rows: &[Candidate]) -> Result<()> {
        let ids: HashSet<String> = rows.iter().map(|row| row.id.clone()).collect();
        let mut file = self.file();
        file.begin(model.name(), ids)
            .map_err(|error| failed(&file, &error))
    }

    /// Writes rows of a batch, which are locked, and what they own; with the last of a transaction all are on the disk.
    pub(super) async fn keep<E: Executor>(
        &self,
        executor: &mut E,
        model: &'static Descriptor,
        rows: &[Candidate],
        keys: &[&dyn KeyBinds<E::DB>],
        goes_on: bool,
    ) -> Result<Kept> {
        let columns = self.columns_of(&model.table);
        let read = ReadRows { model, columns, keys };
        let mut lines = Vec::with_capacity(rows.len());
        for mut row in executor.rows(&read).await? {
            lines.push(Line::Row(Row {
                model: model.name().to_owned(),
                id: row.take(0).unwrap_or_default(),
                values: self.values(columns, row),
            }));
        }
        // Every row that is going to be removed, and no other.
        if lines.len() != rows.len() {
            return Err(came_or_went());
        }
        for relation in owned_by(model) {
            let table = relation.child_table();
            let columns = self.columns_of(table);
            let read = ReadOwnedRows {
                model,
                relation,
                columns,
                owners: keys,
            };
            for mut row in executor.rows(&read).await? {
                lines.push(Line::Owned(OwnedRow {
                    table: table.to_string(),
                    owner: row.take(0).unwrap_or_default(),
                    values: self.values(columns, row),
                }));
            }
        }
        let owned = (lines.len() - rows.len()) as u64;
        let end = BatchEnd {
            model: model.name().to_owned(),
            rows: rows.len() as u64,
            owned,
            goes_on,
        };
        let mut file = self.file();
        file.append(&lines, end).map_err(|error| failed(&file, &error))?;
        Ok(Kept { owned })
    }

    /// The batch that was written last is about to be committed.
    pub(super) fn complete(&self) {
        self.file().complete();
    }

    /// It was committed.
    pub(super) fn confirm(&self) {
        self.file().confirm();
    }

    /// Leaves only what was removed in the file, and the session as it was; answers where the file is, if there is one.
    pub(super) async fn end<E: Executor>(self, executor: &mut E) -> Result<Option<PathBuf>> {
        self.session.leave(executor).await;
        let mut file = self.file.into_inner().unwrap_or_else(PoisonError::into_inner);
        file.finish().map_err(|error| failed(&file, &error))?;
        Ok(file.is_begun().then(|| file.path()))
    }

    fn columns_of(&self, table: &TableName) -> &[StoredColumn] {
        self.columns.get(&table.to_string()).map_or(&[], Vec::as_slice)
    }

    // The first field is the key.
    fn values(&self, columns: &[StoredColumn], mut row: TextRow) -> Values {
        let image = self.database.image();
        let value = |(place, column): (usize, &StoredColumn)| {
            let text = row.take(place + 1);
            let value = text.map_or(crate::archive::line::Value::Null, |text| {
                image.value(&column.type_name, text)
            });
            (column.name.clone(), value)
        };
        columns.iter().enumerate().map(value).collect()
    }

    fn file(&self) -> MutexGuard<'_, ArchiveFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(file: &ArchiveFile, error: &io::Error) -> Error {
    Error::ArchiveFailed {
        path: file.path(),
        problem: error.to_string(),
    }
}
