//! Which rows are asked for, in the words of the address.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use soft_delete::{DeletedPage, DeletionId, Descriptor, Listed, Listing};

use crate::{desk::Asked, fields::Fields, refusal::Refusal, source::Source};

/// So many rows are looked at for a page of a search, so that it comes at once, and costs the database little.
pub(super) const LOOKED_AT: u32 = 10_000;

/// Fields of the address that narrow the list down.
pub(crate) const FILTERS: [&str; 9] = [
    "show",
    "id",
    "label",
    "by",
    "reason_has",
    "since",
    "until",
    "operation",
    "sort",
];

/// The page of rows that the fields ask for.
pub(crate) fn found<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    model: &'static Descriptor,
) -> Result<DeletedPage, Refusal> {
    let listing = listing(asked, model, &asked.fields)?;
    let mut listing = listing.size(asked.size()).looking_at(LOOKED_AT);
    if let Some(after) = asked.fields.one("after") {
        let Ok(place) = after.parse();
        listing = listing.after(place);
    }
    list(asked, conn, model, &listing)
}

/// The rows that are theirs.
pub(crate) fn list<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    model: &'static Descriptor,
    listing: &Listing,
) -> Result<DeletedPage, Refusal> {
    let theirs = asked.rows(model.name());
    let mut page = asked
        .desk
        .registry
        .list_within(conn, model.name(), listing, theirs)?;
    if !asked.shows_label(model) {
        for row in &mut page.rows {
            row.label = None;
        }
    }
    if !asked.shows_actor(model) {
        for row in &mut page.rows {
            row.deleted_by = None;
        }
    }
    if !asked.shows_reason(model) {
        for row in &mut page.rows {
            row.reason = None;
        }
    }
    Ok(page)
}

/// Whether a row of this model can be as it is asked for: one that does not tell what is asked for cannot.
pub(super) fn can_match(fields: &Fields, model: &Descriptor) -> bool {
    let is_asked = |field: &str| fields.one(field).is_some();
    (model.tells_actor() || !is_asked("by"))
        && (model.tells_reason() || !is_asked("reason_has"))
        && (model.label_column().is_some() || !is_asked("label"))
        && (model.is_in_operations() || !is_asked("operation"))
}

/// Whether they may know that a row is as they ask for it.
pub(super) fn may_match<S: Source>(asked: &Asked<S>, model: &Descriptor) -> bool {
    let is_asked = |field: &str| asked.fields.one(field).is_some();
    can_match(&asked.fields, model)
        && (asked.shows_actor(model) || !is_asked("by"))
        && (asked.shows_reason(model) || !is_asked("reason_has"))
        && (asked.shows_label(model) || !is_asked("label"))
}

/// The list that these fields ask for.
pub(crate) fn listing<S: Source>(
    asked: &Asked<S>,
    model: &Descriptor,
    fields: &Fields,
) -> Result<Listing, Refusal> {
    let now = asked.now;
    let mut listing = Listing::new().at(now);
    listing = match fields.one("show").unwrap_or("deleted") {
        "deleted" => listing,
        "expired" => listing.expired(true),
        "expiring" => listing.expired(false).due_by(now + TimeDelta::days(7)),
        "held" => listing.held(true),
        "active" => listing.rows(Listed::Active),
        "all" => listing.rows(Listed::All),
        other => return Err(Refusal::BadInput(format!("{other:?} is no kind of rows."))),
    };
    match fields.one("sort") {
        None | Some("newest") => {}
        Some("oldest") => listing = listing.oldest_first(),
        Some(other) => return Err(Refusal::BadInput(format!("{other:?} is no order."))),
    }
    if let Some(id) = fields.one("id") {
        listing = listing.record(id.trim());
    }
    if let Some(text) = fields.one("label") {
        // Who may not see names does not find out what they contain.
        if !asked.shows_label(model) {
            return Err(Refusal::NotFound);
        }
        listing = listing.label_contains(text);
    }
    let is_hidden = |field: &str, shown: bool| fields.one(field).is_some() && !shown;
    if is_hidden("by", asked.shows_actor(model)) || is_hidden("reason_has", asked.shows_reason(model)) {
        return Err(Refusal::NotFound);
    }
    if let Some(actor) = fields.one("by") {
        listing = listing.by(actor.trim());
    }
    if let Some(text) = fields.one("reason_has") {
        listing = listing.reason_contains(text);
    }
    if let Some(day) = day(fields, "since")? {
        listing = listing.since(day);
    }
    if let Some(day) = end_of_day(fields, "until")? {
        listing = listing.until(day);
    }
    if let Some(id) = operation(fields)? {
        listing = listing.operation(id);
    }
    Ok(listing)
}

/// The operation that is asked for.
pub(crate) fn operation(fields: &Fields) -> Result<Option<DeletionId>, Refusal> {
    let Some(id) = fields.one("operation") else {
        return Ok(None);
    };
    let known = id.trim().parse().map(Some);
    known.map_err(|_| Refusal::BadInput(format!("{id:?} is no operation.")))
}

/// The beginning of the day after this one, in UTC.
pub(crate) fn end_of_day(fields: &Fields, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let day = day(fields, name)?;
    Ok(day.map(|day| day.checked_add_signed(TimeDelta::days(1)).unwrap_or(day)))
}

/// The beginning of this day, in UTC.
pub(crate) fn day(fields: &Fields, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = fields.one(name) else {
        return Ok(None);
    };
    let day: NaiveDate = text
        .parse()
        .map_err(|_| Refusal::BadInput(format!("{text:?} is no day like 2026-12-31.")))?;
    Ok(Some(day.and_time(NaiveTime::MIN).and_utc()))
}
