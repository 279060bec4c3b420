//! Columns for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::{
    Item,
    text::{self, cut, width},
    time,
};

/// A wide text is cut, so that one long reason does not push the rest out of sight.
const WIDEST: usize = 48;

/// No text is cut shorter than this to make a table fit a terminal.
const NARROWEST: usize = 8;

const GAP: &str = "  ";

/// Writes items with a heading, numbers to the right; on a terminal of this many columns as wide as it is, if texts can be cut so
/// far. Styles are for a writer that leaves them out where there are no colours.
pub(super) fn write(
    columns: &[&str],
    items: &[Item],
    terminal: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let headings: Vec<String> = columns
        .iter()
        .map(|column| column.replace('_', " ").to_uppercase())
        .collect();
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| columns.iter().map(|column| cell(item.get(column))).collect())
        .collect();
    let is_number = |place: usize| {
        let values = items.iter().filter_map(|item| item.get(columns[place]));
        let mut known = values.filter(|value| !value.is_null()).peekable();
        known.peek().is_some() && known.all(Value::is_number)
    };
    let numbers: Vec<bool> = (0..columns.len()).map(is_number).collect();
    let is_text = |place: usize| {
        let mut values = items.iter().filter_map(|item| item.get(columns[place]));
        values.any(|value| {
            value
                .as_str()
                .is_some_and(|text| time::of_json(text).is_none() && !is_identity(text))
        })
    };
    let mut widths: Vec<usize> = (0..columns.len())
        .map(|place| {
            let cells = rows.iter().map(|row| &row[place]).chain([&headings[place]]);
            cells.map(|cell| width(cell)).max().unwrap_or_default()
        })
        .collect();
    if let Some(terminal) = terminal {
        let texts: Vec<usize> = (0..columns.len()).filter(|place| is_text(*place)).collect();
        fit(&mut widths, &texts, &headings, terminal);
    }
    let heading_style = Style::new().bold();
    line(&headings, &widths, &numbers, out, |_| heading_style)?;
    for row in &rows {
        line(row, &widths, &numbers, out, |place| {
            style(columns[place], &row[place])
        })?;
    }
    Ok(())
}

fn line(
    cells: &[String],
    widths: &[usize],
    numbers: &[bool],
    out: &mut dyn Write,
    style: impl Fn(usize) -> Style,
) -> io::Result<()> {
    let last = cells.len().saturating_sub(1);
    for (place, cell) in cells.iter().enumerate() {
        let cell = cut(cell, widths[place]);
        let gap = " ".repeat(widths[place] - width(&cell));
        let style = style(place);
        let separator = if place > 0 { GAP } else { "" };
        if numbers[place] {
            write!(out, "{separator}{gap}{style}{cell}{style:#}")?;
        } else if place == last {
            write!(out, "{separator}{style}{cell}{style:#}")?;
        } else {
            write!(out, "{separator}{style}{cell}{style:#}{gap}")?;
        }
    }
    writeln!(out)
}

// What asks for attention stands out; the words say the same.
fn style(column: &str, cell: &str) -> Style {
    match (column, cell) {
        ("status", "expired") | ("severity", "error") | ("state", "failed" | "abandoned") => {
            AnsiColor::Red.on_default()
        }
        ("severity", "warning") | ("status", "deleted, held" | "expired, held") => {
            AnsiColor::Yellow.on_default()
        }
        _ => Style::new(),
    }
}

// Takes from the widest texts first.
fn fit(widths: &mut [usize], texts: &[usize], headings: &[String], terminal: usize) {
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > terminal {
        let least = |place: usize| NARROWEST.max(width(&headings[place]));
        let can_give = texts.iter().filter(|place| widths[**place] > least(**place));
        let Some(widest) = can_give.max_by_key(|place| widths[**place]) else {
            return;
        };
        widths[*widest] -= 1;
    }
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::Number(number)) => grouped(&number.to_string()),
        Some(Value::String(own)) => {
            let shown = time::of_json(own).unwrap_or_else(|| text::line(own).into_owned());
            if is_identity(own) {
                shown
            } else {
                cut(&shown, WIDEST).into_owned()
            }
        }
        Some(value) => cut(&text::line(&value.to_string()), WIDEST).into_owned(),
    }
}

// Half an identity identifies nothing.
fn is_identity(text: &str) -> bool {
    text.len() == 36 && text.parse::<soft_delete::DeletionId>().is_ok()
}

fn grouped(number: &str) -> String {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if number.len() > digits.len() {
        grouped.insert(0, '-');
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_texts_are_harmless() {
        assert_eq!(grouped("1234567"), "1,234,567");
        assert_eq!(grouped("-1234"), "-1,234");
        assert_eq!(grouped("12"), "12");
        assert_eq!(cell(Some(&"a\u{1b}[31m\nb".into())), "a [31m b");
        assert_eq!(cell(Some(&serde_json::json!(["a\u{202e}b"]))), r#"["ab"]"#);
        assert_eq!(
            cell(Some(&"2026-01-15T12:00:00.120Z".into())),
            "2026-01-15 12:00:00"
        );
        assert_eq!(cell(Some(&"x".repeat(60).into())).chars().count(), WIDEST);
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let items: Vec<Item> = ["日本", "Ada", "Zoe\u{301}", "👍"]
            .into_iter()
            .map(|label| Item::from([("label", label.into()), ("by", "ann".into())]))
            .collect();
        let mut out = anstream::StripStream::new(Vec::new());
        write(&["label", "by"], &items, None, &mut out).expect("a string");
        assert_eq!(
            String::from_utf8(out.into_inner()).expect("text"),
            "LABEL  BY\n日本   ann\nAda    ann\nZoe\u{301}    ann\n👍     ann\n"
        );
    }

    #[test]
    fn a_table_fits_its_terminal_by_its_texts() {
        let item =
            serde_json::json!({"id": 7, "reason": "r".repeat(38), "at": "2026-01-15T12:00:00Z", "by": "ann"});
        let Value::Object(item) = item else { unreachable!() };
        let item = Item::from(item);
        let written = |terminal| {
            let mut out = anstream::StripStream::new(Vec::new());
            write(
                &["id", "reason", "at", "by"],
                std::slice::from_ref(&item),
                terminal,
                &mut out,
            )
            .expect("a string");
            String::from_utf8(out.into_inner()).expect("text")
        };
        let width = |text: &str| text.lines().map(|line| line.chars().count()).max();
        assert_eq!(width(&written(Some(50))), Some(50));
        assert_eq!(written(Some(200)), written(None));
        // What cannot be cut so far is wider; numbers and times are never cut.
        let narrow = written(Some(10));
        assert!(
            narrow.contains("rrrrrrr…") && narrow.contains("2026-01-15 12:00:00"),
            "{narrow}"
        );
    }
}
