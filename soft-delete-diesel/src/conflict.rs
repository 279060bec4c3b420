//! Two models of one table that say different things of it.

use crate::{Column, Descriptor, Error};

/// A model and the words by which people know it: the Rust type, or where it came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registered {
    pub(crate) model: &'static Descriptor,
    pub(crate) origin: &'static str,
}

/// A model that was not taken into a registry, because another one of its table says something else.
#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    pub(crate) table: String,
    first: &'static str,
    second: &'static str,
    differences: Vec<String>,
}

impl Conflict {
    /// The conflict between two models of one table, if there is one.
    pub(crate) fn between(first: Registered, second: Registered) -> Option<Self> {
        // Most models are met again as themselves.
        if std::ptr::eq(first.model, second.model) {
            return None;
        }
        let differences = differences(first.model, second.model);
        (!differences.is_empty()).then(|| Self {
            table: first.model.name().to_owned(),
            first: first.origin,
            second: second.origin,
            differences,
        })
    }

    /// The error that names both.
    pub(crate) fn error(&self) -> Error {
        Error::ConflictingModels {
            table: self.table.clone(),
            first: self.first.to_owned(),
            second: self.second.to_owned(),
            differences: self.differences.clone(),
        }
    }
}

// Every rule that decides about rows; the label of a row, which is for people to read, is none.
fn differences(first: &Descriptor, second: &Descriptor) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |rule: &str, of: &dyn Fn(&Descriptor) -> String| {
        let (one, other) = (of(first), of(second));
        if one != other {
            differences.push(format!("{rule} ({one} and {other})"));
        }
    };
    compare("the key", &|model| columns(&model.key));
    compare("deleted_at", &|model| column(Some(&model.deleted_at)));
    compare("deleted_by", &|model| column(model.deleted_by.as_ref()));
    compare("deletion_reason", &|model| column(model.deletion_reason.as_ref()));
    compare("deletion_id", &|model| column(model.deletion_id.as_ref()));
    compare("purge_after", &|model| column(model.purge_after.as_ref()));
    compare("is_deleted", &|model| column(model.is_deleted.as_ref()));
    compare("the retention", &|model| model.retention_policy().to_string());
    compare("the required reason", &|model| yes_or_no(model.reason_required));
    compare("the audit", &|model| yes_or_no(model.audited));
    compare("the hooks", &|model| {
        model
            .hooks
            .as_ref()
            .map_or_else(|| "none".to_owned(), |hook| hook.name().to_owned())
    });
    compare("the unique columns", &|model| {
        sorted(model.unique.iter().map(|columns| columns.join(", ")))
    });
    compare("the harmless triggers", &|model| {
        sorted(model.harmless_triggers.iter().cloned())
    });
    compare("the relations", &|model| {
        sorted(model.relations.iter().map(|relation| relation.rule(model)))
    });
    differences
}

fn columns(columns: &[Column]) -> String {
    let columns = columns.iter().map(|part| column(Some(part)));
    columns.collect::<Vec<_>>().join(", ")
}

fn column(column: Option<&Column>) -> String {
    column.map_or_else(
        || "none".to_owned(),
        |column| format!("{} as {:?}", column.name(), column.kind()),
    )
}

fn yes_or_no(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

fn sorted(rules: impl Iterator<Item = String>) -> String {
    let mut rules: Vec<String> = rules.collect();
    rules.sort();
    if rules.is_empty() {
        "none".to_owned()
    } else {
        rules.join("; ")
    }
}
