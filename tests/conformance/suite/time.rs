//! Time: UTC, microseconds, cut not rounded; Rust and SQL agree.

use super::super::*;
use crate::support::clock::noon;
use chrono::{DateTime as Instant, TimeDelta};
use soft_delete::{Context, Error, FixedClock};

fn at(instant: Instant<Utc>) -> Context {
    Actor::new("me").because("test").clock(FixedClock::at(instant))
}

case! {
    /// A stamp is cut to microseconds, not rounded, and read back as it was written.
    fn is_cut_to_microseconds(db) {
        let mut conn = act!(connect(&db));
        let moment = noon() + TimeDelta::nanoseconds(999);
        let mut lead: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        act!(lead.soft_delete(&mut conn, at(moment))).unwrap();
        assert_eq!(SoftDelete::deleted_at(&lead), Some(noon()));
        let stored: Lead = act!(leads::table.find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        assert_eq!(SoftDelete::deleted_at(&stored), Some(noon()));
        assert_eq!(act!(lead.history(&mut conn)).unwrap()[0].at, noon());
        let same = Lead::only_deleted().filter(leads::deleted_at.eq(time_param(&stored))).select(leads::id);
        assert_eq!(act!(same.load::<i64>(&mut conn)).unwrap(), [1], "a time that was read finds its row again");
    }
}

case! {
    /// A row is expired when now >= deleted_at + retention: at the microsecond, in Rust and in SQL alike.
    fn expires_at_the_microsecond_in_rust_and_sql(db) {
        let mut conn = act!(connect(&db));
        let whole = "2026-01-15T12:00:00Z".parse::<Instant<Utc>>().unwrap();
        let stamps = [(1, whole), (2, noon()), (3, whole + TimeDelta::microseconds(123_456))];
        for (id, stamp) in stamps {
            act!(Lead::soft_delete_by_id(&mut conn, id, at(stamp))).unwrap();
        }
        for (_, stamp) in stamps {
            for offset in [-1, 0, 1] {
                let now = stamp + TimeDelta::days(30) + TimeDelta::microseconds(offset);
                let rows: Vec<Lead> = act!(leads::table.order(leads::id).select(Lead::as_select()).load(&mut conn)).unwrap();
                let in_rust: Vec<i64> = rows.iter().filter(|row| row.is_expired_at(now)).map(|row| row.id).collect();
                let in_sql: Vec<i64> = act!(Lead::expired(now).order(leads::id).select(leads::id).load(&mut conn)).unwrap();
                assert_eq!(in_rust, in_sql, "at {now}");
                let expected: Vec<i64> = stamps.iter().filter(|(_, at)| *at + TimeDelta::days(30) <= now).map(|(id, _)| *id).collect();
                assert_eq!(in_sql, expected, "at {now}");
            }
        }
    }
}

case! {
    /// On SQLite, where times are text, other programs may write more digits: the same instant expires at the same moment.
    fn times_with_more_digits_expire_alike(db) {
        if db.database() != soft_delete::Database::Sqlite {
            return;
        }
        let mut conn = act!(connect(&db));
        let whole = "2026-01-15T12:00:00Z".parse::<Instant<Utc>>().unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 1, at(whole))).unwrap();
        for digits in ["", ".000", ".000000"] {
            let longer = format!("UPDATE leads SET deleted_at = replace(deleted_at, '12:00:00', '12:00:00{digits}') WHERE id = 1");
            act!(batch(&mut conn, &longer));
            for (offset, expired) in [(-1, 0), (0, 1)] {
                let now = whole + TimeDelta::days(30) + TimeDelta::microseconds(offset);
                let found = Lead::expired(now).count();
                assert_eq!(act!(found.get_result::<i64>(&mut conn)).unwrap(), expired, "{digits:?} at {now}");
            }
            let shorter = format!("UPDATE leads SET deleted_at = replace(deleted_at, '12:00:00{digits}', '12:00:00') WHERE id = 1");
            act!(batch(&mut conn, &shorter));
        }
    }
}

case! {
    /// `forever` never expires, `immediate` at once; active rows never.
    fn forever_and_immediate(db) {
        let mut conn = act!(connect(&db));
        act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(1), at(noon()))).unwrap();
        act!(Callback::soft_delete_by_id(&mut conn, 10, Actor::new(1).because("x").clock(FixedClock::at(noon())))).unwrap();
        let far = soft_delete::LATEST;
        let forever: Vec<i64> = act!(WatchedLead::expired(far).select(leads::id).load(&mut conn)).unwrap();
        assert!(forever.is_empty());
        let immediate: Vec<i64> = act!(Callback::expired(noon()).select(callbacks::id).load(&mut conn)).unwrap();
        assert_eq!(immediate, [10], "and not 11, which is active");
        let before: Vec<i64> = act!(Callback::expired(noon() - TimeDelta::microseconds(1)).select(callbacks::id).load(&mut conn)).unwrap();
        assert!(before.is_empty());
    }
}

