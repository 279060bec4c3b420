//! `delete`, `restore` and `undo`.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::LoadConnection;
use serde_json::json;
use soft_delete::{Action, Context, DeletionId, Dialect, ModelRows, Operation, RecordState, RestorePlan};

use crate::{
    exit::Exit,
    failure::Failure,
    output::{Document, Format},
    session::{Answer, Session},
    shell,
};

const PLAN_COLUMNS: [&str; 4] = ["model", "rows", "conflicts", "deleted_parents"];

pub(crate) fn delete<C>(
    session: &mut Session<'_, C>,
    model: &str,
    ids: &[String],
    reason: Option<String>,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let who = session.who(reason);
    let operation = session
        .registry
        .records(model)?
        .soft_delete(session.conn, ids, who)?;
    let mut document = changed(&operation)?;
    if operation.is_changed() {
        let way_back = way_back(session, &operation, model, ids)?;
        document.note(way_back);
    }
    session.answer(document)?;
    completeness(session, &operation, model, ids, Action::SoftDelete)
}

pub(crate) fn restore<C>(
    session: &mut Session<'_, C>,
    model: &str,
    ids: &[String],
    reason: Option<String>,
    with_parents: bool,
    dry_run: bool,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let who = restorer(session, reason, with_parents);
    let records = session.registry.records(model)?;
    if dry_run {
        let plan = records.restore_plan(session.conn, ids, who)?;
        let mut document = Document::list("models", &["model", "rows"]).in_csv(&PLAN_COLUMNS);
        document
            .field("dry_run", true)
            .field("is_possible", plan.is_possible())
            .field("conflicts", serde_json::to_value(&plan.conflicts)?)
            .field("unchecked", serde_json::to_value(&plan.unchecked)?)
            .field("deleted_parents", serde_json::to_value(&plan.deleted_parents)?)
            .field("gone", serde_json::to_value(&plan.gone)?);
        if matches!(session.common.format, Format::Csv | Format::Jsonl) {
            by_model(&mut document, &plan);
        } else {
            for rows in &plan.models {
                document.push(rows)?;
            }
        }
        for words in plan_in_words(&plan) {
            document.below(words);
        }
        session.answer(document)?;
        return Ok(if plan.is_possible() {
            Exit::Done
        } else {
            Exit::Failure
        });
    }
    let operation = records.restore(session.conn, ids, who)?;
    session.answer(changed(&operation)?)?;
    completeness(session, &operation, model, ids, Action::Restore)
}

pub(crate) fn undo<C>(
    session: &mut Session<'_, C>,
    operation: DeletionId,
    reason: Option<String>,
    with_parents: bool,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let who = restorer(session, reason, with_parents);
    let undone = soft_delete::undo(session.conn, session.registry, operation, who)?;
    let mut document = changed(&undone)?;
    if !undone.is_changed() {
        document.note("Nothing of it was left to be undone.");
        for model in session
            .registry
            .models()
            .filter(|model| !model.is_in_operations())
        {
            document.note(format!(
                "Rows of {0} do not tell by which operation they were deleted, for want of a column deletion_id: restore them by their keys, which `audit {0} --operation {operation}` tells.",
                model.name()
            ));
        }
    }
    session.answer(document)?;
    Ok(Exit::Done)
}

