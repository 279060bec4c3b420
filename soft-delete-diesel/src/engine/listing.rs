//! Listing deleted rows.

use super::failure;
use crate::{
    DeletedCursor, DeletedPage, DeletedRow, Descriptor, Error, Listed, Listing, Page, Predicate, Result,
    executor::Executor,
    statement::{
        DeletedRows, Expired, Filter, Instant, List, ListEdge, OperationRef, Order, TextKey, containing,
        time_span,
    },
};

/// A page of the deleted rows of a model.
pub(crate) async fn list_deleted<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    listing: &Listing,
    within: Option<&Predicate<'_, E::DB>>,
) -> Result<DeletedPage> {
    let size = listing.size.unwrap_or(Listing::SIZE);
    Page::of(size).check()?;
    let order = match listing.rows {
        Listed::Deleted => Order::by_time(model),
        Listed::Active | Listed::All => Order::by_key(model),
    };
    let place = match &listing.after {
        Some(cursor) => Some(
            cursor
                .place()
                .filter(|place| order.has(place))
                .ok_or_else(|| cursor.refused(model))?,
        ),
        None => None,
    };
    let filters = filters(model, listing)?;
    let now = Instant::new(listing.instant());
    let mut list = List {
        model,
        order: &order,
        forwards: listing.oldest_first,
        after: place.as_ref(),
        up_to: None,
        filters: &filters,
        rows: listing.rows,
        within,
        now: &now,
        has_holds: true,
    };
    if let Some(rows) = listing.looks_at.filter(|_| list.searches()) {
        let edge = ListEdge {
            list: &list,
            rows: rows.max(size),
        };
        let found = executor.rows(&edge).await?;
        list.up_to = found.into_iter().find_map(|mut row| order.take(&mut row, 0));
    }
    // One more tells whether there is a next page.
    let limit = size + 1;
    let found = executor.rows(&DeletedRows { list: &list, limit }).await;
    let mut found = match found {
        Ok(found) => found,
        Err(error) => match failure::missing_schema(executor, error.into()).await {
            // An application that the library is not installed in yet has no holds, and can be looked at.
            // If that fails too, it is the application's own table that is wrong.
            Error::SchemaMissing { .. } => {
                list.has_holds = false;
                executor.rows(&DeletedRows { list: &list, limit }).await?
            }
            error => return Err(error),
        },
    };
    let has_more = found.len() > size as usize;
    found.truncate(size as usize);
    let mut page = DeletedPage {
        rows: Vec::with_capacity(found.len()),
        // Behind the last row that was looked at, if there was no more to be found among them.
        next: list.up_to.as_ref().map(DeletedCursor::of),
    };
    for mut row in found {
        page.rows
            .push(DeletedRow::read(model, &order, listing.instant(), &mut row));
    }
    if has_more {
        page.next = page.rows.last().and_then(DeletedRow::place);
    }
    Ok(page)
}

fn filters(model: &'static Descriptor, listing: &Listing) -> Result<Vec<Filter>> {
    let mut filters = Vec::new();
    let lacks = |setting, value: &String, way_out| Error::BadSetting {
        setting,
        value: value.clone(),
        way_out,
    };
    if let Some(id) = &listing.record {
        filters.push(Filter::Key(TextKey::parse(model, id)?));
    }
    if let Some(text) = &listing.label {
        if model.label.is_none() {
            return Err(lacks("label_contains", text, "the model has no label"));
        }
        filters.push(Filter::Label(containing(text)));
    }
    if let Some(actor) = &listing.by {
        let column = model.deleted_by.as_ref().ok_or_else(|| {
            lacks(
                "by",
                actor,
                "the model has no `deleted_by`; its audit trail knows who deleted a row",
            )
        })?;
        // Nobody whose name the column cannot hold has deleted a row.
        filters.push(if column.kind().accepts(actor) {
            Filter::By(actor.clone())
        } else {
            Filter::Nothing
        });
    }
    if let Some(text) = &listing.reason {
        if model.deletion_reason.is_none() {
            return Err(lacks(
                "reason_contains",
                text,
                "the model has no `deletion_reason`; its audit trail knows why a row was deleted",
            ));
        }
        filters.push(Filter::Reason(containing(text)));
    }
    if listing.from.is_some() || listing.to.is_some() {
        let span = time_span(listing.from, listing.to);
        filters.push(span.map_or(Filter::Nothing, Filter::Between));
    }
    let now = listing.instant();
    match (listing.expired, listing.due_by) {
        // One stretch of time, which an index finds.
        (Some(false), Some(instant)) => {
            filters.push(Filter::Expired(Expired::between(model, now, instant), true));
        }
        (expired, due_by) => {
            filters.extend(expired.map(|expired| Filter::Expired(Expired::at(model, now), expired)));
            filters.extend(due_by.map(|instant| Filter::Expired(Expired::at(model, instant), true)));
        }
    }
    filters.extend(listing.held.map(Filter::Held));
    filters.extend(
        listing
            .operation
            .map(|id| Filter::Operation(OperationRef::new(id))),
    );
    Ok(filters)
}
