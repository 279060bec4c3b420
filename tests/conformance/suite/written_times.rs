//! Times that other programs wrote, in their own spellings: understood exactly, or never due and named. Only SQLite keeps texts.

use super::super::*;
use super::cleanup::cleaning;
use crate::support::clock::{at_noon, noon};
use chrono::{DateTime as Instant, TimeDelta};
use soft_delete::{Check, Listing, Stats, Status};

/// One instant in many spellings: GORM, JavaScript, PostgreSQL, Go, Python, and what is longer or shorter than the library writes.
const SPELLINGS: [&str; 14] = [
    "2026-01-15 12:00:00.12",
    "2026-01-15 12:00:00.120000",
    "2026-01-15 12:00:00.120000000",
    "2026-01-15 12:00:00.1200000000000",
    "2026-01-15T12:00:00.120Z",
    "2026-01-15T12:00:00.12",
    "2026-01-15 12:00:00.120+00:00",
    "2026-01-15 04:00:00.120000000-08:00",
    "2026-01-14 22:00:00.12-14:00",
    "2026-01-16T02:00:00.12+14:00",
    "2026-01-15 14:00:00.12+02",
    "2026-01-15 04:00:00.12-0800",
    "2026-01-15 17:30:00.12 +0530",
    "2026-01-15 04:00:00.12 -08:00",
];

/// What means no instant, whatever it sorts before.
const GARBAGE: [&str; 19] = [
    "'2025-02-29 12:00:00'",
    "'1700000000'",
    "'1700000000123'",
    "'1999'",
    "'1721425.5'",
    "'now'",
    "'2026-01-01'",
    "'2026-01-01 00:00'",
    "'2026-01-01 00:00:00 PST'",
    "'2026-01-01 00:00:00 -0800 PST'",
    "'2026-01-01 00:00:00.'",
    "'2026-01-01 00:00:00+23:00'",
    "'2026-01-01 00:00:00Z+02:00'",
    "'2025-02-30 00:00:00'",
    "'2025-13-01 00:00:00'",
    "'2025-12-31 25:00:00'",
    "'2025/12/31 00:00:00'",
    "1700000000",
    "x'32303235'",
];

fn stamped() -> Instant<Utc> {
    "2026-01-15T12:00:00.120Z".parse().unwrap()
}

case! {
    /// The same instant is due at the same microsecond in queries, figures, lists and cleanups, however it is spelt.
    fn one_instant_is_due_at_one_moment(db) {
        if db.database() != soft_delete::Database::Sqlite {
            return;
        }
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        let due = stamped() + TimeDelta::days(30);
        for spelling in SPELLINGS {
            act!(batch(&mut conn, &format!("UPDATE leads SET deleted_at = '{spelling}' WHERE id = 1")));
            for (offset, expired) in [(-1, 0), (0, 1)] {
                let now = due + TimeDelta::microseconds(offset);
                assert_eq!(act!(Lead::expired(now).count().get_result::<i64>(&mut conn)).unwrap(), expired, "{spelling} at {now}");
                let figures = act!(stats(&mut conn, Stats::of(&registry).at(now))).unwrap();
                assert_eq!(figures[0].expired, u64::try_from(expired).unwrap(), "{spelling} at {now}");
                let all = act!(list_deleted(&mut conn, &registry, "leads", &Listing::new().at(now))).unwrap();
                assert_eq!((all.rows[0].deleted_at, all.rows[0].expires_at), (Some(stamped()), Some(due)), "{spelling}");
                assert_eq!(all.rows[0].status == Status::Expired, expired == 1, "{spelling} at {now}");
                let listed = act!(list_deleted(&mut conn, &registry, "leads", &Listing::new().at(now).expired(true))).unwrap();
                assert_eq!(i64::try_from(listed.rows.len()).unwrap(), expired, "{spelling} at {now}");
                let foretold = act!(clean(&mut conn, cleaning(&registry, now).dry_run(true))).unwrap();
                assert_eq!(i64::try_from(foretold.purged()).unwrap(), expired, "{spelling} at {now}");
            }
            for (from, until, found) in [(0, 1, 1), (1, 2, 0), (-1, 0, 0)] {
                let [from, until] = [from, until].map(|micros| stamped() + TimeDelta::microseconds(micros));
                let listed = act!(list_deleted(&mut conn, &registry, "leads", &Listing::new().since(from).until(until))).unwrap();
                assert_eq!(listed.rows.len(), found, "{spelling} from {from} until {until}");
            }
            let nothing = act!(clean(&mut conn, cleaning(&registry, due - TimeDelta::microseconds(1)))).unwrap();
            assert_eq!(nothing.purged(), 0, "{spelling}");
        }
        assert!(act!(doctor(&mut conn, &registry)).unwrap().iter().all(|finding| finding.check != Check::UnreadableTimes));
        let report = act!(clean(&mut conn, cleaning(&registry, due))).unwrap();
        assert_eq!(report.purged(), 1);
        let left: Vec<i64> = act!(leads::table.order(leads::id).select(leads::id).load(&mut conn)).unwrap();
        assert_eq!(left, [2, 3]);
    }
}

