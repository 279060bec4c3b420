//! What a visitor narrows the list down with.

use maud::{Markup, html};
use soft_delete::Descriptor;

use crate::{desk::Asked, source::Source};

/// Which rows, by the word in the address.
const SHOWN: [(&str, &str); 6] = [
    ("deleted", "Deleted"),
    ("expired", "Expired"),
    ("expiring", "Expire within a week"),
    ("held", "Held"),
    ("active", "Active"),
    ("all", "All"),
];

const ORDERS: [(&str, &str); 2] = [("newest", "Newest first"), ("oldest", "Oldest first")];

/// The form for the rows of a model, or of all.
pub(super) fn search<S: Source>(
    asked: &Asked<S>,
    model: Option<&Descriptor>,
    models: &[&'static Descriptor],
) -> Markup {
    let fields = &asked.fields;
    let (shown, order) = (
        fields.one("show").unwrap_or("deleted"),
        fields.one("sort").unwrap_or("newest"),
    );
    let any = |has: &dyn Fn(&Descriptor) -> bool| match model {
        Some(model) => has(model),
        None => models.iter().any(|model| has(model)),
    };
    html! {
        form.filters role="search" action="records" {
            label { "Model" select name="model" {
                @if models.len() > 1 { option value="" selected[model.is_none()] { "All" } }
                @for other in models {
                    option value=(other.name()) selected[model.is_some_and(|model| model.name() == other.name())] { (other.name()) }
                }
            } }
            label { "Show" select name="show" {
                @for (word, name) in SHOWN {
                    option value=(word) selected[word == shown] { (name) }
                }
            } }
            label { "Order" select name="sort" {
                @for (word, name) in ORDERS { option value=(word) selected[word == order] { (name) } }
            } }
            label { "Id" input type="search" name="id" value=[fields.one("id")]; }
            @if any(&|model| asked.shows_label(model)) {
                label { "Name contains" input type="search" name="label" accesskey="s" value=[fields.one("label")]; }
            }
            @if any(&|model| asked.shows_actor(model)) {
                label { "Deleted by" input type="search" name="by" value=[fields.one("by")]; }
            }
            @if any(&|model| asked.shows_reason(model)) {
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
