//! `doctor`: what is wrong, and what mends it.

use diesel::connection::LoadConnection;
use soft_delete::{Dialect, Severity};

use crate::{
    exit::Exit,
    output::Document,
    session::{Answer, Session},
};

pub(crate) fn run<C>(session: &mut Session<'_, C>) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let findings = soft_delete::doctor(session.conn, session.registry)?;
    let mut document = Document::list("findings", &["severity", "check", "table", "evidence"]);
    for finding in &findings {
        document.push(finding)?;
        document.note(format!(
            "{}: {}\n    mend: {}",
            finding.table, finding.evidence, finding.remedy
        ));
    }
    if findings.is_empty() {
        document.note("Nothing is wrong.");
    }
    session.answer(document)?;
    let is_broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if is_broken { Exit::Failure } else { Exit::Done })
}
