//! Things that many pages show, in the same words.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use soft_delete::{Action, DeletedRow, Status};

/// A time, in UTC for those without scripts.
pub(super) fn time(at: DateTime<Utc>) -> Markup {
    html! {
        time datetime=(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)) { (at.format("%Y-%m-%d %H:%M UTC")) }
    }
}

/// A time that may be missing.
pub(super) fn maybe_time(at: Option<DateTime<Utc>>) -> Markup {
    at.map_or_else(|| html! { span.quiet { "–" } }, time)
}

/// A text that may be missing.
pub(super) fn maybe(text: Option<&str>) -> Markup {
    html! {
        @match text {
            Some(text) => (text),
            None => span.quiet { "–" },
        }
    }
}

/// How a row stands, in words and not by colour alone.
pub(super) fn badge(row: &DeletedRow) -> Markup {
    let (class, words) = match (row.status, row.days_left) {
        (Status::Active, _) => ("", "active".to_owned()),
        (Status::Expired, _) => ("expired", "expired".to_owned()),
        (_, None) => ("", "kept for good".to_owned()),
        (_, Some(1)) => ("soon", "expires within a day".to_owned()),
        (_, Some(days)) if days <= 7 => ("soon", format!("expires in {days} days")),
        (_, Some(days)) => ("", format!("expires in {days} days")),
    };
    html! {
        span class={ "badge " (class) } { (words) }
        @if row.is_held { " " span.badge.held { "held" } }
    }
}

/// What names a row to people: its label, or its key.
pub(super) fn name(row: &DeletedRow) -> &str {
    row.label.as_deref().unwrap_or(&row.id)
}

/// What was done, in the words of people.
pub(super) fn act(action: Action) -> &'static str {
    match action {
        Action::SoftDelete => "deleted",
        Action::Restore => "restored",
        Action::Purge => "removed by a cleanup",
        Action::ForceDelete => "removed for good",
        Action::Hold => "held",
        Action::Release => "let go",
        other => other.as_str(),
    }
}

/// So many things, with commas.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many rows.
pub(super) fn rows(rows: u64) -> String {
    format!("{} row{}", number(rows), if rows == 1 { "" } else { "s" })
}
