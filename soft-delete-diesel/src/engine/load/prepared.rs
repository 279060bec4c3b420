//! A batch of an archive, ready to be written into the tables as they are now.

use std::collections::{BTreeMap, HashSet};

use super::{
    super::{database, images},
    later::Unfinished,
};
use crate::{
    Database, Descriptor, Relation, RelationKind, Result, TableName,
    archive::{
        ArchiveIndex, BatchPlace,
        line::{Row, Values},
    },
    executor::Executor,
    family::Link,
    statement::{NewValue, StoredColumn},
};

/// Rows of one model in the reverse order of their removal, with what they own.
pub(super) struct PreparedBatch {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<PreparedRow>,
    pub(super) owned: Vec<PreparedOwned>,
    /// Where the parts of the key are among the columns.
    key: Vec<usize>,
}

pub(super) struct PreparedRow {
    pub(super) id: String,
    pub(super) values: Vec<NewValue>,
    /// What is filled in when the rows that it refers to are there, by column.
    pub(super) later: Vec<(String, NewValue)>,
}

/// The rows of one relation, by their owner.
pub(super) struct PreparedOwned {
    pub(super) relation: &'static Relation,
    pub(super) columns: Vec<String>,
    pub(super) rows: BTreeMap<String, Vec<Vec<NewValue>>>,
}

/// What the catalogue tells of the tables, which is asked once for each.
pub(super) struct Tables {
    database: Database,
    known: BTreeMap<String, Vec<StoredColumn>>,
}

impl Tables {
    pub(super) async fn new<E: Executor>(executor: &mut E) -> Result<Self> {
        Ok(Self {
            database: database(executor).await?,
            known: BTreeMap::new(),
        })
    }

    pub(super) fn database(&self) -> Database {
        self.database
    }

    async fn columns<E: Executor>(&mut self, executor: &mut E, table: &TableName) -> Result<&[StoredColumn]> {
        let name = table.to_string();
        if !self.known.contains_key(&name) {
            let columns = images::columns(executor, table).await?;
            self.known.insert(name.clone(), columns);
        }
        Ok(self.known.get(&name).map_or(&[], Vec::as_slice))
    }
}

impl PreparedBatch {
    pub(super) async fn new<E: Executor>(
        executor: &mut E,
        tables: &mut Tables,
        model: &'static Descriptor,
        index: &ArchiveIndex,
        place: &BatchPlace,
        later: &[String],
    ) -> Result<Self> {
        let batch = index.read(place)?;
        let first = batch.rows.first().map(|row| &row.values);
        let table = Table::read(executor, tables, &model.table, first, index, place).await?;
        let mut key = Vec::new();
        for part in &model.key {
            let is_it = |name: &String| name.eq_ignore_ascii_case(part.name());
            let place_of = table.names.iter().position(is_it);
            key.push(place_of.ok_or_else(|| {
                let problem = format!(
                    "the rows of {model} have no {}",
                    part.name(),
                    model = model.name()
                );
                index.bad_batch(place, problem)
            })?);
        }
        let mut rows = Vec::with_capacity(batch.rows.len());
        for row in parents_first(model, &batch.rows) {
            let mut values = table.row(&row.values, index, place)?;
            let later = table.take_later(&mut values, later);
            rows.push(PreparedRow {
                id: row.id.clone(),
                values,
                later,
            });
        }
        let owners: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut owned: Vec<(Table, PreparedOwned)> = Vec::new();
        for row in batch.owned.iter().rev() {
            let relation = owning(model, &row.table).ok_or_else(|| {
                index.bad_batch(place, format!("{} does not own {}", model.name(), row.table))
            })?;
            if !owners.contains(row.owner.as_str()) {
                let problem = format!("a row of {} has no owner in its batch", row.table);
                return Err(index.bad_batch(place, problem));
            }
            let known = owned
                .iter()
                .position(|(_, known)| known.relation.child_table().to_string() == row.table);
            let known = if let Some(known) = known {
                known
            } else {
                let child = relation.child_table();
                let table = Table::read(executor, tables, child, Some(&row.values), index, place).await?;
                let prepared = PreparedOwned {
                    relation,
                    columns: table.names.clone(),
                    rows: BTreeMap::new(),
                };
                owned.push((table, prepared));
                owned.len() - 1
            };
            let (table, prepared) = &mut owned[known];
            let values = table.row(&row.values, index, place)?;
            prepared.rows.entry(row.owner.clone()).or_default().push(values);
        }
        Ok(Self {
            columns: table.names,
            rows,
            owned: owned.into_iter().map(|(_, owned)| owned).collect(),
            key,
        })
    }

    /// As many as one statement can bind, and few enough to be halved when one is refused.
    pub(super) fn rows_at_once(&self) -> usize {
        const BINDS: usize = 16_000;
        const ROWS: usize = 250;
        let owned = self.owned.iter().map(|owned| owned.columns.len()).max();
        let columns = self.columns.len().max(owned.unwrap_or_default()).max(1);
        (BINDS / columns).clamp(1, ROWS)
    }

