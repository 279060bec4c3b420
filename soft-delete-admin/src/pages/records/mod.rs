//! The rows of a model, or of all: found, and chosen for what is to be done with them.

mod all;
mod form;
mod search;
mod table;

use maud::{Markup, html};
use soft_delete::Descriptor;

use super::{
    Page,
    layout::{self, Place},
    words,
};
use crate::{access::Right, desk::Asked, fields::Fields, refusal::Refusal, source::Source};

pub(crate) use search::{FILTERS, day, end_of_day, found, list, listing, operation};

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let models = asked.models();
    let model = match (asked.fields.one("model"), &models[..]) {
        (None, []) => return Err(Refusal::NotFound),
        (None, [only]) => Some(*only),
        (None, _) => None,
        (Some(_), _) => Some(asked.model(Right::See)?),
    };
    let page = match model {
        Some(model) => of_model(asked, conn, model, &models),
        None => all::page(asked, conn, &models),
    };
    match page {
        Err(Refusal::BadInput(words)) => Err(unclear(asked, model, &models, words)),
        page => page,
    }
}

// What was typed is there still, to be mended.
fn unclear<S: Source>(
    asked: &Asked<S>,
    model: Option<&'static Descriptor>,
    models: &[&'static Descriptor],
    words: String,
) -> Refusal {
    let content = html! {
        div.notice.bad role="alert" { (words) }
        (form::search(asked, model, models))
    };
    let page = layout::page(asked, Place::Records, "Records", &content);
    Refusal::OnForm(words, page)
}

fn of_model<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    model: &'static Descriptor,
    models: &[&'static Descriptor],
) -> Page {
    let search = form::search(asked, Some(model), models);
    if !search::can_match(&asked.fields, model) {
        let content = html! { (search) (none(&asked.fields)) };
        return Ok(layout::page(
            asked,
            Place::Records,
            &format!("Records of {}", model.name()),
            &content,
        ));
    }
    let found = found(asked, conn, model)?;
    let next = found.next.as_ref();
    let next = next.map(|place| asked.fields.with("after", Some(place.as_str())));
    if let (true, Some(next)) = (found.rows.is_empty(), &next) {
        return Ok(goes_on(asked, &search, next));
    }
    let is_whole = next.is_none() && asked.fields.one("after").is_none();
    let title = format!("Records of {}", model.name());
    let content = html! {
        (done(&asked.fields))
        (search)
        @if found.rows.is_empty() { (none(&asked.fields)) } @else { (table::to_choose_from(asked, model, &found.rows, is_whole)) }
        (pages(&asked.fields, next.as_ref()))
    };
    Ok(layout::page(asked, Place::Records, &title, &content))
}

// A search that has found nothing so far goes on by itself, a bounded part at a time, and can be left at any time.
fn goes_on<S: Source>(asked: &Asked<S>, search: &Markup, next: &Fields) -> Markup {
    let before = asked.fields.parsed::<u64>("searched").unwrap_or_default();
    let searched = before.saturating_add(search::LOOKED_AT.into());
    let next = next.with("searched", Some(&searched.to_string())).query();
    let next = format!("records?{next}");
    let content = html! {
        (search)
        div.panel {
            p { "Nothing yet among " (words::number(searched)) " records." }
            p { a rel="next" href=(next) { "Search further" } }
        }
    };
    layout::page_leading_on(asked, Place::Records, "Searching", &next, &content)
}

fn none(fields: &Fields) -> Markup {
    let is_behind = fields
        .pairs()
        .any(|(name, _)| name == "after" || name.starts_with("after."));
    html! {
        div.panel {
            p { @if is_behind && fields.one("searched").is_none() { "No further record is like that." } @else { "No record is like that." } }
            p.quiet { "Deleted records stand here until a cleanup removes them for good. Try other filters, or show all records of a model." }
        }
    }
}

fn pages(fields: &Fields, next: Option<&Fields>) -> Markup {
    // What was done, or found, before this page is not told again.
    let is_past = |name: &str| matches!(name, "searched" | "done" | "rows" | "missed");
    let first = fields.without(|name| name == "after" || name.starts_with("after."));
    html! {
        nav.pages aria-label="Pages of the list" {
            @if first != *fields { a href={ "records?" (first.without(is_past).query()) } { "First page" } }
            @if let Some(next) = next {
                a rel="next" accesskey="n" href={ "records?" (next.without(is_past).query()) } { "Next page" }
            }
        }
    }
}

/// What was done before this page came, in words that nobody can put into the address but ours.
pub(super) fn done(fields: &Fields) -> Markup {
    let rows = fields.parsed::<u64>("rows").unwrap_or_default();
    let words = match fields.one("done") {
        Some("restore") => format!("{} came back.", words::rows(rows)),
        Some("delete") => format!("{} deleted.", words::rows(rows)),
        Some("force") => format!("{} removed for good.", words::rows(rows)),
        Some("hold") => format!("{} held.", words::rows(rows)),
        Some("release") => format!("{} let go.", words::rows(rows)),
        Some("undo") => format!("Taken back: {}.", words::rows(rows)),
        _ => return html! {},
    };
    let missed = fields.parsed::<u64>("missed").unwrap_or_default();
    html! {
        div.notice role="status" {
            (words)
            @if missed > 0 { " " (words::rows(missed)) " had been changed by somebody else meanwhile, or are not there." }
        }
    }
}

/// The end of a link to a row.
pub(super) fn link(model: &str, id: &str) -> String {
    Fields::default()
        .with("model", Some(model))
        .with("id", Some(id))
        .query()
}
