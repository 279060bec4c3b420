//! Keys that the database takes for equal though they are spelled in different ways.

use diesel::result::QueryResult;

use super::{Names, Statement, TextRow, Writer};
use crate::{ColumnKind, Descriptor, Dialect, KeyBinds};

/// The collations of the text columns of a model's key, as far as they may take several spellings for equal.
pub(crate) struct KeyCollations<'a>(pub(crate) &'a Descriptor, pub(crate) Option<&'a str>);

impl<'a> KeyCollations<'a> {
    pub(crate) fn of(model: &'a Descriptor) -> Self {
        Self(model, model.table.schema())
    }
}

impl<DB: Dialect> Statement<DB> for KeyCollations<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let [before, between, after] = out.syntax().key_collations();
        out.sql(before).nullable_text(&self.1)?;
        out.sql(between).text(self.0.table.name())?.sql(after);
        Ok(())
    }
}

/// A collation as the catalog names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Collation {
    character_set: Option<String>,
    schema: Option<String>,
    name: String,
}

impl Collation {
    /// Reads a row of [`KeyCollations`].
    pub(crate) fn read(mut row: TextRow) -> Self {
        Self {
            character_set: row.take(0),
            schema: row.take(1),
            name: row.take(2).unwrap_or_default(),
        }
    }

    fn write<'b, DB: Dialect>(
        &self,
        out: &mut Writer<'_, 'b, DB>,
        value: impl FnOnce(&mut Writer<'_, 'b, DB>) -> QueryResult<()>,
    ) -> QueryResult<()> {
        out.sql(if self.character_set.is_some() {
            "CONVERT("
        } else {
            ""
        });
        value(out)?;
        if let Some(character_set) = &self.character_set {
            out.sql(" USING ").identifier(character_set)?.sql(")");
        }
        out.sql(" COLLATE ");
        out.qualified(self.schema.as_deref(), &self.name)?;
        Ok(())
    }
}

/// The key of the latest audit entry whose record is equal to this one by the equality of the key's column:
/// `SELECT record_id FROM soft_delete_audit WHERE model IN (..) AND record_id COLLATE .. = ? ORDER BY id DESC LIMIT 1`
///
/// It looks at every audit entry of the model, so it is asked only where neither the row nor an entry with the key as it
/// was given is there.
pub(crate) struct AuditedAlike<'a, DB: Dialect> {
    pub(crate) model: &'a Descriptor,
    pub(crate) key: &'a dyn KeyBinds<DB>,
    /// Where there is none, by the key's own type.
    pub(crate) collation: Option<&'a Collation>,
}

impl<DB: Dialect> Statement<DB> for AuditedAlike<'_, DB> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let Self {
            model,
            key,
            collation,
        } = self;
        out.sql("SELECT record_id FROM soft_delete_audit WHERE model");
        Names::of(model).are(out)?;
        out.sql(" AND ");
        if let Some(collation) = collation {
            collation.write(out, |out| {
                out.sql("record_id");
                Ok(())
            })?;
            out.sql(" = ");
            collation.write(out, |out| out.bound_key_text(model, *key).map(drop))?;
        } else {
            let (before, after) = out.syntax().cast(ColumnKind::Citext);
            out.sql(before).sql("record_id").sql(after).sql(" = ").sql(before);
            out.bound_key_text(model, *key)?.sql(after);
        }
        out.sql(" ORDER BY soft_delete_audit.id DESC LIMIT 1");
        Ok(())
    }
}
