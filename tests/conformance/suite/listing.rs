//! The deleted rows of a model, newest first.

use super::super::*;
use crate::support::clock::{at_noon, noon};
use chrono::TimeDelta;
use soft_delete::{DeletedCursor, DeletedPage, Error, FixedClock, Listed, Listing, Status};

fn ids(page: &DeletedPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.id.as_str()).collect()
}

macro_rules! listed {
    ($conn:expr, $registry:expr, $model:literal, $listing:expr) => {
        act!(list_deleted($conn, $registry, $model, &$listing.at(noon()))).unwrap()
    };
}

/// So many more leads, deleted at noon or before.
fn more_leads(db: &TestDatabase, ids: std::ops::RangeInclusive<i64>) {
    let zone = if DATABASE == Database::Mysql { "" } else { "+00:00" };
    let rows: Vec<String> = ids
        .map(|id| {
            format!(
                "({id}, 'Lead {id}', 7, '2026-01-{:02} 12:00:00{zone}', 'bob')",
                1 + id % 9
            )
        })
        .collect();
    db.sql(&format!(
        "INSERT INTO leads (id, full_name, owner_id, deleted_at, deleted_by) VALUES {}",
        rows.join(", ")
    ));
}

case! {
    /// A row says what people ask: what it is, who, when, why, how long it stays.
    fn a_row_tells_what_people_ask(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>().with::<Callback>();
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 2, Actor::new("eve").because("50% off").clock(FixedClock::at(noon() - TimeDelta::days(30))))).unwrap();
        act!(Lead::hold_by_id(&mut conn, 2, at_noon("legal", "case 17"))).unwrap();
        let page = listed!(&mut conn, &registry, "leads", Listing::new());
        assert_eq!((ids(&page), page.next.is_none()), (vec!["1", "2"], true));
        let row = &page.rows[0];
        assert_eq!((row.model.as_str(), row.label.as_deref(), row.deleted_by.as_deref(), row.reason.as_deref()), ("leads", Some("Ada"), Some("bob"), Some("left")));
        assert_eq!((row.deleted_at, row.expires_at, row.days_left), (Some(noon()), Some(noon() + TimeDelta::days(30)), Some(30)));
        assert_eq!((row.status, row.is_held), (Status::Deleted, false));
        assert_eq!(row.deletion_id, Some(act!(Lead::history_by_id(&mut conn, 1)).unwrap()[0].operation_id.to_string()));
        assert_eq!((page.rows[1].status, page.rows[1].days_left, page.rows[1].is_held), (Status::Expired, Some(0), true));
        let unknown = act!(list_deleted(&mut conn, &registry, "leeds", &Listing::new())).unwrap_err();
        assert!(matches!(unknown, Error::UnknownModel { .. }), "{unknown:?}");
    }
}

