//! Which database an address names, and how the address is shown.

use soft_delete::Database;

/// The database that a URL is for; a plain path is SQLite.
pub(crate) fn database_of(url: &str) -> Result<Database, String> {
    match url.split_once("://") {
        None | Some(("sqlite" | "file", _)) => Ok(Database::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Database::Postgres),
        Some(("mysql" | "mariadb", _)) => Ok(Database::Mysql),
        Some((other, _)) => Err(format!(
            "the database URL begins with {other}://: give postgres://.., mysql://.. or the path of a SQLite file"
        )),
    }
}

/// The address as the database's driver takes it.
#[cfg_attr(
    not(any(feature = "sqlite", feature = "mysql")),
    allow(dead_code, reason = "only some drivers want another one")
)]
pub(crate) fn for_driver(url: &str) -> String {
    if let Some(path) = url.strip_prefix("sqlite://") {
        return path.to_owned();
    }
    match url.strip_prefix("mariadb://") {
        Some(rest) => format!("mysql://{rest}"),
        None => url.to_owned(),
    }
}

/// The address without its password, and without what may stand for one among its parameters.
pub(crate) fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (rest, parameters) = rest.split_once('?').map_or((rest, ""), |(rest, end)| (rest, end));
    let host_and_path = match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{user}@{host}")
        }
        None => rest.to_owned(),
    };
    let end = if parameters.is_empty() { "" } else { "?.." };
    format!("{scheme}://{host_and_path}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (url, expected) in [
            ("app.sqlite", "app.sqlite"),
            ("postgres://ann:secret@db:5432/crm", "postgres://ann@db:5432/crm"),
            ("postgres://ann:p@ss:word@db/crm", "postgres://ann@db/crm"),
            ("postgres://db/crm?password=secret", "postgres://db/crm?.."),
            ("mysql://root@localhost/crm", "mysql://root@localhost/crm"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn the_scheme_tells_the_database() {
        assert_eq!(database_of("app.sqlite"), Ok(Database::Sqlite));
        assert_eq!(database_of("postgresql://db/crm"), Ok(Database::Postgres));
        assert_eq!(database_of("mariadb://db/crm"), Ok(Database::Mysql));
        assert_eq!(for_driver("mariadb://db/crm"), "mysql://db/crm");
        assert_eq!(for_driver("sqlite://app.db"), "app.db");
        assert!(database_of("oracle://db").is_err_and(|error| error.contains("oracle")));
    }
}
