//! Addresses without what may be a secret. What is not sure to be none is left out.

use std::borrow::Cow;

/// In place of what is left out.
const LEFT_OUT: &str = "..";

/// The address without its password, and without what may stand for one; a plain path is shown as it is.
pub(crate) fn shown(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => format!("{scheme}://{}", of_server(rest)),
        _ => of_file(address),
    }
}

/// What a driver tells of an address, which it may quote in parts.
pub(crate) fn retold(told: &str, address: &str) -> String {
    let shown = shown(address);
    let told = told.replace(address, &shown);
    let decoded = decoded(address);
    let is_secret = |part: &str| {
        let is_of_it = address.contains(part) || decoded.contains(part);
        is_of_it && !shown.contains(part) && !part.trim().is_empty()
    };
    // A secret may have quotes in it as well: whatever is between two of them is looked at.
    let parts = told.split_inclusive(['"', '\'']).map(|part| {
        let (bare, quote) = match part.strip_suffix(['"', '\'']) {
            Some(bare) => (bare, &part[bare.len()..]),
            None => (part, ""),
        };
        if is_secret(bare) {
            Cow::Owned(format!("{LEFT_OUT}{quote}"))
        } else {
            Cow::Borrowed(part)
        }
    });
    parts.collect()
}

/// Whether this may stand before `://`, and is no part of something else.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

// The rest of a URL: the user's name, the host and the path.
fn of_server(rest: &str) -> String {
    // A password may have an `@` in it, so that the last one counts.
    let Some((user, place)) = rest.rsplit_once('@') else {
        return until_secrets(rest);
    };
    let is_of_name = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let name = &user[..user.find(|c| !is_of_name(c)).unwrap_or(user.len())];
    if user.contains(begins_parameters) {
        // Either the password or the value of a parameter: nobody knows what follows.
        return format!("{name}{LEFT_OUT}");
    }
    format!("{name}@{}", until_secrets(place))
}

// A path, unless it has what is in an address of a server: `postgres:ann:secret@db`, `host=db password=secret`.
fn of_file(path: &str) -> String {
    let (begin, rest) = path.split_at(beginning(path));
    let is_doubtful = |c: char| ":?=".contains(c) || (c == '%' && rest.contains('@'));
    format!("{begin}{}", until(rest, rest.find(is_doubtful)))
}

// How much of it is sure to be the beginning of a path, whose colons are none before a password.
fn beginning(path: &str) -> usize {
    let file = if path.starts_with("file:") {
        "file:".len()
    } else {
        0
    };
    let rest = &path[file..];
    if rest.starts_with(":memory:") {
        return file + ":memory:".len();
    }
    match rest.as_bytes() {
        [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic() => file + 2,
        _ => file,
    }
}

// Up to parameters, and up to what follows a colon and is no port.
fn until_secrets(place: &str) -> String {
    let address = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inner, _)) if inner.chars().all(|c| c.is_ascii_hexdigit() || ":.".contains(c)) => {
            inner.len() + "[]".len()
        }
        _ => beginning(place),
    };
    let mut doubtful = place.char_indices().skip_while(|(at, _)| *at < address);
    let first = doubtful.find(|(at, c)| begins_parameters(*c) || (*c == ':' && !is_port(&place[at + 1..])));
    until(place, first.map(|(at, _)| at))
}

fn begins_parameters(c: char) -> bool {
    "?#;&=".contains(c) || c.is_whitespace()
}

fn is_port(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let ends = rest.is_empty() || rest.starts_with(['/', ',']) || rest.starts_with(begins_parameters);
    rest.len() < text.len() && ends
}

// With the character at which it ends, so that one sees why.
fn until(text: &str, end: Option<usize>) -> String {
    match end.and_then(|end| Some((end, text[end..].chars().next()?))) {
        Some((end, last)) => format!("{}{last}{LEFT_OUT}", &text[..end]),
        None => text.to_owned(),
    }
}

