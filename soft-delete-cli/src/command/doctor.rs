//! `doctor`: what is wrong, and what mends it.

use diesel::connection::LoadConnection;
use soft_delete::{Check, Dialect, Severity};

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
    let mut document = Document::list("findings", &["severity", "check", "table"])
        .in_csv(&["severity", "check", "table", "evidence", "remedy"]);
    for finding in &findings {
        let remedy = match finding.check {
            Check::Guards => format!("run what `migrate print --guards {}` writes", finding.table),
            _ => finding.remedy.clone(),
        };
        let item = document.push(finding)?;
        item.set("remedy", remedy.clone());
        document
            .below(format!("{}: {}", finding.table, finding.evidence))
            .below(format!("    mend: {remedy}"));
    }
    if findings.is_empty() {
        document.note("Nothing is wrong.");
    }
    session.answer(document)?;
    let is_broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if is_broken { Exit::Failure } else { Exit::Done })
}