fn restorer<C>(session: &Session<'_, C>, reason: Option<String>, with_parents: bool) -> Context
where
    C: LoadConnection<Backend: Dialect>,
{
    let who = session.who(reason);
    if with_parents { who.with_parents() } else { who }
}

// Where a line is all that there is, what is in the way of a model is in its line.
fn by_model(document: &mut Document, plan: &RestorePlan) {
    let rows = plan.models.iter().map(|model| (&model.model, model.rows));
    let mut models: BTreeMap<&String, u64> = rows.collect();
    let in_the_way = plan.conflicts.iter().map(|conflict| &conflict.model);
    for model in in_the_way.chain(plan.deleted_parents.iter().map(|parent| &parent.model)) {
        models.entry(model).or_default();
    }
    for (model, rows) in models {
        let conflicts = plan.conflicts.iter().filter(|conflict| conflict.model == *model);
        let parents = plan
            .deleted_parents
            .iter()
            .filter(|parent| parent.model == *model);
        document.add([
            ("model", json!(model)),
            ("rows", json!(rows)),
            ("conflicts", json!(conflicts.collect::<Vec<_>>())),
            (
                "deleted_parents",
                json!(parents.map(|parent| &parent.id).collect::<Vec<_>>()),
            ),
        ]);
    }
}

/// What a restore would do, in a sentence for each thing in its way.
pub(super) fn plan_in_words(plan: &RestorePlan) -> Vec<String> {
    let mut words = Vec::new();
    let rows: Vec<String> = plan
        .models
        .iter()
        .map(|model| format!("{} of {}", model.rows, model.model))
        .collect();
    words.push(if rows.is_empty() {
        "Nothing would come back.".to_owned()
    } else {
        format!("Would come back: {}.", rows.join(", "))
    });
    for conflict in &plan.conflicts {
        words.push(format!(
            "In the way: {} of {} is taken by the active row {}.",
            conflict.columns.join(", "),
            conflict.model,
            conflict.taken_by
        ));
    }
    for key in &plan.unchecked {
        words.push(format!(
            "Cannot tell: whether {} of {} is taken is known only when the rows are restored.",
            key.constraint, key.model
        ));
    }
    for parent in &plan.deleted_parents {
        words.push(format!(
            "In the way: row {} of {} is deleted as well; say --with-parents.",
            parent.id, parent.model
        ));
    }
    for gone in &plan.gone {
        words.push(format!("Gone: {}.", gone.describe()));
    }
    words
}

/// What an operation changed, per model.
pub(super) fn changed(operation: &Operation) -> Result<Document, Failure> {
    let mut document = Document::list("models", &["model", "rows"]);
    document.field("operation_id", operation.id.to_string());
    for rows in &operation.models {
        document.push(rows)?;
    }
    Ok(document)
}

// Where rows tell what deleted them, exactly this operation; a row that was deleted before is not to come back by it.
fn way_back<C>(
    session: &mut Session<'_, C>,
    operation: &Operation,
    model: &str,
    ids: &[String],
) -> Result<String, Failure>
where
    C: LoadConnection<Backend: Dialect>,
{
    let is_known = |rows: &ModelRows| {
        let model = session.registry.model(&rows.model);
        model.is_ok_and(soft_delete::Descriptor::is_in_operations)
    };
    if operation.models.iter().all(is_known) {
        return Ok(format!("To take it back: undo {}", operation.id));
    }
    let changed = changed_of(operation, model);
    if changed < distinct(session, changed, model, ids)? {
        return Ok(format!(
            "To take it back: restore those of them that `audit {model} --operation {}` names",
            operation.id,
            model = shell::word(model)
        ));
    }
    Ok(format!(
        "To take it back: restore {} {}",
        shell::word(model),
        shell::values(ids)
    ))
}

fn changed_of(operation: &Operation, model: &str) -> u64 {
    let changed = operation.models.iter().find(|rows| rows.model == model);
    changed.map_or(0, |rows| rows.rows)
}

// How many rows were asked for. Only where fewer were changed is it asked whether some keys are one in several spellings.
fn distinct<C>(
    session: &mut Session<'_, C>,
    changed: u64,
    model: &str,
    ids: &[String],
) -> Result<u64, Failure>
where
    C: LoadConnection<Backend: Dialect>,
{
    let typed: BTreeSet<&String> = ids.iter().collect();
    if typed.len() as u64 <= changed || changed == 0 {
        return Ok(typed.len() as u64);
    }
    let records = session.registry.records(model)?;
    let mut rows = BTreeSet::new();
    for id in typed {
        rows.insert(records.record_id(session.conn, id)?);
    }
    Ok(rows.len() as u64)
}

/// Tells of rows that were asked for and not changed, and how each of them stands.
pub(super) fn completeness<C>(
    session: &mut Session<'_, C>,
    operation: &Operation,
    model: &str,
    ids: &[String],
    wanted: Action,
) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let changed = changed_of(operation, model);
    let asked = distinct(session, changed, model, ids)?;
    // More where the rows of a tree went along.
    if changed >= asked {
        return Ok(Exit::Done);
    }
    let others = unchanged(session, operation, model, ids, wanted)?.join("; ");
    if changed == 0 {
        return Err(Failure::new(
            Exit::Failure,
            format!("nothing was changed: {others}"),
        ));
    }
    session.say(&format!("{changed} of {asked} rows of {model}: {others}."));
    Ok(Exit::Partial)
}

// Of more rows than this, only their number is told.
const EXPLAINED: usize = 10;

fn unchanged<C>(
    session: &mut Session<'_, C>,
    operation: &Operation,
    model: &str,
    ids: &[String],
    wanted: Action,
) -> Result<Vec<String>, Failure>
where
    C: LoadConnection<Backend: Dialect>,
{
    let records = session.registry.records(model)?;
    let mut rows = BTreeSet::new();
    for id in ids {
        rows.insert(records.record_id(session.conn, id)?);
    }
    let mut words = Vec::new();
    let mut more = 0;
    for id in &rows {
        if words.len() == EXPLAINED {
            more += 1;
            continue;
        }
        let history = records.history(session.conn, id)?;
        if history.iter().any(|entry| entry.operation_id == operation.id) {
            continue;
        }
        let state = records.state(session.conn, id)?;
        let why = match (wanted, &state) {
            (Action::SoftDelete, RecordState::Deleted | RecordState::Held) => "deleted already".to_owned(),
            (Action::SoftDelete, RecordState::Active)
            | (Action::Restore | Action::ForceDelete, RecordState::Deleted | RecordState::Held) => {
                format!("{state} as before: a trigger or a row level policy of the table keeps it so")
            }
            _ => state.to_string(),
        };
        let verb = if matches!(state, RecordState::Purged { .. }) {
            "was"
        } else {
            "is"
        };
        words.push(format!("{model} {id} {verb} {why}"));
    }
    if more > 0 {
        words.push(format!("and up to {more} more"));
    }
    Ok(words)
}
