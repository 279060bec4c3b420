//! Spans of time against what other programs write, beside an oracle that knows nothing of SQL.

#![allow(clippy::unwrap_used, reason = "a test ends by what it did not expect")]

use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query, sql_types};
use soft_delete_core::chrono::{NaiveDate, TimeDelta};

use super::*;
use crate::statement::{AsQuery, Statement, TextRow};

/// `SELECT rowid FROM written WHERE <the text is in the span> ORDER BY rowid`
struct Within {
    span: TimeRange,
    by_index: bool,
}

impl<DB: Dialect> Statement<DB> for Within {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("SELECT CAST(id AS TEXT) FROM written WHERE ");
        let bare = if self.by_index { "" } else { "+" };
        let column = |out: &mut Writer<'_, 'b, DB>| out.sql(bare).identifier("at").map(drop);
        self.span.contains(ColumnKind::Timestamp, column, out)?;
        out.sql(" ORDER BY id");
        Ok(())
    }
}

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^= number >> 31;
        i64::try_from(number >> 1).unwrap() % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len().try_into().unwrap())).unwrap()]
    }

    fn time(&mut self) -> NaiveDateTime {
        // Around a leap year's end of February, one that is none, an end of a year, and anywhere.
        let (year, month) = match self.below(8) {
            0 | 1 => (2024, 2),
            2 | 3 => (2025, 2),
            4 | 5 => (2025, 12),
            _ => (i32::try_from(2 + self.below(9997)).unwrap(), 1),
        };
        let day = NaiveDate::from_ymd_opt(year, month, 27).unwrap() + TimeDelta::days(self.below(6));
        let seconds = self.one_of(&[0, 1, 43_199, 43_200, 86_398, 86_399]);
        let nanos = match self.below(4) {
            0 => 0,
            1 => self.below(1_000) * 1_000_000,
            2 => 999_999_999 - self.below(3) * 500,
            _ => self.below(1_000_000_000),
        };
        day.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(nanos)
    }

    /// A time in some spelling, and the instant that it means.
    fn spelling(&mut self) -> (String, NaiveDateTime) {
        let local = self.time();
        let digits = usize::try_from(self.below(10)).unwrap();
        let nanos = local.format("%9f").to_string();
        let fraction = nanos[..digits].to_owned();
        let cut: i64 = format!("{fraction:0<9}").parse().unwrap();
        let local = NaiveDate::and_hms_opt(&local.date(), 0, 0, 0).unwrap()
            + TimeDelta::seconds(i64::from(
                soft_delete_core::chrono::Timelike::num_seconds_from_midnight(&local),
            ))
            + TimeDelta::nanoseconds(cut);
        let separator = self.one_of(&[" ", " ", "T"]);
        let dot = if digits > 0 { "." } else { "" };
        let (offset, minutes) = match self.below(6) {
            0 | 1 => (String::new(), 0),
            2 => (
                self.one_of(&["Z", "+00:00", " +00:00", "-00:00", "+00", "-0000"])
                    .to_owned(),
                0,
            ),
            _ => {
                let minutes = self.one_of(&[1, 30, 60, 120, 330, 480, 765, 839, 840]);
                let sign = self.one_of(&["+", "-"]);
                let between = self.one_of(&[":", ""]);
                let space = self.one_of(&["", "", " "]);
                let text = if minutes % 60 == 0 && self.below(3) == 0 {
                    format!("{space}{sign}{:02}", minutes / 60)
                } else {
                    format!("{space}{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
                };
                (text, if sign == "+" { minutes } else { -minutes })
            }
        };
        let text = format!(
            "{}{separator}{}{dot}{fraction}{offset}",
            local.format("%F"),
            local.format("%T")
        );
        (text, local - TimeDelta::minutes(minutes))
    }

    /// Something like a time that means none.
    fn garbage(&mut self) -> String {
        let (mut text, _) = self.spelling();
        match self.below(16) {
            0 => "2025-02-29 12:00:00.5".to_owned(),
            1 => "2025-02-30T00:00:00Z".to_owned(),
            2 => format!(
                "2025-{:02}-{:02} 00:00:00",
                13 + self.below(80),
                1 + self.below(28)
            ),
            3 => format!("2025-12-31 {}:00:00", 24 + self.below(70)),
            4 => format!("2025-12-31 23:{}:00", 60 + self.below(40)),
            5 => format!("2025-12-31 23:59:{}", 60 + self.below(40)),
            6 => text[..10].to_owned(),
            7 => text[..16].to_owned(),
            8 => text[..16].to_owned() + self.one_of(&["Z", "+01:00", " Z", "-0100", ".000000000"]),
            9 => self.below(2_000_000_000).to_string() + self.one_of(&["", ".5", "e1"]),
            10 => self
                .one_of(&[
                    "now",
                    "",
                    "24:00:00",
                    "12:00:00",
                    "23:59:59.5",
                    "2461056.5",
                    "2459000.500000000000000000",
                    "infinity",
                    "0000-00-00 00:00:00",
                ])
                .to_owned(),
            11 => "1".to_owned() + &text,
            12 => "-".to_owned() + &text,
            13 => {
                text + self.one_of(&[
                    " PST", "x", "Z+01:00", "+1", "+15:00", "-99:00", "+01:60", " AD", ".",
                ])
            }
            14 => {
                text.replace_range(10..11, self.one_of(&["  ", "TT", "t", "_", ""]));
                text
            }
            _ => {
                let place = usize::try_from(self.below(19)).unwrap();
                text.replace_range(place..=place, self.one_of(&["x", "/", "~", "'"]));
                text
            }
        }
    }
}

