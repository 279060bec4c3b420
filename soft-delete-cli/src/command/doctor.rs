//! `doctor`: what is wrong, and what mends it.

use diesel::connection::LoadConnection;
use soft_delete::{Check, Dialect, Finding, Severity};

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
        let remedy = remedy(finding);
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

// In the words of a command line, where the library speaks of Rust.
fn remedy(finding: &Finding) -> String {
    match finding.check {
        Check::OwnTables => "run `migrate up`, or what `migrate print` writes".to_owned(),
        Check::Guards => format!("run what `migrate print --guards {}` writes", finding.table),
        Check::UniqueKeys if finding.remedy.starts_with("declare") => {
            "make it an index on active rows alone (WHERE deleted_at IS NULL), where the database has such indexes".to_owned()
        }
        Check::ForeignKeys if finding.remedy.starts_with("declare") => format!(
            "name the other table in `cascade` or `owns` of {}, or make the foreign key NO ACTION",
            finding.table
        ),
        Check::Relations if finding.remedy.starts_with("add it") => {
            "name the other table as a model too".to_owned()
        }
        _ => finding.remedy.clone(),
    }
}
