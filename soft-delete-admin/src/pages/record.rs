//! One row: how it stands, what was done to it, what a restore would bring back and what is in its way.

use maud::{Markup, html};
use soft_delete::{
    Action, AuditRecord, DeletedRow, Descriptor, Hold, Listed, Listing, RecordField, RestorePlan, Status,
};

use super::{
    Page,
    layout::{self, Place},
    records, words,
};
use crate::{access::Right, desk::Asked, refusal::Refusal, source::Source};

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let model = asked.model(Right::See)?;
    let id = asked.fields.record_id().ok_or(Refusal::NotFound)?;
    let records = asked.desk.registry.records(model.name())?;
    let listing = Listing::new().at(asked.now).rows(Listed::All).record(id).size(1);
    let found = records::list(asked, conn, model, &listing)?.rows;
    let history = match (found.first(), asked.rows(model.name())) {
        // Of a row that is gone nobody can tell whose it was.
        (None, Some(_)) => return Err(Refusal::NotFound),
        _ => asked.history(conn, model, id)?,
    };
    let Some(row) = found.first() else {
        if history.is_empty() {
            return Err(Refusal::NotFound);
        }
        let content = html! {
            @match history.iter().rfind(|entry| matches!(entry.action, Action::Purge | Action::ForceDelete)) {
                Some(end) => p {
                    "This record was removed for good at " (words::time(end.at)) " by " (end.actor) ". It cannot be restored."
                },
                None => p { "This record no longer exists: no row has its key." },
            }
            (timeline(&history))
        };
        let title = format!("{} {id}", model.name());
        return Ok(layout::page(asked, Place::Records, &title, &content));
    };
    let fields = fields(asked, conn, model, id)?;
    let holds = records.holds(conn, id)?;
    let plan = match row.status {
        Status::Active => None,
        _ => Some(asked.plan(conn, model, &[id])?),
    };
    let title = format!("{} {}", model.name(), words::name(row));
    let content = html! {
        (records::done(&asked.fields))
        (facts(row))
        (held(&holds))
        @if let Some(plan) = &plan { (what_comes_back(plan)) }
        (buttons(asked, model, row, plan.as_ref(), &holds))
        (timeline(&history))
        (all_fields(&fields))
    };
    Ok(layout::page(asked, Place::Records, &title, &content))
}

/// What a row of theirs holds, as far as they may see it.
pub(crate) fn fields<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    model: &'static Descriptor,
    id: &str,
) -> Result<Vec<RecordField>, Refusal> {
    let records = asked.desk.registry.records(model.name())?;
    let theirs = records.within(asked.rows(model.name()));
    let fields = theirs.fields(conn, id, |column| asked.shows(model.name(), column))?;
    Ok(fields.unwrap_or_default())
}

fn facts(row: &DeletedRow) -> Markup {
    html! {
        div.panel {
            dl {
                dt { "State" } dd { (words::badge(row)) }
                dt { "Id" } dd { (row.id) }
                @if let Some(label) = &row.label { dt { "Name" } dd { (label) } }
                @if row.status != Status::Active {
                    dt { "Deleted" } dd { (words::maybe_time(row.deleted_at)) }
                    dt { "By" } dd { (words::maybe(row.deleted_by.as_deref())) }
                    dt { "Reason" } dd { (words::maybe(row.reason.as_deref())) }
                    dt { "Stays until" } dd { (words::maybe_time(row.expires_at)) }
                    @if let Some(operation) = &row.deletion_id { dt { "Operation" } dd { (operation) } }
                }
            }
        }
    }
}

fn held(holds: &[Hold]) -> Markup {
    html! {
        @for hold in holds {
            div.notice.warn {
                strong { "Held" } " by " (hold.actor) ": " (hold.reason)
                @if let Some(end) = hold.ends_at { ", until " (words::time(end)) }
            }
        }
    }
}

/// What a restore would do, and what is in its way.
pub(super) fn what_comes_back(plan: &RestorePlan) -> Markup {
    html! {
        h2 { "What a restore brings back" }
        @if plan.models.is_empty() {
            p.quiet { "Nothing." }
        } @else {
            ul { @for model in &plan.models { li { (words::number(model.rows)) " of " (model.model) } } }
        }
        @for gone in &plan.gone { div.notice { "Gone: " (gone.describe()) "." } }
        @for conflict in &plan.conflicts {
            div.notice.bad {
                (conflict.columns.join(", ")) " of " (conflict.model) " is taken by "
                @if conflict.taken_by.is_empty() { "another record that is active." }
                @else {
                    "the active record "
                    a href={ "record?" (records::link(&conflict.model, &conflict.taken_by)) } { (conflict.taken_by) } "."
                }
            }
        }
        @for key in &plan.unchecked {
            div.notice { "Whether " (key.constraint) " of " (key.model) " is taken is known only when the record is restored." }
        }
        @for parent in &plan.deleted_parents {
            div.notice.warn {
                @if parent.id.is_empty() { "It hangs on a record that is deleted as well, and that has to come back first." }
                @else {
                    "It hangs on a record that is deleted as well: "
                    a href={ "record?" (records::link(&parent.model, &parent.id)) } { (parent.model) " " (parent.id) }
                    ". Restore that one first, or both together."
                }
            }
        }
    }
}

fn buttons<S: Source>(
    asked: &Asked<S>,
    model: &Descriptor,
    row: &DeletedRow,
    plan: Option<&RestorePlan>,
    holds: &[Hold],
) -> Markup {
    let may = |right| asked.may(right, model.name());
    let is_deleted = row.status != Status::Active;
    let can_come_back = plan.is_some_and(|plan| plan.conflicts.is_empty());
    html! {
        form method="post" action="confirm" {
            input type="hidden" name="token" value=(asked.token());
            input type="hidden" name="model" value=(model.name());
            input type="hidden" name="id" value=(row.id);
            div.actions {
                @if is_deleted && can_come_back && may(Right::Restore) { button.main name="act" value="restore" { "Restore…" } }
                @if !is_deleted && may(Right::Delete) { button name="act" value="delete" { "Delete…" } }
                @if may(Right::Hold) {
                    button name="act" value="hold" { "Hold…" }
                    @if !holds.is_empty() { button name="act" value="release" { "Let go…" } }
                }
                @if is_deleted && holds.is_empty() && may(Right::Force) { button.danger name="act" value="force" { "Remove for good…" } }
            }
        }
    }
}

fn timeline(history: &[AuditRecord]) -> Markup {
    html! {
        h2 { "What was done" }
        @if history.is_empty() {
            p.quiet { "The audit trail holds nothing about it." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="What was done" { table {
                thead { tr { th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Who" } th scope="col" { "Why" } } }
                tbody {
                    @for act in history.iter().rev() {
                        tr {
                            td data-label="When" { (words::time(act.at)) }
                            td data-label="What" { (words::act(act.action)) @if !act.root { span.quiet { " along with another" } } }
                            td data-label="Who" { (act.actor) }
                            td data-label="Why" { (words::maybe(act.reason.as_deref())) }
                        }
                    }
                }
            } }
        }
    }
}

fn all_fields(fields: &[RecordField]) -> Markup {
    html! {
        details {
            summary { "Everything that it holds" }
            div.panel { dl {
                @for field in fields {
                    dt { (field.name) }
                    dd { @match (&field.value, field.is_text) {
                        (None, _) => span.quiet { "–" },
                        (Some(_), false) => span.quiet { "bytes" },
                        (Some(value), true) => (value),
                    } }
                }
            } }
        }
    }
}