case! {
    /// Filters narrow the list, each by itself and together; a text is a text, whatever LIKE would make of it.
    fn filters_narrow_the_list(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>().with::<Callback>();
        let ago = |days| FixedClock::at(noon() - TimeDelta::days(days));
        act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("bob").because("50% off!").clock(ago(0)))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 2, Actor::new("bob").because("500 off").clock(ago(30)))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 3, Actor::new("eve").because("left").clock(ago(10)))).unwrap();
        act!(Lead::hold_by_id(&mut conn, 3, at_noon("legal", "case 17"))).unwrap();
        let operation = act!(Lead::history_by_id(&mut conn, 3)).unwrap()[0].operation_id;
        for (listing, expected) in [
            (Listing::new(), vec!["1", "3", "2"]),
            (Listing::new().by("bob"), vec!["1", "2"]),
            (Listing::new().by("nobody"), vec![]),
            (Listing::new().reason_contains("50% o"), vec!["1"]),
            (Listing::new().reason_contains("off!"), vec!["1"]),
            (Listing::new().reason_contains("off"), vec!["1", "2"]),
            (Listing::new().reason_contains("_"), vec![]),
            (Listing::new().since(noon() - TimeDelta::days(10)), vec!["1", "3"]),
            (Listing::new().until(noon() - TimeDelta::days(10)), vec!["2"]),
            (Listing::new().since(noon()).until(noon()), vec![]),
            (Listing::new().since(noon()).until(noon() + TimeDelta::microseconds(1)), vec!["1"]),
            (Listing::new().record("3"), vec!["3"]),
            (Listing::new().record("77"), vec![]),
            (Listing::new().label_contains("rac"), vec!["2"]),
            (Listing::new().label_contains("%"), vec![]),
            (Listing::new().expired(true), vec!["2"]),
            (Listing::new().expired(false), vec!["1", "3"]),
            (Listing::new().due_by(noon() + TimeDelta::days(20)), vec!["3", "2"]),
            (Listing::new().expired(false).due_by(noon() + TimeDelta::days(20)), vec!["3"]),
            (Listing::new().held(true), vec!["3"]),
            (Listing::new().held(false), vec!["1", "2"]),
            (Listing::new().operation(operation), vec!["3"]),
            (Listing::new().by("bob").expired(false).held(false), vec!["1"]),
        ] {
            let page = act!(list_deleted(&mut conn, &registry, "leads", &listing.clone().at(noon()))).unwrap();
            assert_eq!(ids(&page), expected, "{listing:?}");
        }
        act!(Callback::soft_delete_by_id(&mut conn, 10, Actor::new(7))).unwrap();
        assert_eq!(ids(&listed!(&mut conn, &registry, "callbacks", Listing::new().by(7))), ["10"]);
        assert!(ids(&listed!(&mut conn, &registry, "callbacks", Listing::new().by("bob"))).is_empty(), "a number was asked for");
        let reason = act!(list_deleted(&mut conn, &registry, "callbacks", &Listing::new().reason_contains("x"))).unwrap_err();
        assert!(matches!(reason, Error::BadSetting { setting: "reason_contains", .. }), "{reason:?}");
        let label = act!(list_deleted(&mut conn, &registry, "callbacks", &Listing::new().label_contains("x"))).unwrap_err();
        assert!(matches!(label, Error::BadSetting { setting: "label_contains", .. }), "{label:?}");
        let key = act!(list_deleted(&mut conn, &registry, "leads", &Listing::new().record("one"))).unwrap_err();
        assert!(matches!(key, Error::BadKey { .. }), "{key:?}");
    }
}

case! {
    /// Page by page every row comes once, newest first, whatever comes and goes in between.
    fn pages_go_on_where_they_stopped(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        more_leads(&db, 10..=40);
        let mut seen: Vec<(chrono::DateTime<Utc>, i64)> = Vec::new();
        let mut listing = Listing::new().size(7).at(noon());
        loop {
            let page = act!(list_deleted(&mut conn, &registry, "leads", &listing)).unwrap();
            seen.extend(page.rows.iter().map(|row| (row.deleted_at.unwrap(), row.id.parse().unwrap())));
            let Some(next) = page.next else { break };
            assert_eq!(page.rows.len(), 7);
            if seen.len() == 7 {
                // Newer rows come before the place, and rows that went are not missed.
                act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
                db.sql(&format!("DELETE FROM leads WHERE id = {}", seen[6].1));
            }
            listing = Listing::new().size(7).at(noon()).after(next.to_string().parse().unwrap());
        }
        assert_eq!(seen.len(), 31);
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
    }
}

case! {
    /// Oldest first is the same list the other way round, page by page.
    fn the_other_way_round(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        more_leads(&db, 10..=40);
        for rows in [Listed::Deleted, Listed::All] {
            let newest = act!(list_deleted(&mut conn, &registry, "leads", &Listing::new().rows(rows).at(noon()))).unwrap();
            let mut seen = Vec::new();
            let mut listing = Listing::new().rows(rows).oldest_first().size(7).at(noon());
            loop {
                let page = act!(list_deleted(&mut conn, &registry, "leads", &listing)).unwrap();
                seen.extend(page.rows.into_iter().map(|row| row.id));
                let Some(next) = page.next else { break };
                listing = listing.after(next);
            }
            seen.reverse();
            assert_eq!(seen, newest.rows.into_iter().map(|row| row.id).collect::<Vec<_>>());
        }
    }
}

