//! `list-deleted`: the bin of a model, page by page.

use chrono::TimeDelta;
use diesel::connection::LoadConnection;
use soft_delete::{Clock, DeletedCursor, Dialect, Listing, SystemClock};

use crate::{
    args::ListDeleted,
    exit::Exit,
    output::{Document, Format},
    session::{Answer, Session},
};

const COLUMNS: [&str; 7] = [
    "id",
    "label",
    "deleted_at",
    "deleted_by",
    "reason",
    "status",
    "days_left",
];

const CSV_COLUMNS: [&str; 11] = [
    "model",
    "id",
    "label",
    "deleted_at",
    "deleted_by",
    "reason",
    "deletion_id",
    "expires_at",
    "days_left",
    "status",
    "is_held",
];

pub(crate) fn run<C>(session: &mut Session<'_, C>, asked: &ListDeleted) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let listing = listing(asked);
    let page = session
        .registry
        .list_deleted(session.conn, &asked.model, &listing)?;
    let mut document = Document::list("rows", &COLUMNS).in_csv(&CSV_COLUMNS);
    for row in &page.rows {
        let item = document.push(row)?;
        if row.is_held && session.common.format == Format::Table {
            item.insert("status".to_owned(), format!("{}, held", row.status).into());
        }
    }
    let next = page.next.as_ref().map(DeletedCursor::as_str);
    document.field("next", next);
    if let Some(next) = next {
        document.note(format!("More: --after {next}"));
    } else if page.rows.is_empty() {
        document.note(format!("No deleted row of {} is like that.", asked.model));
    }
    session.answer(document)?;
    Ok(Exit::Done)
}

fn listing(asked: &ListDeleted) -> Listing {
    let mut listing = Listing::new().size(asked.limit);
    if asked.expired {
        listing = listing.expired(true);
    }
    if let Some(days) = asked.expiring {
        let now = SystemClock.now();
        let end = now
            .checked_add_signed(TimeDelta::days(days.into()))
            .unwrap_or(now);
        listing = listing.at(now).expired(false).due_by(end);
    }
    if asked.held {
        listing = listing.held(true);
    }
    if let Some(actor) = &asked.filters.by {
        listing = listing.by(actor);
    }
    if let Some(text) = &asked.filters.reason {
        listing = listing.reason_contains(text);
    }
    if let Some(since) = asked.filters.since {
        listing = listing.since(since);
    }
    if let Some(until) = asked.filters.until {
        listing = listing.until(until);
    }
    if let Some(operation) = asked.filters.operation {
        listing = listing.operation(operation);
    }
    if let Some(after) = &asked.after {
        let Ok(place) = after.parse::<DeletedCursor>();
        listing = listing.after(place);
    }
    listing
}
