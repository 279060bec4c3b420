//! Texts as a terminal shows them: what of them may reach it, and how wide they are.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

/// A text in one line, without what moves the cursor, colours the screen or turns the direction of writing.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    without(text, char::is_control)
}

/// The same for what we or a database have written in lines.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    without(text, |c| c.is_control() && c != '\n')
}

fn without(text: &str, is_control: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(|c| is_control(c) || turns(c)) {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().filter(|c| !turns(*c));
    Cow::Owned(kept.map(|c| if is_control(c) { ' ' } else { c }).collect())
}

// Marks, embeddings, overrides and isolates, and the separators that some terminals take for new lines.
fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
    )
}

/// How many columns it takes: two for many signs of East Asia, none for an accent of its own.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text, cut to so many columns.
pub(crate) fn cut(text: &str, widest: usize) -> Cow<'_, str> {
    if width(text) <= widest {
        return Cow::Borrowed(text);
    }
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.take_while(|end| width(&text[..*end]) < widest).last();
    Cow::Owned(format!("{}…", &text[..end.unwrap_or_default()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_that_is_for_the_terminal() {
        assert_eq!(line("a\u{1b}[31m\nb\u{9b}2J"), "a [31m b 2J");
        assert_eq!(lines("a\u{1b}]0;x\u{7}\nb\r"), "a ]0;x \nb ");
        for c in
            "\u{61c}\u{200e}\u{200f}\u{2028}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2069}".chars()
        {
            assert_eq!(line(&format!("gpj{c}.exe")), "gpj.exe");
            assert_eq!(lines(&format!("gpj{c}.exe")), "gpj.exe");
        }
        for harmless in ["Ada", "שלום", "👩‍👩‍👧", "é", "日本"] {
            assert!(matches!(line(harmless), Cow::Borrowed(_)), "{harmless}");
        }
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        for (text, expected) in [("Ada", 3), ("日本", 4), ("e\u{301}", 1), ("👍", 2), ("", 0)] {
            assert_eq!(width(text), expected, "{text}");
        }
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 2), "a…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("abc", 1), "…");
    }
}
