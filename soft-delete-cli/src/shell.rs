//! Words of a command line that somebody is to copy.

use std::borrow::Cow;

/// The text as one word of a POSIX shell.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', "'\\''")))
}

/// The texts as values at the end of a command, none of which is taken for an option.
pub(crate) fn values(texts: &[String]) -> String {
    let words: Vec<_> = texts.iter().map(|text| word(text)).collect();
    let begins = if texts.iter().any(|text| text.starts_with('-')) {
        "-- "
    } else {
        ""
    };
    format!("{begins}{}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_no_option() {
        let values = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            super::values(&texts)
        };
        assert_eq!(values(&["1", "a b"]), "1 'a b'");
        assert_eq!(values(&["7", "-V1StGXR8"]), "-- 7 -V1StGXR8");
    }

    #[test]
    fn a_word_is_one_word() {
        for (text, word_of_it) in [
            ("leads", "leads"),
            ("1,2", "1,2"),
            ("order lines", "'order lines'"),
            ("it's", "'it'\\''s'"),
            ("$HOME", "'$HOME'"),
            ("", "''"),
        ] {
            assert_eq!(word(text), word_of_it);
        }
    }
}
