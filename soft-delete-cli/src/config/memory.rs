//! What the file remembers of the catalogue, so that a question need not begin with a look at it.

use soft_delete::{Database, FoundColumn, FoundTable};

use super::{Config, ModelConfig, table_name};

impl Config {
    /// The tables of all models as far as their roles go; `None` unless the types of all these columns are remembered.
    pub(crate) fn remembered(&self, database: Database) -> Option<Vec<FoundTable>> {
        let tables = self.models.iter().map(|model| model.remembered(database));
        tables.collect()
    }

    /// What is remembered otherwise than it was found, in words for people.
    pub(crate) fn outdated<'t>(&'t self, found: &'t [FoundTable]) -> impl Iterator<Item = String> + 't {
        let tables = self.models.iter().filter_map(|model| {
            let table = found
                .iter()
                .find(|table| table.name().to_string() == model.table)?;
            Some((model, table))
        });
        tables.filter_map(|(model, table)| {
            let key: Vec<&str> = table
                .primary_key()
                .iter()
                .map(|column| column.name.as_str())
                .collect();
            if !model.primary_key.is_empty() && model.primary_key != key {
                let key = key.join(", ");
                return Some(format!("the primary key of {} is {key}", model.table));
            }
            let mut remembered = model.types.iter();
            let (name, now) = remembered.find_map(|(name, sql_type)| {
                let now = &table.column(name)?.sql_type;
                (now != sql_type).then_some((name, now))
            })?;
            Some(format!("the type of {}.{name} is {now}", model.table))
        })
    }
}

impl ModelConfig {
    fn remembered(&self, database: Database) -> Option<FoundTable> {
        let mut table = FoundTable::new(database, table_name(&self.table));
        for (place, name) in self.primary_key.iter().enumerate() {
            table.add(FoundColumn::new(name, self.types.get(name)?).in_key(place + 1));
        }
        for name in self.roles().columns() {
            if table.column(name).is_none() {
                table.add(FoundColumn::new(name, self.types.get(name)?));
            }
        }
        (!self.primary_key.is_empty()).then_some(table)
    }
}
