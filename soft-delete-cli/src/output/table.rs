//! Columns for people.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::time;

/// A wide text is cut, so that one long reason does not push the rest out of sight.
const WIDEST: usize = 40;

/// Writes items with a heading, numbers to the right.
pub(super) fn write(columns: &[&str], items: &[Map<String, Value>], out: &mut dyn Write) -> io::Result<()> {
    let headings: Vec<String> = columns
        .iter()
        .map(|column| column.replace('_', " ").to_uppercase())
        .collect();
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| columns.iter().map(|column| cell(item.get(*column))).collect())
        .collect();
    let is_number = |place: usize| {
        let values = items.iter().filter_map(|item| item.get(columns[place]));
        let mut known = values.filter(|value| !value.is_null()).peekable();
        known.peek().is_some() && known.all(Value::is_number)
    };
    let numbers: Vec<bool> = (0..columns.len()).map(is_number).collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|place| {
            let cells = rows.iter().map(|row| &row[place]).chain([&headings[place]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        })
        .collect();
    for row in std::iter::once(&headings).chain(&rows) {
        let mut line = String::new();
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                line.push_str("  ");
            }
            let gap = " ".repeat(widths[place] - cell.chars().count());
            if numbers[place] {
                line.push_str(&gap);
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.push_str(&gap);
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::Number(number)) => grouped(&number.to_string()),
        Some(Value::String(text)) => cut(&time::of_json(text).unwrap_or_else(|| plain(text))),
        Some(value) => cut(&plain(&value.to_string())),
    }
}

// What a row holds must not move the cursor or colour the screen.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(WIDEST - 1).collect();
    short.push('…');
    short
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
        assert_eq!(
            cell(Some(&"2026-01-15T12:00:00.120Z".into())),
            "2026-01-15 12:00:00"
        );
        assert_eq!(cell(Some(&"x".repeat(50).into())).chars().count(), WIDEST);
    }
}