// As drivers read it, `%40` for an `@`.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, next @ ..] = rest {
        let code = (*first == b'%').then(|| next.get(..2)).flatten();
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &next[2..] } else { next };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_an_address() {
        for (address, expected) in [
            ("postgres://ann:secret@db:5432/crm", "postgres://ann@db:5432/crm"),
            ("postgres://ann:p@ss:word@db/crm", "postgres://ann@db/crm"),
            ("postgres://ann:sec/ret@db/crm", "postgres://ann@db/crm"),
            ("postgres://ann%3Asecret@db/crm", "postgres://ann@db/crm"),
            ("postgres://ann:sec?ret@db/crm", "postgres://ann.."),
            ("postgres://ann:sec#ret@db/crm", "postgres://ann.."),
            ("mysql://ann:sec?ret@db/crm", "mysql://ann.."),
            ("postgres://db/crm?password=secret", "postgres://db/crm?.."),
            ("postgres://db/crm?password=sec@ret", "postgres://db.."),
            ("postgres://db/crm;passwd=sec@ret", "postgres://db.."),
            (
                "postgres://ann@db/crm?sslpassword=secret",
                "postgres://ann@db/crm?..",
            ),
            ("postgres://ann:secret", "postgres://ann:.."),
            ("postgres://a:1,b:2/crm", "postgres://a:1,b:2/crm"),
            (
                "postgres://ann:secret@[::1]:5432/crm",
                "postgres://ann@[::1]:5432/crm",
            ),
            ("postgres://[secret]@db/crm", "postgres://@db/crm"),
            ("POSTGRES://ann:secret@db/crm", "POSTGRES://ann@db/crm"),
            ("postgers://ann:secret@db/crm", "postgers://ann@db/crm"),
            ("mysql://root@localhost/crm", "mysql://root@localhost/crm"),
            ("postgres//ann:secret@db/crm", "postgres//ann:.."),
            ("postgres//ann%3Asecret@db/crm", "postgres//ann%.."),
            ("postgres:ann:secret@db/crm", "postgres:.."),
            ("ann:secret@db", "ann:.."),
            ("host=db password=secret", "host=.."),
            ("PASSWD = 'sec ret' host=db", "PASSWD =.."),
            ("host=db sslpassword=a://b", "host=.."),
            ("mysql:host=db;password=secret", "mysql:.."),
            ("file:app.sqlite?key=secret", "file:app.sqlite?.."),
            ("sqlite:///data/app.db?hexkey=secret", "sqlite:///data/app.db?.."),
        ] {
            assert_eq!(shown(address), expected, "{address}");
        }
    }

    #[test]
    fn plain_paths_are_shown() {
        for path in [
            "app.sqlite",
            "/srv/my data/app#1;2.sqlite",
            "/home/ann@corp/app.sqlite",
            "/srv/100%/app.sqlite",
            "C:\\data\\app.sqlite",
            "file:app.sqlite",
            "file::memory:",
            ":memory:",
            "sqlite://app.sqlite",
            "sqlite:///srv/app.sqlite",
            "sqlite://C:/data/app.sqlite",
            "",
        ] {
            assert_eq!(shown(path), path);
        }
    }

    #[test]
    fn what_a_driver_quotes_is_not_told() {
        let address = "postgres://ann:sec/r%20et@db:5432/crm";
        for (told, expected) in [
            (
                "invalid integer value \"sec\" for connection option \"port\"",
                "invalid integer value \"..\" for connection option \"port\"",
            ),
            ("invalid token: \"sec/r%20et\"", "invalid token: \"..\""),
            ("no host 'r et@db'", "no host '..'"),
            (
                "connection to server at \"db\", port 5432 failed: no user \"ann\"",
                "connection to server at \"db\", port 5432 failed: no user \"ann\"",
            ),
            (
                "wrong: postgres://ann:sec/r%20et@db:5432/crm",
                "wrong: postgres://ann@db:5432/crm",
            ),
            ("Can't connect", "Can't connect"),
        ] {
            assert_eq!(retold(told, address), expected);
        }
        let quoted = "postgres://ann:a1\"b2@db/crm";
        assert_eq!(
            retold("invalid port \"a1\"b2\"", quoted),
            "invalid port \"..\"..\""
        );
    }
}
