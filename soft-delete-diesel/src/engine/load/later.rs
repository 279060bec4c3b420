//! Values that are filled in later: foreign keys to rows of the same transaction that come back after the row itself.

use std::collections::BTreeMap;

use super::super::{
    back_reference, foreign_keys,
    transaction::{self, Work, write_first},
};
use crate::{
    Descriptor, Registry, Result,
    archive::{ArchiveIndex, BatchPlace},
    executor::Executor,
    schema_facts::SchemaFacts,
    statement::{FillRow, NewValue, Touch},
};

/// A row that is there with NULL for some of its values.
pub(super) struct Unfinished {
    pub(super) model: &'static Descriptor,
    pub(super) id: String,
    /// Its key, and the deletion that it was removed after: another row may have the key by now.
    pub(super) identity: Vec<(String, NewValue)>,
    /// The columns and what belongs there.
    pub(super) values: Vec<(String, NewValue)>,
}

/// Which columns of a model refer to which others, asked once.
#[derive(Default)]
pub(super) struct LaterColumns {
    facts: Option<SchemaFacts>,
    known: BTreeMap<(String, String), Vec<String>>,
}

impl LaterColumns {
    /// The columns of this batch's rows that refer to rows of batches which come back after it.
    pub(super) async fn of<E: Executor>(
        &mut self,
        executor: &mut E,
        registry: &Registry,
        index: &ArchiveIndex,
        number: usize,
    ) -> Result<Vec<String>> {
        let model = registry.model(&index.batches[number].end.model)?;
        let mut columns = Vec::new();
        for batch in rest_of_transaction(index, number) {
            let later = registry.model(&batch.end.model)?;
            if later.name() == model.name() {
                continue;
            }
            let pair = (model.name().to_owned(), later.name().to_owned());
            if !self.known.contains_key(&pair) {
                let found = self.between(executor, registry, model, later).await?;
                self.known.insert(pair.clone(), found);
            }
            columns.extend(self.known.get(&pair).into_iter().flatten().cloned());
        }
        columns.sort_unstable();
        columns.dedup();
        Ok(columns)
    }

    async fn between<E: Executor>(
        &mut self,
        executor: &mut E,
        registry: &Registry,
        model: &'static Descriptor,
        later: &'static Descriptor,
    ) -> Result<Vec<String>> {
        let facts = match self.facts.take() {
            Some(facts) => facts,
            None => foreign_keys::facts_of(executor, registry.models()).await?,
        };
        let facts = self.facts.insert(facts);
        let keys = facts.keys_into(&later.table).iter();
        let own = keys.filter(|key| facts.is_same(&model.table, &key.canonical_child));
        let own: Vec<&String> = own.flat_map(|key| &key.columns).collect();
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let mut columns = back_reference::nullable_columns(executor, model).await?;
        columns.retain(|column| {
            let is_same = |other: &str| other.eq_ignore_ascii_case(column);
            own.iter().any(|own| is_same(own)) && !model.named_columns().any(|named| is_same(named.name()))
        });
        Ok(columns)
    }
}

/// Whether nothing of the batch's transaction comes back after it.
pub(super) fn is_last_of_transaction(index: &ArchiveIndex, number: usize) -> bool {
    rest_of_transaction(index, number).next().is_none()
}

// The batches come back in the reverse order of their removal.
fn rest_of_transaction(index: &ArchiveIndex, number: usize) -> impl Iterator<Item = &BatchPlace> {
    let before = index.batches[..number].iter().rev();
    before.take_while(|batch| batch.end.goes_on)
}

impl<E: Executor> Work<E> for Unfinished {
    type Answer = ();

    fn is_one_statement(&self) -> bool {
        false
    }

    // A row that was changed since stays as it is.
    async fn run(&self, executor: &mut E) -> Result<()> {
        write_first(executor, &Touch(self.model)).await?;
        let row = FillRow {
            model: self.model,
            identity: &self.identity,
            values: &self.values,
        };
        executor.execute(&row).await?;
        Ok(())
    }
}

impl Unfinished {
    pub(super) async fn fill<E: Executor>(&self, executor: &mut E) -> Result<()> {
        transaction::repeated(executor, self).await
    }
}