case! {
    /// A search that may look at so many rows a page goes on until it has seen all of them, and finds the same.
    fn a_search_looks_at_so_many_rows(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        more_leads(&db, 10..=40);
        db.sql("UPDATE leads SET deleted_by = 'eve' WHERE id IN (10, 11, 12, 13, 14, 27, 40)");
        act!(Lead::hold_by_id(&mut conn, 33, at_noon("legal", "case 17"))).unwrap();
        let id = |row: soft_delete::DeletedRow| row.id;
        for (searched, looks) in [
            (Listing::new().by("eve"), true),
            (Listing::new().by("eve").oldest_first(), true),
            (Listing::new().label_contains("Lead 2"), true),
            (Listing::new().by("nobody"), true),
            (Listing::new().held(true), true),
            (Listing::new().expired(false).by("bob"), true),
            // What an index finds needs no such care.
            (Listing::new().record("27"), false),
            (Listing::new().since(noon() - TimeDelta::days(12)).until(noon() - TimeDelta::days(10)), false),
        ] {
            let searched = searched.at(noon()).size(3);
            let mut all = Listing::new().at(noon());
            all = if searched == searched.clone().oldest_first() { all.oldest_first() } else { all };
            let all: Vec<String> = act!(list_deleted(&mut conn, &registry, "leads", &all)).unwrap().rows.into_iter().map(id).collect();
            let whole = act!(list_deleted(&mut conn, &registry, "leads", &searched.clone().size(1_000))).unwrap();
            let whole: Vec<String> = whole.rows.into_iter().map(id).collect();
            // The pages, as somebody would make them who knows all rows.
            let (mut expected, mut at) = (Vec::new(), 0);
            loop {
                let seen = if looks { &all[at..all.len().min(at + 10)] } else { &all[at..] };
                let mut matching: Vec<String> = seen.iter().filter(|id| whole.contains(id)).cloned().collect();
                let has_more = matching.len() > 3;
                matching.truncate(3);
                at = match matching.last() {
                    Some(last) if has_more => 1 + all.iter().position(|id| id == last).unwrap(),
                    _ => at + seen.len(),
                };
                expected.push(matching);
                if !has_more && (!looks || seen.len() < 10) {
                    break;
                }
            }
            let mut pages: Vec<Vec<String>> = Vec::new();
            let mut listing = searched.clone().looking_at(10);
            loop {
                let page = act!(list_deleted(&mut conn, &registry, "leads", &listing)).unwrap();
                pages.push(page.rows.into_iter().map(id).collect());
                let Some(next) = page.next else { break };
                listing = listing.after(next);
            }
            assert_eq!(pages, expected, "{searched:?}");
            assert_eq!(pages.concat(), whole);
        }
        let active = Listing::new().rows(Listed::All).label_contains("ea").size(1).looking_at(2);
        let first = act!(list_deleted(&mut conn, &registry, "leads", &active)).unwrap();
        assert_eq!((ids(&first), first.next.as_ref().map(DeletedCursor::as_str)), (vec!["40"], Some("40")));
    }
}

case! {
    /// Keys of every kind make places; what is none is refused.
    fn places_are_made_of_every_kind_of_key(db) {
        db.create("CREATE TABLE taggings (lead_id BIGINT NOT NULL, tag VARCHAR(50) NOT NULL, PRIMARY KEY (lead_id, tag))", Tagging::descriptor());
        let binary = if DATABASE == Database::Postgres { "BYTEA" } else { "VARBINARY(16)" };
        db.create(&format!("CREATE TABLE attachments (id {binary} NOT NULL PRIMARY KEY)"), Attachment::descriptor());
        let zone = if DATABASE == Database::Mysql { "" } else { "+00:00" };
        for row in 0..5 {
            db.sql(&format!("INSERT INTO taggings (lead_id, tag, deleted_at) VALUES ({row}, 'ta,g~%{row}', '2026-01-15 12:00:00{zone}'), ({row}, 'ü', '2026-01-15 12:00:00{zone}')"));
            let bytes = if DATABASE == Database::Postgres { format!("'\\x00{row}f'") } else { format!("x'00{row}f'") };
            db.sql(&format!("INSERT INTO attachments (id, deleted_at) VALUES ({bytes}, '2026-01-15 12:00:00.5{zone}')"));
        }
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Tagging>().with::<Attachment>();
        for (model, rows) in [("taggings", 10), ("attachments", 5)] {
            let all = act!(list_deleted(&mut conn, &registry, model, &Listing::new())).unwrap();
            assert_eq!(all.rows.len(), rows);
            let mut paged = Vec::new();
            let mut listing = Listing::new().size(1);
            loop {
                let page = act!(list_deleted(&mut conn, &registry, model, &listing)).unwrap();
                paged.extend(page.rows);
                let Some(next) = page.next else { break };
                listing = Listing::new().size(1).after(next);
            }
            let of = |rows: &[soft_delete::DeletedRow]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
            assert_eq!(of(&paged), of(&all.rows));
        }
        for text in ["", "nonsense", "%", "2026-01-15~1~2~3"] {
            let cursor = text.parse().unwrap();
            let refused = act!(list_deleted(&mut conn, &registry, "taggings", &Listing::new().after(cursor))).unwrap_err();
            assert!(matches!(&refused, Error::BadCursor { model, .. } if model == "taggings") && refused.is_bad_input(), "{refused:?}");
        }
        for size in [0, 1_001] {
            let refused = act!(list_deleted(&mut conn, &registry, "taggings", &Listing::new().size(size))).unwrap_err();
            assert!(matches!(refused, Error::PageSize { .. }), "{refused:?}");
        }
    }
}