    /// The rows of which something is filled in later.
    pub(super) fn unfinished(self, model: &'static Descriptor) -> impl Iterator<Item = Unfinished> {
        let identity = model
            .key
            .iter()
            .chain([&model.deleted_at])
            .chain(&model.deletion_id);
        let columns: Vec<String> = self.columns;
        let places: Vec<usize> = identity
            .filter_map(|part| {
                let mut names = columns.iter();
                names.position(|name| name.eq_ignore_ascii_case(part.name()))
            })
            .collect();
        let rows = self.rows.into_iter().filter(|row| !row.later.is_empty());
        rows.map(move |row| Unfinished {
            model,
            identity: places
                .iter()
                .map(|place| (columns[*place].clone(), row.values[*place].clone()))
                .collect(),
            id: row.id,
            values: row.later,
        })
    }

    /// The parts of a row's key.
    pub(super) fn key_of<'r>(&self, row: &'r PreparedRow) -> Vec<&'r NewValue> {
        self.key.iter().map(|place| &row.values[*place]).collect()
    }
}

// In the reverse order of their removal but that a row comes after the rows of its own table that it refers to: rows of a tree are
// removed together.
fn parents_first<'r>(model: &'static Descriptor, rows: &'r [Row]) -> Vec<&'r Row> {
    let above = &model.relatives().above;
    let is_own = |link: &&Link| above.models[link.parent].name() == model.name();
    let links: Vec<&Link> = above.links_into(0).filter(is_own).collect();
    if links.is_empty() {
        return rows.iter().rev().collect();
    }
    let value = |row: &Row, column: &str| {
        let mut values = row.values.iter();
        let found = values.find(|(name, _)| name.eq_ignore_ascii_case(column));
        found.and_then(|(_, value)| value.text())
    };
    let values = |row: &Row, columns: &[&str]| -> Option<Vec<String>> {
        columns.iter().map(|column| value(row, column)).collect()
    };
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    for link in links {
        let referred = link.relation.parent_columns(model);
        let foreign_key: Vec<&str> = link.foreign_key.iter().map(String::as_str).collect();
        let known = rows.iter().enumerate();
        let known: BTreeMap<Vec<String>, usize> = known
            .filter_map(|(place, row)| Some((values(row, &referred)?, place)))
            .collect();
        for (place, row) in rows.iter().enumerate() {
            let parent = values(row, &foreign_key).and_then(|key| known.get(&key).copied());
            parents[place].extend(parent.filter(|parent| *parent != place));
        }
    }
    let mut is_placed = vec![false; rows.len()];
    let mut ordered = Vec::with_capacity(rows.len());
    for first in (0..rows.len()).rev() {
        let mut waiting = vec![first];
        while let Some(place) = waiting.pop() {
            let next = parents[place].iter().copied().find(|parent| !is_placed[*parent]);
            match next.filter(|parent| !waiting.contains(parent)) {
                Some(parent) => waiting.extend([place, parent]),
                None if is_placed[place] => {}
                None => {
                    is_placed[place] = true;
                    ordered.push(&rows[place]);
                }
            }
        }
    }
    ordered
}

fn owning(model: &'static Descriptor, table: &str) -> Option<&'static Relation> {
    let mut relations = model.relations.iter();
    relations
        .find(|relation| relation.kind() == RelationKind::Owns && relation.child_table().to_string() == table)
}

/// The columns that rows of an archive have, as they are in the database now.
struct Table {
    database: Database,
    names: Vec<String>,
    columns: Vec<StoredColumn>,
}

impl Table {
    async fn read<E: Executor>(
        executor: &mut E,
        tables: &mut Tables,
        name: &TableName,
        values: Option<&Values>,
        index: &ArchiveIndex,
        place: &BatchPlace,
    ) -> Result<Self> {
        let database = tables.database;
        let stored = tables.columns(executor, name).await?;
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        for column in values.into_iter().flat_map(Values::keys) {
            let Some(found) = stored.iter().find(|stored| stored.name == *column) else {
                let problem =
                    format!("{name} has no column {column} to be filled: add it, or take it out of the file");
                return Err(index.bad_batch(place, problem));
            };
            names.push(column.clone());
            columns.push(found.clone());
        }
        Ok(Self {
            database,
            names,
            columns,
        })
    }

    // What stands in these columns is NULL until it is filled in.
    fn take_later(&self, values: &mut [NewValue], later: &[String]) -> Vec<(String, NewValue)> {
        let named = self.names.iter().zip(values);
        let later = named.filter(|(name, value)| value.text.is_some() && later.contains(name));
        later
            .map(|(name, value)| {
                let taken = value.clone();
                value.text = None;
                (name.clone(), taken)
            })
            .collect()
    }

    fn row(&self, values: &Values, index: &ArchiveIndex, place: &BatchPlace) -> Result<Vec<NewValue>> {
        if !values.keys().eq(&self.names) {
            let problem = format!("a row has other columns than {}", self.names.join(", "));
            return Err(index.bad_batch(place, problem));
        }
        let values = self.columns.iter().zip(values.values());
        Ok(values
            .map(|(column, value)| NewValue::new(self.database, column, value))
            .collect())
    }
}
