//! Before anything is done: exactly which rows, what follows, and what is in the way. Nothing is changed here.

use maud::{Markup, html};
use soft_delete::{DeletedRow, Descriptor};

use super::{
    Page,
    layout::{self, Place},
    record, words,
};
use crate::{
    act::{self, Act, Chosen},
    desk::Asked,
    refusal::Refusal,
    source::Source,
};

/// So many rows are listed by name; the rest is told as a number.
const NAMED_ROWS: usize = 20;

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let act: Act = asked.fields.parsed("act").ok_or(Refusal::NotFound)?;
    let model = asked.model(act.right())?;
    let chosen = act::chosen(asked, conn, model)?;
    if chosen.rows.is_empty() {
        return Err(Refusal::BadInput(
            "No record was chosen: go back and choose some.".to_owned(),
        ));
    }
    let plan = match act {
        Act::Restore => {
            let ids: Vec<&str> = chosen.rows.iter().map(|row| row.id.as_str()).collect();
            Some(asked.plan(conn, model, &ids)?)
        }
        _ => None,
    };
    let content = html! {
        p { (consequence(act, chosen.rows.len() as u64, model)) }
        (names(&chosen.rows))
        @if let Some(plan) = &plan { (record::what_comes_back(plan)) }
        (form(asked, act, model, &chosen))
    };
    let title = format!("{} {}", act.in_words(), words::rows(chosen.rows.len() as u64));
    Ok(layout::page(asked, Place::Records, &title, &content))
}

fn consequence(act: Act, rows: u64, model: &Descriptor) -> Markup {
    let rows = words::rows(rows);
    html! {
        @match act {
            Act::Restore => "These records come back, with everything that went along with them when they were deleted.",
            Act::Delete => "These records are marked deleted, with what goes along with them. They can be restored until a cleanup removes them.",
            Act::Force => {
                strong { (rows) " of " (model.name()) " and what was deleted with them are removed for good." }
                " Nobody can bring them back from here. Records that are held, or that others refer to, stay."
            },
            Act::Hold => "No cleanup and nobody else removes these records as long as they are held.",
            Act::Release => "Cleanups may remove these records again once they are expired.",
        }
    }
}

fn names(rows: &[DeletedRow]) -> Markup {
    html! {
        ul {
            @for row in rows.iter().take(NAMED_ROWS) {
                li { (words::name(row)) " " span.quiet { "(" (row.id) ")" } " " (words::badge(row)) }
            }
            @if rows.len() > NAMED_ROWS { li.quiet { "and " (words::number((rows.len() - NAMED_ROWS) as u64)) " more" } }
        }
    }
}

fn form<S: Source>(asked: &Asked<S>, act: Act, model: &Descriptor, chosen: &Chosen) -> Markup {
    let needs_reason = act.needs_reason(model);
    html! {
        form.confirm method="post" action="act" {
            input type="hidden" name="token" value=(asked.token());
            input type="hidden" name="act" value=(act.as_str());
            input type="hidden" name="model" value=(model.name());
            @for row in &chosen.rows { input type="hidden" name="id" value=(row.id); }
            @if act != Act::Release {
                label {
                    @if needs_reason { "Reason" } @else { "Reason (optional)" }
                    input type="text" name="reason" maxlength="2000" required[needs_reason] autocomplete="off";
                }
            }
            @if act == Act::Force {
                label {
                    span { "Type " strong { (model.name()) } " to go on" }
                    input type="text" name="typed" required autocomplete="off";
                }
            }
            div.actions {
                button.main.danger[act == Act::Force] { (act.in_words()) " " (words::rows(chosen.rows.len() as u64)) }
                a href={ "records?model=" (model.name()) } { "Leave it" }
            }
        }
    }
}