case! {
    /// Stamps that no clock of ours wrote are not expired, whatever they sort before.
    fn unreadable_stamps_are_not_expired(db) {
        let mut conn = act!(connect(&db));
        let strange: &[&str] = match db.database() {
            soft_delete::Database::Sqlite => &["'+10000-01-01 00:00:00'", "'-0044-03-15 00:00:00'", "''", "'yesterday'", "2460000.5", "1700000000", "x'00'"],
            soft_delete::Database::Postgres => &["'infinity'", "'-infinity'", "'0044-03-15 00:00:00 BC'", "'294276-01-01 00:00:00'"],
            _ => &["'0000-00-00 00:00:00'", "'9999-12-31 23:59:59.999999'"],
        };
        if db.database() == soft_delete::Database::Mysql {
            act!(batch(&mut conn, "SET sql_mode = ''"));
        }
        for value in strange {
            act!(batch(&mut conn, &format!("UPDATE leads SET deleted_at = {value} WHERE id = 1")));
            let expired: Vec<i64> = act!(Lead::expired(noon()).select(leads::id).load(&mut conn)).unwrap();
            assert!(expired.is_empty(), "{value}");
        }
    }
}

case! {
    /// The whole range of years goes through every database and back; beyond it the clock is refused.
    fn extremes_are_stored_or_refused_never_a_panic(db) {
        let mut conn = act!(connect(&db));
        for moment in [soft_delete::EARLIEST, soft_delete::LATEST, Instant::UNIX_EPOCH] {
            let mut lead: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
            act!(lead.soft_delete(&mut conn, at(moment))).unwrap();
            let stored: Lead = act!(leads::table.find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
            assert_eq!(SoftDelete::deleted_at(&stored), Some(moment));
            let in_sql: i64 = act!(Lead::expired(noon()).count().get_result(&mut conn)).unwrap();
            assert_eq!(in_sql == 1, stored.is_expired_at(noon()), "{moment}");
            act!(lead.restore(&mut conn, Actor::new("me"))).unwrap();
        }
        for moment in [Instant::<Utc>::MAX_UTC, Instant::<Utc>::MIN_UTC] {
            let error = act!(Lead::soft_delete_by_id(&mut conn, 1, at(moment))).unwrap_err();
            assert!(matches!(error, Error::ClockOutOfRange { .. }), "{error:?}");
            let none: i64 = act!(Lead::expired(moment).count().get_result(&mut conn)).unwrap();
            assert_eq!(none, 0);
        }
    }
}

case! {
    /// The session's time zone changes nothing.
    fn the_sessions_time_zone_changes_nothing(db) {
        for zone in ["Pacific/Apia", "+13:00", "America/New_York"] {
            let mut conn = act!(connect(&db));
            match (db.database(), zone) {
                (soft_delete::Database::Postgres, "+13:00") => act!(batch(&mut conn, "SET TIME ZONE -13")),
                (soft_delete::Database::Postgres, zone) => act!(batch(&mut conn, &format!("SET TIME ZONE '{zone}'"))),
                // Named zones are not loaded into a fresh server.
                (soft_delete::Database::Mysql, "+13:00") => act!(batch(&mut conn, "SET time_zone = '+13:00'")),
                _ => continue,
            }
            let mut lead: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
            act!(lead.soft_delete(&mut conn, at(noon()))).unwrap();
            act!(Lead::soft_delete_by_id(&mut conn, 1, at(noon()))).unwrap();
            let mut again = lead.clone();
            assert_eq!(act!(again.soft_delete(&mut conn, at(soft_delete::LATEST))).unwrap(), Outcome::Unchanged);
            assert_eq!(SoftDelete::deleted_at(&again), Some(noon()), "{zone}");
            assert_eq!(act!(lead.history(&mut conn)).unwrap().last().unwrap().at, noon(), "{zone}");
            let mut utc = act!(connect(&db));
            let stored: Lead = act!(leads::table.find(1).select(Lead::as_select()).first(&mut utc)).unwrap();
            assert_eq!(SoftDelete::deleted_at(&stored), Some(noon()), "{zone}");
            act!(lead.restore(&mut conn, Actor::new("me"))).unwrap();
        }
    }
}
