//! The derive among names, paths, macros and attributes that it does not know.

mod diesel;
mod macros;
mod paths;
mod shadows;

/// The facade at a path inside this crate.
pub(crate) mod reexported {
    pub(crate) use ::soft_delete::{self};
}

/// The SQL of a query on SQLite, without what Diesel adds for people.
fn sql<Q>(query: &Q) -> String
where
    Q: ::diesel::query_builder::QueryFragment<::diesel::sqlite::Sqlite>,
{
    let text = ::diesel::debug_query::<::diesel::sqlite::Sqlite, _>(query).to_string();
    text.split(" -- ").next().unwrap_or_default().to_owned()
}
