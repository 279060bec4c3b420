//! Text in a cell of a spreadsheet.

use std::borrow::Cow;

/// The text as it may stand in a CSV file that somebody opens in a spreadsheet: what begins like a formula, and is no number, has `'`
/// before it.
///
/// ```
/// use soft_delete_core::harmless_cell;
/// assert_eq!(harmless_cell("=cmd()"), "'=cmd()");
/// assert_eq!(harmless_cell("-7"), "-7");
/// assert_eq!(harmless_cell("Ada"), "Ada");
/// ```
pub fn harmless_cell(text: &str) -> Cow<'_, str> {
    let begins_like_a_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if begins_like_a_formula && text.parse::<f64>().is_err() {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("@cmd", "'@cmd"),
            ("+1+cmd", "'+1+cmd"),
            ("-7", "-7"),
            ("-7+cmd", "'-7+cmd"),
            ("\t=1", "'\t=1"),
            ("Ada", "Ada"),
        ] {
            assert_eq!(harmless_cell(cell), expected);
        }
    }
}