case! {
    /// What is smaller than a microsecond does not make a row due before its time.
    fn nanoseconds_are_not_early(db) {
        if db.database() != soft_delete::Database::Sqlite {
            return;
        }
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, "UPDATE leads SET deleted_at = '2026-01-15 04:00:00.120000001-08:00' WHERE id = 1"));
        for (offset, expired) in [(0, 0), (1, 1)] {
            let now = stamped() + TimeDelta::days(30) + TimeDelta::microseconds(offset);
            assert_eq!(act!(Lead::expired(now).count().get_result::<i64>(&mut conn)).unwrap(), expired, "{offset}");
        }
    }
}

case! {
    /// What means no instant is never due, and the doctor names it; so also where a row says itself when it becomes due.
    fn what_is_no_time_is_never_due_and_is_named(db) {
        if db.database() != soft_delete::Database::Sqlite {
            return;
        }
        create_papers(&db);
        // A column of text keeps digits as text.
        db.sql("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(replace(sql, 'TIMESTAMPTZ', 'TEXT'), 'TIMESTAMP', 'TEXT') WHERE name IN ('leads', 'contracts') AND type = 'table'; PRAGMA writable_schema = RESET");
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>().with::<Contract>();
        let late = "9000-01-01T00:00:00Z".parse().unwrap();
        for garbage in GARBAGE {
            act!(batch(&mut conn, &format!("UPDATE leads SET deleted_at = {garbage} WHERE id = 1; UPDATE contracts SET deleted_at = '2026-01-15 12:00:00', purge_after = {garbage} WHERE id = 1")));
            assert_eq!(act!(Lead::expired(late).count().get_result::<i64>(&mut conn)).unwrap(), 0, "{garbage}");
            assert_eq!(act!(Contract::expired(late).count().get_result::<i64>(&mut conn)).unwrap(), 0, "{garbage}");
            let report = act!(clean(&mut conn, cleaning(&registry, late))).unwrap();
            assert_eq!(report.purged(), 0, "{garbage}");
            let listed = act!(list_deleted(&mut conn, &registry, "leads", &Listing::new().at(late))).unwrap();
            assert_eq!((listed.rows[0].status, listed.rows[0].expires_at), (Status::Deleted, None), "{garbage}");
            let named: Vec<_> = act!(doctor(&mut conn, &registry)).unwrap().into_iter().filter(|finding| finding.check == Check::UnreadableTimes).collect();
            assert_eq!(named.iter().map(|finding| finding.table.as_str()).collect::<Vec<_>>(), ["leads", "contracts"], "{garbage}");
            assert!(named[0].evidence.contains("row 1 among them: they are never due"), "{}", named[0].evidence);
        }
    }
}

case! {
    /// A row that says itself when it becomes due says so in any spelling.
    fn purge_after_is_understood_alike(db) {
        if db.database() != soft_delete::Database::Sqlite {
            return;
        }
        create_papers(&db);
        let mut conn = act!(connect(&db));
        act!(Contract::soft_delete_by_id(&mut conn, 1, at_noon("me", "over"))).unwrap();
        let papers = Registry::new().with::<Contract>();
        for spelling in SPELLINGS {
            act!(batch(&mut conn, &format!("UPDATE contracts SET purge_after = '{spelling}' WHERE id = 1")));
            for (offset, expired) in [(-1, 0), (0, 1)] {
                let now = stamped() + TimeDelta::microseconds(offset);
                assert!(now > noon() - TimeDelta::seconds(1));
                assert_eq!(act!(Contract::expired(now).count().get_result::<i64>(&mut conn)).unwrap(), expired, "{spelling} at {now}");
                let figures = act!(stats(&mut conn, Stats::of(&papers).at(now))).unwrap();
                assert_eq!(figures[0].expired, u64::try_from(expired).unwrap(), "{spelling} at {now}");
            }
        }
    }
}
