//! `soft-delete.toml`: the models of an application that is not written in Rust.

use std::{fs, io, path::Path};

use serde::Deserialize;
use soft_delete::{FoundTable, Registry, Retention, Roles};

use crate::{exit::Exit, failure::Failure};

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
    retention: Option<String>,
    #[serde(default)]
    reason_required: bool,
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
        toml::from_str(&text)
            .map(Some)
            .map_err(|error| bad(path, &error.to_string()))
    }

    /// The names of the columns that mark deletions.
    pub(crate) fn marks(&self) -> Vec<String> {
        let mut marks: Vec<String> = self.models.iter().map(|model| model.deleted_at.clone()).collect();
        marks.sort();
        marks.dedup();
        marks
    }

    /// The models that it names, of the tables that were found.
    pub(crate) fn registry(&self, path: &Path, tables: &[FoundTable]) -> Result<Registry, Failure> {
        let mut registry = Registry::new();
        for model in &self.models {
            let table = tables
                .iter()
                .find(|table| table.name().to_string() == model.table);
            let table = table.ok_or_else(|| {
                bad(
                    path,
                    &format!(
                        "there is no table {} with a column {}",
                        model.table, model.deleted_at
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
            registry = registry.with_table(descriptor);
        }
        Ok(registry)
    }
}

impl ModelConfig {
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

fn bad(path: &Path, problem: &str) -> Failure {
    Failure::new(Exit::Usage, format!("{}: {problem}", path.display()))
}

/// The file for these tables, with what can be said of each, and what keeps others from being models.
pub(crate) fn written(tables: &[FoundTable]) -> String {
    let mut text = String::from(
        "# The models of `soft-delete`: tables whose rows are marked deleted, by the roles of their columns.\n\
         # The connection comes from --database-url or DATABASE_URL; or say it here:\n\
         # database_url = \"postgres://app@localhost/app\"\n",
    );
    let mut left_out = String::new();
    for table in tables {
        let roles = table.roles("deleted_at");
        match table.descriptor(&roles) {
            Ok(_) => model(&mut text, &table.name().to_string(), &roles),
            Err(problem) => left_out += &format!("# {}: {problem}\n", table.name()),
        }
    }
    if !left_out.is_empty() {
        text.push_str("\n# Tables with a column deleted_at that cannot be models:\n");
        text.push_str(&left_out);
    }
    text
}

fn model(text: &mut String, table: &str, roles: &Roles) {
    let quoted = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let mut line = |name: &str, value: &str| {
        *text += &format!("{name} = {}\n", quoted(value));
    };
    line("\n[[models]]\ntable", table);
    line("deleted_at", &roles.deleted_at);
    for (name, value) in [
        ("deleted_by", &roles.deleted_by),
        ("deletion_reason", &roles.deletion_reason),
        ("deletion_id", &roles.deletion_id),
        ("purge_after", &roles.purge_after),
        ("is_deleted", &roles.is_deleted),
        ("label", &roles.label),
    ] {
        if let Some(value) = value {
            line(name, value);
        }
    }
    text.push_str("# How long deleted rows stay: a number of days, hours or weeks, or \"forever\".\nretention = \"30 days\"\n# Refuses a deletion without a reason:\n# reason_required = true\n");
}
