//! What a command answers, in the form that was asked for.

mod item;
mod json;
mod streams;
mod table;
pub(crate) mod text;
mod time;

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::Value;
use soft_delete::harmless_cell;

pub(crate) use item::Item;
pub(crate) use streams::{print, print_styled, tell};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for people.
    #[default]
    Table,
    /// One document.
    Json,
    /// A document a line.
    Jsonl,
    /// Comma-separated values, safe to be opened in a spreadsheet.
    Csv,
}

/// The answer of a command: things of one kind, and what is to be said about all of them.
#[derive(Debug)]
pub(crate) struct Document {
    fields: Vec<(String, Value)>,
    name: &'static str,
    items: Vec<Item>,
    columns: Vec<&'static str>,
    /// Those of CSV, where they are others.
    csv_columns: Option<&'static [&'static str]>,
    above: Vec<String>,
    below: Vec<String>,
    notes: Vec<String>,
    more: Option<String>,
}

impl Document {
    /// A list of things under this name, of which these fields are shown in columns.
    pub(crate) fn list(name: &'static str, columns: &[&'static str]) -> Self {
        Self {
            fields: Vec::new(),
            name,
            items: Vec::new(),
            columns: columns.to_vec(),
            csv_columns: None,
            above: Vec::new(),
            below: Vec::new(),
            notes: Vec::new(),
            more: None,
        }
    }

    /// The columns of CSV, which has room for more than people want to see.
    pub(crate) fn in_csv(mut self, columns: &'static [&'static str]) -> Self {
        self.csv_columns = Some(columns);
        self
    }

    /// Adds a thing, with all that it says of itself in JSON.
    pub(crate) fn push(&mut self, item: &impl Serialize) -> serde_json::Result<&mut Item> {
        let Value::Object(fields) = serde_json::to_value(item)? else {
            return Err(serde::ser::Error::custom("a thing without fields"));
        };
        Ok(self.add(fields))
    }

    /// Adds a thing whose fields are at hand.
    pub(crate) fn add(&mut self, item: impl Into<Item>) -> &mut Item {
        self.items.push(item.into());
        let last = self.items.len() - 1;
        &mut self.items[last]
    }

    /// Says something about all of them in JSON.
    pub(crate) fn field(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// Says a part of the answer in words, in a line above the table.
    pub(crate) fn above(&mut self, words: impl Into<String>) -> &mut Self {
        self.above.push(words.into());
        self
    }

    /// Says a part of the answer in words, in a line below the table.
    pub(crate) fn below(&mut self, words: impl Into<String>) -> &mut Self {
        self.below.push(words.into());
        self
    }

    /// Tells where the next page begins, which JSON has among its fields.
    pub(crate) fn more(&mut self, after: &impl ToString) -> &mut Self {
        self.more = Some(after.to_string());
        self
    }

    /// Says something to people beside the answer, in a line.
    pub(crate) fn note(&mut self, note: impl Into<String>) -> &mut Self {
        self.notes.push(note.into());
        self
    }

    /// Writes the answer, for a terminal of so many columns if there is one; notes are for people and go to the second.
    pub(crate) fn write(
        self,
        format: Format,
        terminal: Option<usize>,
        out: &mut dyn Write,
        notes: &mut dyn Write,
    ) -> io::Result<()> {
        if let Some(after) = self.more.as_ref().filter(|_| format != Format::Json) {
            writeln!(notes, "More: --after {}", text::line(after))?;
        }
        match format {
            Format::Table => self.table(terminal, out, notes),
            Format::Json => self.json(out),
            Format::Jsonl => self.jsonl(out),
            Format::Csv => self.csv(out),
        }
    }

    fn table(self, terminal: Option<usize>, out: &mut dyn Write, notes: &mut dyn Write) -> io::Result<()> {
        let write = |lines: &[String], out: &mut dyn Write| -> io::Result<()> {
            lines
                .iter()
                .try_for_each(|line| writeln!(out, "{}", text::line(line)))
        };
        let has_table = !self.items.is_empty();
        write(&self.above, out)?;
        if has_table && !self.above.is_empty() {
            writeln!(out)?;
        }
        if has_table {
            table::write(&self.columns, &self.items, terminal, out)?;
        }
        if has_table && !self.below.is_empty() {
            writeln!(out)?;
        }
        write(&self.below, out)?;
        let is_said = [&self.above, &self.below, &self.notes]
            .iter()
            .any(|lines| !lines.is_empty());
        if !has_table && !is_said {
            writeln!(notes, "None.")?;
        }
        write(&self.notes, notes)
    }

    fn csv(self, out: &mut dyn Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        let columns = self.csv_columns.unwrap_or(&self.columns);
        csv.write_record(columns)?;
        for item in &self.items {
            for column in columns {
                csv.write_field(harmless_cell(&raw(item.get(column))).as_bytes())?;
            }
            csv.write_record(None::<&[u8]>)?;
        }
        csv.flush()
    }
}

/// So many rows, in words.
pub(crate) fn rows(number: u64) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} row{s}")
}

fn raw(value: Option<&Value>) -> Cow<'_, str> {
    match value {
        None | Some(Value::Null) => Cow::Borrowed(""),
        Some(Value::String(text)) => Cow::Borrowed(text),
        Some(value) => Cow::Owned(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_answer_in_every_form() {
        let document = || {
            let mut document = Document::list("models", &["model", "active"]);
            document.field("dry_run", true);
            for (model, active) in [("leads", 1200), ("callbacks", 3)] {
                let item = serde_json::json!({"model": model, "active": active, "oldest": null});
                document.push(&item).expect("JSON");
            }
            document.note("two models");
            document
        };
        let written = |format| {
            let (mut out, mut notes) = (Vec::new(), Vec::new());
            document()
                .write(format, None, &mut out, &mut notes)
                .expect("a string");
            let text = |bytes: &[u8]| {
                let bytes = anstream::adapter::strip_bytes(bytes).into_vec();
                String::from_utf8(bytes).expect("text")
            };
            (text(&out), text(&notes))
        };
        assert_eq!(
            written(Format::Table),
            (
                "MODEL      ACTIVE\nleads       1,200\ncallbacks       3\n".to_owned(),
                "two models\n".to_owned()
            )
        );
        assert_eq!(written(Format::Csv).0, "model,active\nleads,1200\ncallbacks,3\n");
        assert_eq!(
            written(Format::Jsonl).0.lines().next(),
            Some(r#"{"model":"leads","active":1200,"oldest":null}"#)
        );
        let json: Value = serde_json::from_str(&written(Format::Json).0).expect("JSON");
        assert_eq!(json["schema_version"], 1);
        assert_eq!(json["dry_run"], true);
        assert_eq!(json["models"][1]["active"], 3);
    }
}
