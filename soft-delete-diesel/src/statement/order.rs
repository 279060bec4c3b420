//! The order in which a cleanup walks through a table, and how far it has come.

use diesel::result::QueryResult;

use super::{TextRow, Writer};
use crate::{Column, Descriptor, Dialect};

/// The columns by which rows follow each other; the key is among them, so no two rows share a place.
pub(crate) struct Order {
    model: &'static Descriptor,
    by_time: bool,
}

/// Where the last row stood: its values of the order's columns, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place(Vec<String>);

impl Place {
    /// The place as one text that can stand in a URL: its values, with a `~` between them, and everything but letters,
    /// digits, `-`, `_` and `.` as in a URL.
    pub(crate) fn as_text(&self) -> String {
        let mut text = String::new();
        for (number, value) in self.0.iter().enumerate() {
            text.push_str(if number > 0 { "~" } else { "" });
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                    text.push(char::from(byte));
                } else {
                    text.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        text
    }

    /// Reads what [`Place::as_text`] wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        text.split('~').map(unescaped).collect::<Option<_>>().map(Self)
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

impl Order {
    /// Whether a place was made in an order like this.
    pub(crate) fn has(&self, place: &Place) -> bool {
        place.0.len() == self.len()
    }

    /// By the key: quickest where much of the table is to be removed.
    pub(crate) fn by_key(model: &'static Descriptor) -> Self {
        Self {
            model,
            by_time: false,
        }
    }

    /// By the time of the deletion, for which there is an index on deleted rows: quickest where little is.
    pub(crate) fn by_time(model: &'static Descriptor) -> Self {
        Self { model, by_time: true }
    }

    /// How many columns it has.
    pub(crate) fn len(&self) -> usize {
        self.model.key.len() + usize::from(self.by_time)
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        let time = self.by_time.then_some(&self.model.deleted_at);
        time.into_iter().chain(&self.model.key)
    }

    /// Takes a place from a row, beginning with this field; `None` if there is none.
    pub(crate) fn take(&self, row: &mut TextRow, first: usize) -> Option<Place> {
        (first..first + self.len())
            .map(|index| row.take(index))
            .collect::<Option<Vec<_>>>()
            .map(Place)
    }

    /// `t.deleted_at, t.id`, each with what stands behind it.
    pub(super) fn list<DB: Dialect>(
        &self,
        behind: &'static str,
        out: &mut Writer<'_, '_, DB>,
    ) -> QueryResult<()> {
        for (number, column) in self.columns().enumerate() {
            out.sql(if number > 0 { ", " } else { "" })
                .qualified(Some(self.model.table.name()), column.name())?
                .sql(behind);
        }
        Ok(())
    }

    /// `(deleted_at, id) > (?, ?)`, or part by part where the database finds no index for that.
    pub(super) fn compare<'b, DB: Dialect>(
        &self,
        how: Compared,
        place: &'b Place,
        out: &mut Writer<'_, 'b, DB>,
    ) -> QueryResult<()> {
        let parts: Vec<(&Column, &'b String)> = self.columns().zip(&place.0).collect();
        let (strict, wide) = match how {
            Compared::After | Compared::From => (" > ", " >= "),
            Compared::UpTo | Compared::Before => (" < ", " <= "),
        };
        if out.syntax().compares_rows() || parts.len() == 1 {
            let names: Vec<&str> = parts.iter().map(|(column, _)| column.name()).collect();
            out.tuple(None, &names)?.sql(match how {
                Compared::After | Compared::Before => strict,
                Compared::UpTo | Compared::From => wide,
            });
            out.sql(if parts.len() > 1 { "(" } else { "" });
            for (number, (column, value)) in parts.iter().enumerate() {
                out.sql(if number > 0 { ", " } else { "" })
                    .stored(column.kind(), value)?;
            }
            out.sql(if parts.len() > 1 { ")" } else { "" });
            return Ok(());
        }
        // The first part alone is a range of the index; the rest tells rows at its edge apart.
        let (column, value) = parts[0];
        out.identifier(column.name())?.sql(wide);
        out.stored(column.kind(), value)?.sql(" AND (");
        for last in 0..parts.len() {
            let is_last = last + 1 == parts.len();
            out.sql(if last > 0 { " OR (" } else { "(" });
            for (number, (column, value)) in parts.iter().take(last + 1).enumerate() {
                out.sql(if number > 0 { " AND " } else { "" })
                    .identifier(column.name())?;
                out.sql(match how {
                    _ if number < last => " = ",
                    Compared::UpTo | Compared::From if is_last => wide,
                    _ => strict,
                })
                .stored(column.kind(), value)?;
            }
            out.sql(")");
        }
        out.sql(")");
        Ok(())
    }
}

/// On which side of a place rows stand.
#[derive(Clone, Copy)]
pub(super) enum Compared {
    /// Behind it.
    After,
    /// Behind it, or at it.
    From,
    /// Before it, or at it.
    UpTo,
    /// Before it.
    Before,
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for values in [
            &["2026-01-15 12:00:00.120000", "7"][..],
            &["", "a~b%,ü", "\n"],
            &["x"],
        ] {
            let place = Place(values.iter().map(ToString::to_string).collect());
            let text = place.as_text();
            assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.%~".contains(&byte)),
                "{text}"
            );
            assert_eq!(Place::read(&text).map(|place| place.0), Some(place.0));
        }
        for text in ["%", "%4", "%zz", "%ff"] {
            assert!(Place::read(text).is_none(), "{text}");
        }
    }
}
