//! The rows of a model: found, and chosen for what is to be done with them.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use maud::{Markup, html};
use soft_delete::{DeletedPage, Descriptor, Listed, Listing};

use super::{
    Page,
    layout::{self, Place},
    words,
};
use crate::{access::Right, desk::Asked, fields::Fields, refusal::Refusal, source::Source};

/// Which rows, by the word in the address.
const SHOWN: [(&str, &str); 6] = [
    ("deleted", "Deleted"),
    ("expired", "Expired"),
    ("expiring", "Expire within a week"),
    ("held", "Held"),
    ("active", "Active"),
    ("all", "All"),
];

/// Fields of the address that narrow the list down.
pub(crate) const FILTERS: [&str; 8] = [
    "show",
    "id",
    "label",
    "by",
    "reason_has",
    "since",
    "until",
    "operation",
];

pub(crate) fn page<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Page {
    let models = asked.models();
    let mut first = None;
    if asked.fields.one("model").is_none() {
        first = Some(models.first().copied().ok_or(Refusal::NotFound)?);
    }
    let model = match first {
        Some(model) => model,
        None => asked.model(Right::See)?,
    };
    let found = found(asked, conn, model)?;
    let title = format!("Records of {}", model.name());
    let content = html! {
        (done(&asked.fields))
        (filters(asked, model, &models))
        (rows(asked, model, &found))
    };
    Ok(layout::page(asked, Place::Records, &title, &content))
}

/// The page of rows that the fields ask for.
pub(crate) fn found<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    model: &'static Descriptor,
) -> Result<DeletedPage, Refusal> {
    let mut listing = listing(asked, model, &asked.fields)?.size(asked.size());
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
    Ok(page)
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
    if let Some(actor) = fields.one("by") {
        listing = listing.by(actor.trim());
    }
    if let Some(text) = fields.one("reason_has") {
        listing = listing.reason_contains(text);
    }
    if let Some(day) = day(fields, "since")? {
        listing = listing.since(day);
    }
    if let Some(day) = day(fields, "until")? {
        listing = listing.until(day.checked_add_signed(TimeDelta::days(1)).unwrap_or(day));
    }
    if let Some(id) = fields.one("operation") {
        let id = id
            .parse()
            .map_err(|_| Refusal::BadInput(format!("{id:?} is no operation.")))?;
        listing = listing.operation(id);
    }
    Ok(listing)
}

// A day is its beginning in UTC.
fn day(fields: &Fields, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = fields.one(name) else {
        return Ok(None);
    };
    let day: NaiveDate = text
        .parse()
        .map_err(|_| Refusal::BadInput(format!("{text:?} is no day like 2026-12-31.")))?;
    Ok(Some(day.and_time(NaiveTime::MIN).and_utc()))
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

fn filters<S: Source>(asked: &Asked<S>, model: &Descriptor, models: &[&'static Descriptor]) -> Markup {
    let fields = &asked.fields;
    let shown = fields.one("show").unwrap_or("deleted");
    html! {
        form.filters role="search" action="records" {
            label { "Model" select name="model" {
                @for other in models {
                    option value=(other.name()) selected[other.name() == model.name()] { (other.name()) }
                }
            } }
            label { "Show" select name="show" {
                @for (word, name) in SHOWN {
                    option value=(word) selected[word == shown] { (name) }
                }
            } }
            label { "Id" input type="search" name="id" value=[fields.one("id")]; }
            @if asked.shows_label(model) {
                label { "Name contains" input type="search" name="label" value=[fields.one("label")]; }
            }
            @if model.tells_actor() {
                label { "Deleted by" input type="search" name="by" value=[fields.one("by")]; }
            }
            @if model.tells_reason() {
                label { "Reason contains" input type="search" name="reason_has" value=[fields.one("reason_has")]; }
            }
            label { "From (UTC)" input type="date" name="since" value=[fields.one("since")]; }
            label { "To (UTC)" input type="date" name="until" value=[fields.one("until")]; }
            @if let Some(operation) = fields.one("operation") {
                input type="hidden" name="operation" value=(operation);
            }
            button { "Search" }
        }
    }
}

fn rows<S: Source>(asked: &Asked<S>, model: &Descriptor, found: &DeletedPage) -> Markup {
    if found.rows.is_empty() {
        return html! {
            div.panel {
                p { "No record of " (model.name()) " is like that." }
                p.quiet { "Deleted records stand here until a cleanup removes them for good. Try other filters, or show all records." }
            }
        };
    }
    let may = |right| asked.may(right, model.name());
    let shows_active = matches!(asked.fields.one("show"), Some("active" | "all"));
    let next = found
        .next
        .as_ref()
        .map(|place| asked.fields.with("after", Some(place.as_str())).query());
    html! {
        form method="post" action="confirm" {
            input type="hidden" name="token" value=(asked.token());
            input type="hidden" name="model" value=(model.name());
            @for (name, value) in asked.fields.pairs().filter(|(name, _)| FILTERS.contains(name)) {
                input type="hidden" name={ "filter_" (name) } value=(value);
            }
            div.scroll tabindex="0" role="region" aria-label="Records" {
                table {
                    thead { tr {
                        th scope="col" {
                            label.inline data-chooses="id" hidden { input type="checkbox" aria-label="Choose all on this page"; }
                            span.quiet { "Choose" }
                        }
                        th scope="col" { "Id" }
                        @if asked.shows_label(model) { th scope="col" { "Name" } }
                        th scope="col" { "Deleted" }
                        @if model.tells_actor() { th scope="col" { "By" } }
                        @if model.tells_reason() { th scope="col" { "Reason" } }
                        th scope="col" { "State" }
                    } }
                    tbody {
                        @for row in &found.rows {
                            tr {
                                td data-label="Choose" { input type="checkbox" name="id" value=(row.id) aria-label={ "Choose " (words::name(row)) }; }
                                td data-label="Id" { a href={ "record?" (link(model.name(), &row.id)) } { (row.id) } }
                                @if asked.shows_label(model) { td data-label="Name" { (words::maybe(row.label.as_deref())) } }
                                td data-label="Deleted" { (words::maybe_time(row.deleted_at)) }
                                @if model.tells_actor() { td data-label="By" { (words::maybe(row.deleted_by.as_deref())) } }
                                @if model.tells_reason() { td data-label="Reason" { (words::maybe(row.reason.as_deref())) } }
                                td data-label="State" { (words::badge(row)) }
                            }
                        }
                    }
                }
            }
            div.actions {
                label.inline { input type="checkbox" name="all" value="yes"; "All that match, also on other pages" }
                @if may(Right::Restore) { button.main name="act" value="restore" { "Restore…" } }
                @if may(Right::Delete) && shows_active { button name="act" value="delete" { "Delete…" } }
                @if may(Right::Hold) { button name="act" value="hold" { "Hold…" } button name="act" value="release" { "Let go…" } }
                @if may(Right::Force) { button.danger name="act" value="force" { "Remove for good…" } }
            }
        }
        nav.pages aria-label="Pages of the list" {
            @if asked.fields.one("after").is_some() {
                a href={ "records?" (asked.fields.with("after", None).query()) } { "First page" }
            }
            @if let Some(next) = next { a rel="next" href={ "records?" (next) } { "Next page" } }
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
