//! `--color`, before anything else is read.

use std::ffi::OsString;

use clap::{ColorChoice, ValueEnum};

/// When there are colours, by these words. What is wrong with them, and help, are told before they are understood.
pub(super) fn color(words: &[OsString]) -> ColorChoice {
    let words = words
        .iter()
        .map_while(|word| word.to_str().filter(|word| *word != "--"));
    let words: Vec<&str> = words.collect();
    let apart = words.windows(2).filter(|pair| pair[0] == "--color");
    let said = apart.map(|pair| pair[1]).next();
    let said = said.or_else(|| words.iter().find_map(|word| word.strip_prefix("--color=")));
    said.and_then(|said| ColorChoice::from_str(said, false).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_known_before_the_rest() {
        for (words, expected) in [
            (&["soft-delete", "stats"][..], ColorChoice::Auto),
            (&["soft-delete", "--color", "never", "nope"], ColorChoice::Never),
            (&["soft-delete", "nope", "--color=always"], ColorChoice::Always),
            (&["soft-delete", "--color", "pink"], ColorChoice::Auto),
            (
                &["soft-delete", "show", "--", "--color", "never"],
                ColorChoice::Auto,
            ),
        ] {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            assert_eq!(color(&words), expected, "{words:?}");
        }
    }
}