#[test]
fn what_is_in_a_span_is_told_exactly() {
    let mut chance = Chance(7);
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let mut written = Vec::new();
    conn.batch_execute("CREATE TABLE written (id INTEGER PRIMARY KEY, at TIMESTAMP); CREATE INDEX written_at ON written (at); BEGIN")
        .unwrap();
    for _ in 0..1_200 {
        let (text, instant) = if chance.below(5) == 0 {
            (chance.garbage(), None)
        } else {
            let (text, instant) = chance.spelling();
            (text, Some(instant))
        };
        sql_query("INSERT INTO written (at) VALUES (?)")
            .bind::<sql_types::Text, _>(&text)
            .execute(&mut conn)
            .unwrap();
        written.push((text, instant));
    }
    let instants: Vec<NaiveDateTime> = written.iter().filter_map(|(_, instant)| *instant).collect();
    for round in 0..50 {
        let mut end = || {
            let shift = chance.one_of(&[
                0,
                0,
                1,
                -1,
                400_000,
                -400_000,
                1_000_000,
                -1_000_000,
                50_000_000_000,
                -50_000_000_000,
            ]);
            let instant = match chance.below(12) {
                0 => EARLIEST,
                1 => LATEST,
                _ => chance.one_of(&instants).and_utc() + TimeDelta::microseconds(shift),
            };
            soft_delete_core::to_micros(instant).clamp(EARLIEST, LATEST)
        };
        let (one, other) = (end(), end());
        let (first, last) = (one.min(other), one.max(other));
        let within = Within {
            span: TimeRange::of(first, last),
            by_index: round % 2 == 0,
        };
        let rows: Vec<TextRow> = AsQuery(&within).load(&mut conn).unwrap();
        let mut found = vec![false; written.len()];
        for mut row in rows {
            found[row.take(0).unwrap().parse::<usize>().unwrap() - 1] = true;
        }
        for ((text, instant), found) in written.iter().zip(found) {
            let expected = instant.is_some_and(|instant| (first..=last).contains(&instant.and_utc()));
            assert_eq!(found, expected, "{text:?} from {first:?} to {last:?}");
        }
    }
}
