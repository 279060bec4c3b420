//! Answers for programs: one document, or one for each thing.

use std::io::{self, Write};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Document, Item};

/// The version of the JSON documents; it rises when a field changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;

impl Document {
    /// One document, of all that there is to say.
    pub(super) fn json(self, out: &mut dyn Write) -> io::Result<()> {
        let items: Vec<Ordered<'_>> = self.ordered().collect();
        serde_json::to_writer_pretty(
            &mut *out,
            &Whole {
                document: &self,
                items,
            },
        )?;
        writeln!(out)
    }

    /// A line for each thing.
    pub(super) fn jsonl(self, out: &mut dyn Write) -> io::Result<()> {
        for item in self.ordered() {
            serde_json::to_writer(&mut *out, &item)?;
            writeln!(out)?;
        }
        Ok(())
    }

    fn ordered(&self) -> impl Iterator<Item = Ordered<'_>> {
        let first = self.csv_columns.unwrap_or(&self.columns);
        self.items.iter().map(move |item| Ordered { first, item })
    }
}

/// A thing with what matters first, as in columns; the rest follows by name.
struct Ordered<'d> {
    first: &'d [&'static str],
    item: &'d Item,
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let first = self.first.iter();
        let first = first.filter_map(|name| Some((*name, self.item.get(name)?)));
        serializer.collect_map(first.chain(self.item.beside(self.first)))
    }
}

/// The document as JSON: its version, what is said of all, and the things.
struct Whole<'d> {
    document: &'d Document,
    items: Vec<Ordered<'d>>,
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Document { fields, name, .. } = self.document;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
        for (name, value) in fields {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry(name, &self.items)?;
        map.end()
    }
}
