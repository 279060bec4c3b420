//! `list-deleted`: the bin of a model, page by page.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use diesel::connection::LoadConnection;
use serde_json::Value;
use soft_delete::{Clock, DeletedCursor, DeletedRow, Dialect, LATEST, Listing, SystemClock};

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

pub(super) const CSV_COLUMNS: [&str; 11] = [
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
    let is_empty = page.rows.is_empty();
    for row in page.rows {
        let held = row.is_held && session.common.format == Format::Table;
        let held = held.then(|| format!("{}, held", row.status));
        let item = document.add(fields(row));
        if let Some(held) = held {
            item.set("status", held);
        }
    }
    let next = page.next.as_ref().map(DeletedCursor::as_str);
    document.field("next", next);
    if let Some(next) = next {
        document.more(&next);
    } else if is_empty {
        document.note(format!("No deleted row of {} is like that.", asked.model));
    }
    session.answer(document)?;
    Ok(Exit::Done)
}

/// What serde says of a row, of which a list has too many for a detour.
pub(super) fn fields(row: DeletedRow) -> [(&'static str, Value); 11] {
    let time =
        |time: Option<DateTime<Utc>>| time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    [
        ("model", row.model.into()),
        ("id", row.id.into()),
        ("label", row.label.into()),
        ("deleted_at", time(row.deleted_at).into()),
        ("deleted_by", row.deleted_by.into()),
        ("reason", row.reason.into()),
        ("deletion_id", row.deletion_id.into()),
        ("expires_at", time(row.expires_at).into()),
        ("days_left", row.days_left.into()),
        ("status", row.status.as_str().into()),
        ("is_held", row.is_held.into()),
    ]
}

fn listing(asked: &ListDeleted) -> Listing {
    let mut listing = Listing::new().size(asked.limit);
    if asked.expired {
        listing = listing.expired(true);
    }
    if let Some(days) = asked.expiring {
        let now = SystemClock.now();
        // So many days that there is no such time are all the time there is.
        let end = TimeDelta::try_days(days.into()).and_then(|days| now.checked_add_signed(days));
        let end = end.filter(|end| *end < LATEST).unwrap_or(LATEST);
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_says_what_serde_says_of_it() {
        let whole = json!({
            "model": "leads", "id": "7", "label": "Ada", "deleted_at": "2026-01-15T12:00:00.120Z", "deleted_by": "ann",
            "reason": "double", "deletion_id": "0198c5a2-0000-7000-8000-000000000001", "expires_at": "2026-02-14T12:00:00Z",
            "days_left": 3, "status": "deleted", "is_held": true
        });
        let bare = json!({
            "model": "leads", "id": "7", "label": null, "deleted_at": null, "deleted_by": null, "reason": null,
            "deletion_id": null, "expires_at": null, "days_left": null, "status": "expired", "is_held": false
        });
        for row in [whole, bare] {
            let read: DeletedRow = serde_json::from_value(row.clone()).expect("a row");
            assert_eq!(serde_json::to_value(&read).expect("JSON"), row);
            let said = fields(read).map(|(name, value)| (name.to_owned(), value));
            assert_eq!(Value::Object(said.into_iter().collect()), row);
        }
    }
}
