//! Which database an address names, and how the address is shown.

mod shown;

use soft_delete::Database;

pub(crate) use shown::{retold, shown};

const ADVICE: &str = "give postgres://.., mysql://.. or the path of a SQLite file";

/// The database that a URL is for; a plain path is SQLite.
pub(crate) fn database_of(url: &str) -> Result<Database, String> {
    match url.split_once("://") {
        None | Some(("sqlite" | "file", _)) => Ok(Database::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Database::Postgres),
        Some(("mysql" | "mariadb", _)) => Ok(Database::Mysql),
        Some((other, _)) if shown::is_scheme(other) => {
            Err(format!("the database URL begins with {other}://: {ADVICE}"))
        }
        Some(_) => Err(format!("the database URL does not begin with a scheme: {ADVICE}")),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_tells_the_database() {
        assert_eq!(database_of("app.sqlite"), Ok(Database::Sqlite));
        assert_eq!(database_of("postgresql://db/crm"), Ok(Database::Postgres));
        assert_eq!(database_of("mariadb://db/crm"), Ok(Database::Mysql));
        assert_eq!(for_driver("mariadb://db/crm"), "mysql://db/crm");
        assert_eq!(for_driver("sqlite://app.db"), "app.db");
        assert!(database_of("oracle://db").is_err_and(|error| error.contains("oracle")));
        assert!(database_of("ann:secret@db?a=b://c").is_err_and(|error| !error.contains("secret")));
    }
}
