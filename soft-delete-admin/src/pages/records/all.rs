//! The deleted rows of all models in one list: a page of each, put in order.

use std::{cmp::Reverse, iter::Peekable, vec};

use maud::html;
use soft_delete::{DeletedRow, Descriptor};

use super::{
    super::{
        Page,
        layout::{self, Place},
    },
    done, form, goes_on, none, pages,
    search::{self, LOOKED_AT},
    table,
};
use crate::{desk::Asked, refusal::Refusal, source::Source};

/// What stands for a place where a model has no more rows.
const END: &str = "end";

/// A model's part of the list.
struct Part {
    /// The field of the address that tells where it goes on.
    field: String,
    rows: Peekable<vec::IntoIter<DeletedRow>>,
    /// Where it goes on behind what was shown of it.
    next: String,
    /// Where it goes on once all of its rows are shown.
    behind: String,
}

pub(super) fn page<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    models: &[&'static Descriptor],
) -> Page {
    // They follow each other by their keys, which those of two models do not.
    if matches!(asked.fields.one("show"), Some("active" | "all")) {
        let words = "Choose a model to see records that are not deleted.";
        return Err(Refusal::BadInput(words.to_owned()));
    }
    let mut parts = Vec::new();
    for model in models.iter().filter(|model| search::may_match(asked, model)) {
        parts.push(part(asked, conn, model)?);
    }
    let rows = merged(
        &mut parts,
        asked.size() as usize,
        asked.fields.one("sort") == Some("oldest"),
    );
    let next = parts.iter().any(|part| part.next != END).then(|| {
        let places = parts.iter();
        places.fold(asked.fields.clone(), |fields, part| {
            fields.with(&part.field, Some(&part.next))
        })
    });
    let search = form::search(asked, None, models);
    if let (true, Some(next)) = (rows.is_empty(), &next) {
        return Ok(goes_on(asked, &search, next));
    }
    let content = html! {
        (done(&asked.fields))
        (search)
        @if rows.is_empty() { (none(&asked.fields)) } @else { (table::of_models(asked, models, &rows)) }
        (pages(&asked.fields, next.as_ref()))
    };
    Ok(layout::page(asked, Place::Records, "Records", &content))
}

fn part<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    model: &'static Descriptor,
) -> Result<Part, Refusal> {
    let field = format!("after.{}", model.name());
    let after = asked.fields.one(&field);
    let ended = |field| Part {
        field,
        rows: Vec::new().into_iter().peekable(),
        next: END.to_owned(),
        behind: END.to_owned(),
    };
    if after == Some(END) {
        return Ok(ended(field));
    }
    let listing = search::listing(asked, model, &asked.fields)?;
    let mut listing = listing.size(asked.size()).looking_at(LOOKED_AT);
    if let Some(after) = after {
        let Ok(place) = after.parse();
        listing = listing.after(place);
    }
    match search::list(asked, conn, model, &listing) {
        Ok(found) => {
            let behind = found
                .next
                .map_or_else(|| END.to_owned(), |place| place.to_string());
            Ok(Part {
                field,
                next: if found.rows.is_empty() {
                    behind.clone()
                } else {
                    after.unwrap_or_default().to_owned()
                },
                rows: found.rows.into_iter().peekable(),
                behind,
            })
        }
        // What is no key of this model may be one of another.
        Err(Refusal::BadInput(_)) if asked.fields.one("id").is_some() => Ok(ended(field)),
        Err(refusal) => Err(refusal),
    }
}

// The first rows of all parts, by when they were deleted.
fn merged(parts: &mut [Part], size: usize, oldest_first: bool) -> Vec<DeletedRow> {
    let mut rows = Vec::with_capacity(size);
    // Where a search has not come to its end in a model, what it finds there may come before what is left of the others.
    while rows.len() < size
        && parts
            .iter_mut()
            .all(|part| part.rows.peek().is_some() || part.next == END)
    {
        let heads = parts.iter_mut().filter_map(|part| {
            let time = part.rows.peek()?.deleted_at;
            Some((time, part))
        });
        let first = if oldest_first {
            heads.min_by_key(|(time, _)| *time)
        } else {
            heads.min_by_key(|(time, _)| Reverse(*time))
        };
        let Some((_, part)) = first else { break };
        let Some(row) = part.rows.next() else { break };
        part.next = match part.rows.peek() {
            Some(_) => row.place().map(|place| place.to_string()).unwrap_or_default(),
            None => part.behind.clone(),
        };
        rows.push(row);
    }
    rows
}
