//! Rows in columns.

use maud::{Markup, html};
use soft_delete::{DeletedRow, Descriptor};

use super::{super::words, link, search::FILTERS};
use crate::{access::Right, desk::Asked, source::Source};

/// What there is a column of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Choice,
    Model,
    Id,
    Name,
    Deleted,
    By,
    Reason,
    State,
}

/// The rows of a model, with what can be done to those that are chosen.
pub(super) fn to_choose_from<S: Source>(
    asked: &Asked<S>,
    model: &Descriptor,
    rows: &[DeletedRow],
    is_whole: bool,
) -> Markup {
    let may = |right| asked.may(right, model.name());
    let shows_active = matches!(asked.fields.one("show"), Some("active" | "all"));
    let columns = [Some(Column::Choice), Some(Column::Id)]
        .into_iter()
        .chain(told(asked, &[model]));
    let columns: Vec<Column> = columns.flatten().collect();
    html! {
        form method="post" action="confirm" {
            input type="hidden" name="token" value=(asked.token());
            input type="hidden" name="model" value=(model.name());
            @for (name, value) in asked.fields.pairs().filter(|(name, _)| FILTERS.contains(name)) {
                input type="hidden" name={ "filter_" (name) } value=(value);
            }
            label.inline.above data-chooses="id" hidden { input type="checkbox"; "Choose all on this page" }
            (table(&columns, rows))
            div.actions {
                label.inline {
                    input type="checkbox" name="all" value="yes";
                    @if is_whole { "All " (words::number(rows.len() as u64)) " that match" } @else { "All that match, also on other pages" }
                }
                @if may(Right::Restore) { button.main name="act" value="restore" { "Restore…" } }
                @if may(Right::Delete) && shows_active { button name="act" value="delete" { "Delete…" } }
                @if may(Right::Hold) { button name="act" value="hold" { "Hold…" } button name="act" value="release" { "Let go…" } }
                @if may(Right::Force) { button.danger name="act" value="force" { "Remove for good…" } }
            }
        }
    }
}

/// Rows of several models, to be looked at.
pub(super) fn of_models<S: Source>(
    asked: &Asked<S>,
    models: &[&'static Descriptor],
    rows: &[DeletedRow],
) -> Markup {
    let columns = [Some(Column::Model), Some(Column::Id)]
        .into_iter()
        .chain(told(asked, models));
    table(&columns.flatten().collect::<Vec<Column>>(), rows)
}

// What at least one of these models tells of its rows.
fn told<S: Source>(asked: &Asked<S>, models: &[&Descriptor]) -> [Option<Column>; 5] {
    let any = |tells: &dyn Fn(&Descriptor) -> bool| models.iter().any(|model| tells(model));
    [
        any(&|model| asked.shows_label(model)).then_some(Column::Name),
        Some(Column::Deleted),
        any(&|model| asked.shows_actor(model)).then_some(Column::By),
        any(&|model| asked.shows_reason(model)).then_some(Column::Reason),
        Some(Column::State),
    ]
}

fn table(columns: &[Column], rows: &[DeletedRow]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Records" {
            table {
                thead { tr { @for column in columns { th scope="col" { (column.name()) } } } }
                tbody { @for row in rows { tr {
                    @for column in columns { td data-label=(column.name()) { (cell(*column, row)) } }
                } } }
            }
        }
    }
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Choice => "Choose",
            Self::Model => "Model",
            Self::Id => "Id",
            Self::Name => "Name",
            Self::Deleted => "Deleted",
            Self::By => "By",
            Self::Reason => "Reason",
            Self::State => "State",
        }
    }
}

fn cell(column: Column, row: &DeletedRow) -> Markup {
    match column {
        Column::Choice => {
            html! { input type="checkbox" name="id" value=(row.id) aria-label={ "Choose " (words::name(row)) }; }
        }
        Column::Model => html! { (row.model) },
        Column::Id => html! { a href={ "record?" (link(&row.model, &row.id)) } { (row.id) } },
        Column::Name => words::maybe(row.label.as_deref()),
        Column::Deleted => words::maybe_time(row.deleted_at),
        Column::By => words::maybe(row.deleted_by.as_deref()),
        Column::Reason => words::maybe(row.reason.as_deref()),
        Column::State => words::badge(row),
    }
}
