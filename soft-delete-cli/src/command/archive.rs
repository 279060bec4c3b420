//! `archive load`: rows come back from a file.

use diesel::connection::LoadConnection;
use soft_delete::Dialect;

use crate::{
    args::Archive,
    exit::Exit,
    output::Document,
    session::{Answer, Session},
};

pub(crate) fn run<C>(session: &mut Session<'_, C>, asked: Archive) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let Archive::Load { file, reason } = asked;
    let who = session.who(reason);
    let report = soft_delete::load_archive(session.conn, session.registry, file, who)?;
    let columns = ["model", "loaded", "owned", "already_there", "refused_rows"];
    let mut document = Document::list("models", &columns);
    document
        .field("operation_id", report.operation_id.to_string())
        .field("run_id", report.run_id.to_string())
        .field("is_cut", report.is_cut);
    for model in &report.models {
        document.push(model)?;
        for refused in &model.refused {
            let state = if refused.is_incomplete {
                "is incomplete"
            } else {
                "stays out"
            };
            document.note(format!(
                "{} {} {state}: {}",
                model.model, refused.id, refused.problem
            ));
        }
    }
    if report.is_cut {
        document.note("The last batch of the file is not whole: its rows were not removed.");
    }
    document.note(
        "Rows that are back are deleted and due as before: restore or hold them before the next cleanup.",
    );
    session.answer(document)?;
    Ok(if report.refused() + report.incomplete() > 0 {
        Exit::Partial
    } else {
        Exit::Done
    })
}
