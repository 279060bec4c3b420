//! Looking for what is wrong.

mod children;
mod holds;
mod rows;
mod session;
mod table;

use self::table::Table;
use super::{foreign_keys, owners};
use crate::{
    Check, Database, Descriptor, Error, Finding, Registry, Result, Severity, executor::Executor,
    statement::TableExists,
};

/// What is wrong with the database of these models, the worst first.
pub(crate) async fn doctor<E: Executor>(executor: &mut E, registry: &Registry) -> Result<Vec<Finding>> {
    let database = super::database(executor).await?;
    let mut findings = Findings {
        database,
        list: Vec::new(),
    };
    let has_own_tables = own_tables(executor, &mut findings).await?;
    if let Err(error) = registry.check() {
        let remedy = match &error {
            Error::UnregisteredRelation { .. } => "add it with `Registry::with`",
            Error::OwnedModel { .. } => "declare it with `cascade`, or `restrict`, instead of `owns`",
            Error::ConflictingModels { .. } => "register one model for each table",
            _ => "correct the relation where it is declared",
        };
        findings.add(
            Severity::Error,
            Check::Relations,
            "",
            error.to_string(),
            remedy.to_owned(),
        );
    }
    if has_own_tables {
        holds::examine(executor, registry, &mut findings).await?;
    }
    session::examine(executor, &mut findings).await?;
    let facts = foreign_keys::facts_of(executor, registry.models()).await?;
    let zone = super::time_zone::foreign(executor).await?;
    for model in registry.models() {
        let table = Table::read(executor, model).await?;
        table::examine(&table, &mut findings);
        if let Some(zone) = &zone {
            table::examine_zone(&table, &zone.name, &mut findings);
        }
        if !table.is_complete() {
            continue;
        }
        table::examine_keys(&facts, registry, model, &mut findings);
        if let Err(error) = owners::refuse_ambiguous(executor, &facts, model).await {
            table::note_ambiguous(model, error, &mut findings)?;
        }
        children::examine(executor, model, &mut findings).await?;
        table::examine_history(executor, model, &mut findings).await?;
        rows::examine(executor, model, &mut findings).await?;
        session::examine_grants(executor, model, has_own_tables, &mut findings).await?;
    }
    findings
        .list
        .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(findings.list)
}

async fn own_tables<E: Executor>(executor: &mut E, findings: &mut Findings) -> Result<bool> {
    let mut all = true;
    for table in [
        "soft_delete_audit",
        "soft_delete_holds",
        "soft_delete_leases",
        "soft_delete_runs",
    ] {
        if executor.rows(&TableExists(table)).await?.is_empty() {
            all = false;
            findings.add(
                Severity::Error,
                Check::OwnTables,
                table,
                "the table does not exist".to_owned(),
                "run `soft_delete::migrations::run(&mut conn)`".to_owned(),
            );
        }
    }
    Ok(all)
}

/// What was found so far.
struct Findings {
    database: Database,
    list: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, severity: Severity, check: Check, table: &str, evidence: String, remedy: String) {
        self.list.push(Finding {
            severity,
            check,
            table: table.to_owned(),
            evidence,
            remedy,
        });
    }

    fn of(&mut self, model: &Descriptor, severity: Severity, check: Check, evidence: String, remedy: String) {
        self.add(severity, check, model.name(), evidence, remedy);
    }
}
