//! Thirty days as bars, with the same figures in a table.

use chrono::{DateTime, Days, NaiveDate, Utc};
use maud::{Markup, html};
use soft_delete::{Action, DayActivity};

use super::words;

/// So many days are shown.
pub(crate) const DAYS: u64 = 30;

const HEIGHT: u64 = 120;
const SLOT: u64 = 24;
const BAR: u64 = 6;

/// Whether an act is one of a kind.
type Counts = fn(Action) -> bool;

/// What is counted, by its class and its name.
const KINDS: [(&str, &str, Counts); 3] = [
    ("deleted", "Deleted", |action| {
        matches!(action, Action::SoftDelete)
    }),
    ("restored", "Restored", |action| matches!(action, Action::Restore)),
    ("removed", "Removed for good", |action| {
        matches!(action, Action::Purge | Action::ForceDelete)
    }),
];

/// A day's figures, in the order of the kinds.
struct Day {
    day: NaiveDate,
    rows: [u64; 3],
}

/// The chart of the days up to now.
pub(super) fn of(activity: &[DayActivity], now: DateTime<Utc>) -> Markup {
    let days = days(activity, now.date_naive());
    let most = days.iter().flat_map(|day| day.rows).max().unwrap_or_default();
    if most == 0 {
        return html! { p.quiet { "Nothing was deleted, restored or removed in the last thirty days." } };
    }
    let width = DAYS * SLOT;
    html! {
        figure.chart {
            svg viewBox={ "0 0 " (width) " " (HEIGHT + 2) } role="img" aria-label="Records by day; the table below has the figures" {
                @for (place, day) in (0..).zip(&days) {
                    @for (kind, rows) in (0..).zip(day.rows).filter(|(_, rows)| *rows > 0) {
                        // What is there is to be seen, however little it is beside the most.
                        @let height = (rows * HEIGHT / most).max(2);
                        rect class=(KINDS[kind].0) x=(place * SLOT + kind as u64 * (BAR + 1) + 1) y=(HEIGHT - height) width=(BAR) height=(height) {
                            title { (day.day) ": " (words::number(rows)) " " (KINDS[kind].1) }
                        }
                    }
                }
                rect.ground x="0" y=(HEIGHT) width=(width) height="1" {}
            }
            figcaption {
                "Records by day (UTC): "
                @for (class, name, _) in KINDS { span class={ "key " (class) } { (name) } " " }
            }
        }
        details {
            summary { "The figures" }
            div.scroll tabindex="0" role="region" aria-label="Records by day" { table {
                thead { tr { th scope="col" { "Day" } @for (_, name, _) in KINDS { th scope="col" { (name) } } } }
                tbody { @for day in days.iter().rev().filter(|day| day.rows.iter().any(|rows| *rows > 0)) {
                    tr { td { (day.day) } @for rows in day.rows { td.number { (words::number(rows)) } } }
                } }
            } }
        }
    }
}

fn days(activity: &[DayActivity], today: NaiveDate) -> Vec<Day> {
    let count = |day: NaiveDate, counts: Counts| {
        let acts = activity.iter().filter(|act| act.day == day && counts(act.action));
        acts.map(|act| act.rows).sum()
    };
    (0..DAYS)
        .rev()
        .filter_map(|ago| today.checked_sub_days(Days::new(ago)))
        .map(|day| Day {
            day,
            rows: KINDS.map(|(_, _, counts)| count(day, counts)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_its_place() {
        let today: NaiveDate = "2026-03-01".parse().expect("a day");
        let days = days(&[], today);
        assert_eq!(days.len(), 30);
        assert_eq!(
            (days[0].day.to_string(), days[29].day),
            ("2026-01-31".to_owned(), today)
        );
    }
}
