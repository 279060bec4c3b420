//! A key that was read as text.

use diesel::{query_builder::AstPass, result::QueryResult};

use super::{TextRow, Writer};
use crate::{ColumnKind, Descriptor, Dialect, Error, KeyBinds, Result};

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

impl TextKey {
    /// Reads a key as the audit trail writes it: the value, or the parts of a composite key with commas between them, `%` and
    /// `,` inside a text escaped as in a URL.
    pub(crate) fn parse(model: &Descriptor, id: &str) -> Result<Self> {
        let bad = || Error::BadKey {
            model: model.name.clone(),
            id: id.to_owned(),
            expected: expected(model),
        };
        if let [column] = model.key.as_slice() {
            let part = part(column.kind(), id).ok_or_else(bad)?;
            return Ok(Self(vec![part]));
        }
        let parts: Vec<&str> = id.split(',').collect();
        if parts.len() != model.key.len() {
            return Err(bad());
        }
        let pairs = model.key.iter().zip(parts);
        let parts = pairs.map(|(column, text)| {
            let text = if column.kind().is_text() {
                text.replace("%2C", ",").replace("%25", "%")
            } else {
                text.to_owned()
            };
            part(column.kind(), &text)
        });
        parts.collect::<Option<_>>().map(Self).ok_or_else(bad)
    }
}

fn part(kind: ColumnKind, text: &str) -> Option<(ColumnKind, String)> {
    let is_hex = || text.len() % 2 == 0 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_one = kind.accepts(text) || (kind == ColumnKind::Binary && is_hex());
    is_one.then(|| (kind, as_written(kind, text)))
}

// A value as the audit log writes it, where that does not depend on the row: `007` is 7, and a UUID may stand in braces.
fn as_written(kind: ColumnKind, text: &str) -> String {
    let written = match kind {
        kind if kind.is_integer() => text.parse().ok().map(|number: i128| number.to_string()),
        ColumnKind::Uuid => text.parse().ok().map(|id: uuid::Uuid| id.to_string()),
        ColumnKind::Binary => Some(text.to_ascii_lowercase()),
        _ => None,
    };
    written.unwrap_or_else(|| text.to_owned())
}

fn expected(model: &Descriptor) -> String {
    let parts: Vec<String> = model
        .key
        .iter()
        .map(|column| match column.kind() {
            ColumnKind::Binary => format!("{} (bytes in hexadecimal digits)", column.name()),
            kind => format!("{} ({})", column.name(), kind.in_words()),
        })
        .collect();
    parts.join(",")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, TableName};

    fn model(kinds: &[ColumnKind]) -> Descriptor {
        let deleted_at = Column::new("deleted_at", ColumnKind::Timestamp);
        let model = Descriptor::new(TableName::new("leads"), deleted_at);
        let keys = kinds.iter().enumerate();
        keys.fold(model, |model, (place, kind)| {
            model.key(Column::new(format!("k{place}"), *kind))
        })
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let texts = |kinds: &[ColumnKind], id: &str| -> Option<Vec<String>> {
            let key = TextKey::parse(&model(kinds), id).ok()?;
            Some(key.0.into_iter().map(|(_, text)| text).collect())
        };
        let one = |text: &str| Some(vec![text.to_owned()]);
        assert_eq!(texts(&[ColumnKind::BigInt], "7"), one("7"));
        assert_eq!(texts(&[ColumnKind::BigInt], "7; DROP TABLE leads"), None);
        assert_eq!(texts(&[ColumnKind::SmallInt], "70000"), None);
        assert_eq!(texts(&[ColumnKind::Text], "a,%b"), one("a,%b"));
        assert_eq!(texts(&[ColumnKind::Binary], "00fF"), one("00ff"));
        assert_eq!(texts(&[ColumnKind::Integer], "+007"), one("7"));
        assert_eq!(
            texts(&[ColumnKind::Uuid], "{018CC251-F400-7000-8000-00000000000A}"),
            one("018cc251-f400-7000-8000-00000000000a")
        );
        assert_eq!(texts(&[ColumnKind::Binary], "00f"), None);
        let both = [ColumnKind::Text, ColumnKind::Integer];
        assert_eq!(
            texts(&both, "north%2C 100%252C%25,1"),
            Some(vec!["north, 100%2C%".to_owned(), "1".to_owned()])
        );
        assert_eq!(texts(&both, "north"), None);
        let error = TextKey::parse(&model(&both), "7")
            .expect_err("one part")
            .to_string();
        assert_eq!(
            error,
            "\"7\" is no key of leads: a key there is k0 (text),k1 (a 32-bit integer)"
        );
    }
}
