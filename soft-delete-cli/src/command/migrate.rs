//! `migrate`: the library's own tables.

use diesel::connection::LoadConnection;
use soft_delete::{Database, Dialect, migrations};

use crate::{
    exit::Exit,
    output::{self, Document},
    session::{Answer, Session},
};

pub(crate) fn print<C>(session: &mut Session<'_, C>, guards: Option<&str>) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let database = Database::of(session.conn)?;
    let sql = match guards {
        None => migrations::sql(database),
        Some(model) => migrations::guards_for_table(database, session.registry.model(model)?).up,
    };
    output::print(format!("{sql}\n").as_bytes())?;
    Ok(Exit::Done)
}

pub(crate) fn up<C>(session: &mut Session<'_, C>) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let mut document = Document::list("migrations", &["name"]);
    let applied = migrations::run(session.conn)?;
    for name in &applied {
        document.push(&serde_json::json!({ "name": name }))?;
    }
    if applied.is_empty() {
        document.note("Everything is there already.");
    }
    session.answer(document)?;
    Ok(Exit::Done)
}