case! {
    /// A row says when it is due if its table does; one kept forever is never due.
    fn a_row_that_says_when_it_is_due(db) {
        create_papers(&db);
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Contract>();
        act!(Contract::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left").keep_for(Retention::days(90).unwrap()))).unwrap();
        act!(Contract::soft_delete_by_id(&mut conn, 2, at_noon("bob", "left").keep_for(Retention::Forever))).unwrap();
        act!(Contract::soft_delete_by_id(&mut conn, 3, at_noon("bob", "left"))).unwrap();
        db.sql("UPDATE contracts SET purge_after = NULL WHERE id = 3");
        let page = listed!(&mut conn, &registry, "contracts", Listing::new());
        let days: Vec<(&str, Option<i64>)> = page.rows.iter().map(|row| (row.id.as_str(), row.days_left)).collect();
        assert_eq!(days, [("3", Some(30)), ("2", None), ("1", Some(90))]);
        assert_eq!((page.rows[0].label.as_deref(), page.rows[0].deleted_by.as_deref()), (None, None));
        if DATABASE == Database::Sqlite {
            db.sql("UPDATE contracts SET deleted_at = 'yesterday' WHERE id = 3");
            let page = listed!(&mut conn, &registry, "contracts", Listing::new());
            let odd = &page.rows[0];
            assert_eq!((odd.id.as_str(), odd.deleted_at, odd.expires_at, odd.status), ("3", None, None, Status::Deleted), "shown, and never due");
        }
    }
}

case! {
    /// Active rows and all rows, by their keys; a place of one list is none of the other.
    fn rows_that_are_not_deleted_can_be_listed(db) {
        let mut conn = act!(connect(&db));
        let registry = Registry::new().with::<Lead>();
        act!(Lead::soft_delete_by_id(&mut conn, 2, at_noon("bob", "left"))).unwrap();
        let all = act!(list_deleted(&mut conn, &registry, "leads", &Listing::new().rows(Listed::All).at(noon()).size(2))).unwrap();
        assert_eq!(ids(&all), ["3", "2"]);
        let states: Vec<&str> = all.rows.iter().map(|row| row.status.as_str()).collect();
        assert_eq!((states, all.rows[0].days_left, all.rows[1].days_left), (vec!["active", "deleted"], None, Some(30)));
        let rest = Listing::new().rows(Listed::All).after(all.next.clone().unwrap());
        assert_eq!(ids(&act!(list_deleted(&mut conn, &registry, "leads", &rest)).unwrap()), ["1"]);
        let active = Listing::new().rows(Listed::Active);
        assert_eq!(ids(&act!(list_deleted(&mut conn, &registry, "leads", &active)).unwrap()), ["3", "1"]);
        assert_eq!(ids(&act!(list_deleted(&mut conn, &registry, "leads", &active.clone().record("2"))).unwrap()), [""; 0]);
        let elsewhere = Listing::new().after(all.next.unwrap());
        assert!(act!(list_deleted(&mut conn, &registry, "leads", &elsewhere)).unwrap_err().is_bad_input());
    }
}
