//! `soft-delete.toml`: the models of an application that is not written in Rust.

mod memory;
mod written;

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::Deserialize;
use soft_delete::{
    Descriptor, FoundForeignKey, FoundTable, Registry, Retention, Roles, TableName, TableRelation,
};

use crate::{exit::Exit, failure::Failure, output, target};
pub(crate) use written::written;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the database is, unless the command line or `DATABASE_URL` says so.
    pub(crate) database_url: Option<String>,
    #[serde(default)]
    models: Vec<ModelConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelConfig {
    table: String,
    #[serde(default = "deleted_at")]
    deleted_at: String,
    deleted_by: Option<String>,
    deletion_reason: Option<String>,
    deletion_id: Option<String>,
    purge_after: Option<String>,
    is_deleted: Option<String>,
    label: Option<String>,
    /// The columns of the primary key, and the types of columns as the catalogue had them.
    #[serde(default)]
    primary_key: Vec<String>,
    #[serde(default)]
    types: BTreeMap<String, String>,
    retention: Option<String>,
    #[serde(default)]
    reason_required: bool,
    /// Rows that go along and come back together.
    #[serde(default)]
    cascade: Vec<ChildConfig>,
    /// Rows that keep those they refer to from being deleted.
    #[serde(default)]
    restrict: Vec<ChildConfig>,
    /// Rows without deletion columns, which are removed together with those that they refer to.
    #[serde(default)]
    owns: Vec<ChildConfig>,
    /// Triggers on DELETE that somebody has looked at, and that change no row which should stay.
    #[serde(default)]
    harmless_trigger: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChildConfig {
    table: String,
    foreign_key: ForeignKeyConfig,
    /// The parent's columns that it refers to, where that is not the primary key.
    references: Option<ForeignKeyConfig>,
    /// Whether rows of a cascade are removed when they are due themselves, before those that they were deleted with.
    #[serde(default)]
    apart: bool,
    /// The values that a child's row has in other columns, where rows of several tables are referred to.
    #[serde(default, rename = "where")]
    conditions: BTreeMap<String, ConditionConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ConditionConfig {
    Text(String),
    Number(i64),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ForeignKeyConfig {
    Column(String),
    Columns(Vec<String>),
}

fn deleted_at() -> String {
    "deleted_at".to_owned()
}

impl Config {
    /// Reads the file; `None` where there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(bad(path, &error.to_string())),
        };
        let config: Self = toml::from_str(&text).map_err(|error| bad(path, &told(&error, &text)))?;
        if config.holds_password() && others_can_read(path) {
            output::tell(&format!(
                "warning: {} may hold a password and others can read it: chmod 600",
                path.display()
            ));
        }
        Ok(Some(config))
    }

    fn holds_password(&self) -> bool {
        let url = self.database_url.as_deref().unwrap_or_default();
        target::shown(url) != url
    }

    /// The names of the columns that mark deletions.
    pub(crate) fn marks(&self) -> Vec<String> {
        let mut marks: Vec<String> = self.models.iter().map(|model| model.deleted_at.clone()).collect();
        marks.sort();
        marks.dedup();
        marks
    }

    /// The tables of its models that it names with their schema.
    pub(crate) fn names_with_schema(&self) -> impl Iterator<Item = TableName> + '_ {
        let names = self.models.iter().map(|model| table_name(&model.table));
        names.filter(|name| name.schema().is_some())
    }

    /// The models that it names, of the tables that were found.
    pub(crate) fn registry(
        &self,
        path: &Path,
        tables: &[FoundTable],
        foreign_keys: &[FoundForeignKey],
    ) -> Result<Registry, Failure> {
        let mut models = Vec::new();
        let mut relations = Vec::new();
        for model in &self.models {
            let table = tables
                .iter()
                .find(|table| table.name().to_string() == model.table);
            let table = table.ok_or_else(|| {
                bad(
                    path,
                    &format!(
                        "there is no table {} with a column {}{}",
                        model.table,
                        model.deleted_at,
                        other_name(&model.table, tables)
                    ),
                )
            })?;
            let mut descriptor = table
                .descriptor(&model.roles())
                .map_err(|problem| bad(path, &format!("{}: {problem}", model.table)))?;
            if let Some(retention) = &model.retention {
                let retention: Retention = retention
                    .parse()
                    .map_err(|error| bad(path, &format!("{}: {error}", model.table)))?;
                descriptor = descriptor.retention(retention);
            }
            if model.reason_required {
                descriptor = descriptor.reason_required();
            }
            if model.harmless_trigger.iter().any(|name| name.trim().is_empty()) {
                return Err(bad(
                    path,
                    &format!("{}: a name in harmless_trigger is empty", model.table),
                ));
            }
            let triggers = model.harmless_trigger.iter();
            descriptor = triggers.fold(descriptor, Descriptor::harmless_trigger);
            if models
                .iter()
                .any(|known: &Descriptor| known.name() == descriptor.name())
            {
                return Err(bad(path, &format!("{} is named twice", model.table)));
            }
            relations.extend(model.relations(table.name(), tables));
            models.push(descriptor);
        }
        relations.extend(references(&models, foreign_keys));
        Registry::new()
            .with_tables(models, &relations)
            .map_err(|error| bad(path, &error.to_string()))
    }
}

