//! What each question is answered, as JSON.

use serde_json::{Value, json};
use soft_delete::{Listed, Listing};

use crate::{
    access::Right,
    act,
    desk::Asked,
    pages::{self, audit as audit_page, records as records_page},
    refusal::Refusal,
    source::Source,
};

type Told = Result<Value, Refusal>;

const RIGHTS: [(Right, &str); 6] = [
    (Right::See, "see"),
    (Right::Delete, "delete"),
    (Right::Restore, "restore"),
    (Right::Hold, "hold"),
    (Right::Force, "force"),
    (Right::Clean, "clean"),
];

/// The models, with figures of those of which they see all rows, and what they may do.
pub(super) fn models<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let known = asked.desk.figures.figures(asked, conn)?;
    let models = asked.models().into_iter().map(|model| {
        let name = model.name();
        let figures = known.what.iter().find(|stats| stats.model == name);
        let figures = figures.filter(|_| asked.rows(name).is_none());
        let may = RIGHTS.into_iter().filter(|(right, _)| asked.may(*right, name));
        let may: Vec<&str> = may.map(|(_, word)| word).collect();
        json!({ "model": name, "may": may, "figures": figures })
    });
    Ok(json!({ "models": models.collect::<Vec<Value>>() }))
}

/// A page of rows, with the filters of the page of records.
pub(super) fn records<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let model = asked.model(Right::See)?;
    let found = records_page::found(asked, conn, model)?;
    let next = found.next.as_ref().map(soft_delete::DeletedCursor::as_str);
    Ok(json!({ "records": found.rows, "next": next }))
}

/// One row: how it stands, what it holds, what was done to it, and what a restore would do.
pub(super) fn record<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let model = asked.model(Right::See)?;
    let id = asked.fields.record_id().ok_or(Refusal::NotFound)?;
    let listing = Listing::new().at(asked.now).rows(Listed::All).record(id).size(1);
    let row = records_page::list(asked, conn, model, &listing)?
        .rows
        .pop()
        .ok_or(Refusal::NotFound)?;
    let records = asked.desk.registry.records(model.name())?;
    let fields = pages::record::fields(asked, conn, model, id)?;
    let fields: serde_json::Map<String, Value> = fields
        .into_iter()
        .filter(|field| field.is_text)
        .map(|field| (field.name, field.value.into()))
        .collect();
    let plan = match row.deleted_at {
        Some(_) => Some(asked.plan(conn, model, &[id])?),
        None => None,
    };
    Ok(json!({
        "record": row,
        "fields": fields,
        "history": asked.history(conn, model, id)?,
        "holds": records.holds(conn, id)?,
        "restore": plan,
    }))
}

/// What was done, operation by operation.
pub(super) fn operations<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let part = asked.part()?;
    let entries = soft_delete::operations(conn, &asked.desk.registry, part)?;
    let next = entries
        .last()
        .filter(|_| entries.len() == part.size() as usize)
        .map(|entry| entry.id);
    Ok(json!({ "operations": entries, "next": next }))
}

/// The cleanups of the past.
pub(super) fn runs<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let runs = soft_delete::runs(conn, asked.part()?)?;
    // A page counts runs, which have an entry for each model.
    let next = runs.last().map(|run| run.id);
    Ok(json!({ "runs": runs, "next": next }))
}

/// What is held.
pub(super) fn holds<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let part = asked.part()?;
    let holds = soft_delete::holds(conn, part)?;
    let next = holds
        .last()
        .filter(|_| holds.len() == part.size() as usize)
        .map(|hold| hold.id);
    Ok(json!({ "holds": holds, "next": next }))
}

/// The audit trail, with the filters of its page.
pub(super) fn audit<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let size = asked.part()?.size();
    let trail = audit_page::trail(&asked.fields)?.size(size);
    let trail = audit_page::as_recorded(asked, conn, trail)?;
    let acts = soft_delete::audit(conn, &trail)?;
    let next = acts
        .last()
        .filter(|_| acts.len() == size as usize)
        .map(|act| act.id);
    Ok(json!({ "acts": acts, "next": next }))
}

/// Something is done to rows.
pub(super) fn act<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let done = act::perform(asked, conn)?;
    Ok(
        json!({ "act": done.act.as_str(), "model": done.model.name(), "rows": done.rows, "missed": done.missed }),
    )
}

/// A whole deletion is taken back.
pub(super) fn undo<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Told {
    let operation = pages::undo::allowed(asked)?;
    let undone = soft_delete::undo(conn, &asked.desk.registry, operation, asked.context())?;
    Ok(json!({ "operation_id": undone.id, "rows": undone.rows(), "models": undone.models }))
}
