//! A key that was read as text.

use diesel::{query_builder::AstPass, result::QueryResult};

use super::{TextRow, Writer};
use crate::{ColumnKind, Descriptor, Dialect, KeyBinds};

/// A key whose parts were read as text, to be bound again.
#[derive(Debug, Clone)]
pub(crate) struct TextKey(Vec<(ColumnKind, String)>);

impl TextKey {
    /// Takes the parts of a model's key from a row, beginning with this field.
    pub(crate) fn take(model: &Descriptor, row: &mut TextRow, first: usize) -> Self {
        let parts = model.key.iter().enumerate();
        Self(
            parts
                .map(|(part, column)| (column.kind(), row.take(first + part).unwrap_or_default()))
                .collect(),
        )
    }
}

impl<DB: Dialect> KeyBinds<DB> for TextKey {
    fn bind<'b>(&'b self, part: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some((kind, text)) = self.0.get(part) else {
            return Err(diesel::result::Error::QueryBuilderError(
                "the key has fewer parts than columns".into(),
            ));
        };
        Writer::new(out).value(*kind, text).map(drop)
    }
}