impl ModelConfig {
    fn relations(&self, parent: &TableName, tables: &[FoundTable]) -> Vec<TableRelation> {
        type Make = fn(TableName, TableName, Vec<String>) -> TableRelation;
        let kinds: [(&[ChildConfig], Make); 3] = [
            (&self.cascade, TableRelation::cascade),
            (&self.restrict, TableRelation::restrict),
            (&self.owns, TableRelation::owns),
        ];
        let of_kind = |(children, make): (&[ChildConfig], Make)| -> Vec<TableRelation> {
            children
                .iter()
                .map(|child| {
                    let columns = child.foreign_key.columns();
                    let found = tables
                        .iter()
                        .find(|table| table.name().to_string() == child.table);
                    let is_nullable = found.is_none_or(|found| can_be_null(found, &columns));
                    let relation = make(parent.clone(), table_name(&child.table), columns);
                    let relation = match &child.references {
                        Some(referred) => relation.references(referred.columns()),
                        None => relation,
                    };
                    let conditions = child.conditions.iter();
                    let relation = conditions.fold(relation, |relation, (column, value)| match value {
                        ConditionConfig::Text(text) => relation.only_where(column, text.as_str()),
                        ConditionConfig::Number(number) => relation.only_where(column, *number),
                    });
                    let relation = if child.apart { relation.apart() } else { relation };
                    if is_nullable {
                        relation
                    } else {
                        relation.not_nullable()
                    }
                })
                .collect()
        };
        kinds.into_iter().flat_map(of_kind).collect()
    }

    fn roles(&self) -> Roles {
        let mut roles = Roles::default();
        roles.deleted_at.clone_from(&self.deleted_at);
        roles.deleted_by.clone_from(&self.deleted_by);
        roles.deletion_reason.clone_from(&self.deletion_reason);
        roles.deletion_id.clone_from(&self.deletion_id);
        roles.purge_after.clone_from(&self.purge_after);
        roles.is_deleted.clone_from(&self.is_deleted);
        roles.label.clone_from(&self.label);
        roles
    }
}

/// What the catalog tells of these models, for rows not to come back under deleted ones.
pub(crate) fn references(models: &[Descriptor], foreign_keys: &[FoundForeignKey]) -> Vec<TableRelation> {
    let is_model = |name: &TableName| models.iter().any(|model| model.table() == name);
    let among_models = foreign_keys
        .iter()
        .filter(|key| is_model(&key.parent) && is_model(&key.child));
    let references = among_models.map(|key| {
        TableRelation::reference(key.parent.clone(), key.child.clone(), &key.columns)
            .references(&key.parent_columns)
    });
    references.collect()
}

impl ForeignKeyConfig {
    fn columns(&self) -> Vec<String> {
        match self {
            Self::Column(column) => vec![column.clone()],
            Self::Columns(columns) => columns.clone(),
        }
    }
}

#[cfg(unix)]
fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o044 > 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &Path) -> bool {
    false
}

// A column that is not there may be NULL: what is wrong with it shows when it is asked for.
fn can_be_null(table: &FoundTable, columns: &[String]) -> bool {
    let column = |name: &String| table.columns().iter().find(|column| column.name == *name);
    columns
        .iter()
        .any(|name| column(name).is_none_or(|column| column.is_nullable))
}

fn table_name(text: &str) -> TableName {
    match text.split_once('.') {
        Some((schema, name)) => TableName::new(name).in_schema(schema),
        None => TableName::new(text),
    }
}

// With the line that is wrong, unless that is the one with the password.
fn told(error: &toml::de::Error, text: &str) -> String {
    let told = error.to_string();
    if !told.contains("database_url") {
        return told;
    }
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.unwrap_or_default().lines().count().max(1);
    format!("line {line}: {}", error.message())
}

fn bad(path: &Path, problem: &str) -> Failure {
    Failure::new(Exit::Usage, format!("{}: {problem}", path.display()))
}

// A table in the search path goes by its bare name, another one by its schema as well.
fn other_name(asked: &str, tables: &[FoundTable]) -> String {
    let bare = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let names = tables.iter().map(|table| table.name().to_string());
    let alike: Vec<String> = names.filter(|name| bare(name) == bare(asked)).collect();
    if alike.is_empty() {
        String::new()
    } else {
        format!(
            ": name it {}, as this connection's search_path has it",
            alike.join(" or ")
        )
    }
}
