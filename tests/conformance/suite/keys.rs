//! Keys of every kind.

use super::super::*;
use crate::support::clock::at_noon;

case! {
    /// A composite key finds one row, and its text in the audit is unambiguous.
    fn composite_keys_find_one_row_and_have_unambiguous_texts(db) {
        db.create("CREATE TABLE taggings (lead_id BIGINT NOT NULL, tag VARCHAR(50) NOT NULL, PRIMARY KEY (lead_id, tag))", Tagging::descriptor());
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, "INSERT INTO taggings (lead_id, tag) VALUES (1, 'hot'), (1, 'cold'), (2, 'hot'), (1, 'a,b%2C')"));
        let mut tagging: Tagging = act!(Tagging::active().find((1, "hot")).select(Tagging::as_select()).first(&mut conn)).unwrap();
        assert!(act!(tagging.soft_delete(&mut conn, at_noon("me", "cooled down"))).unwrap().is_changed());
        assert!(act!(Tagging::soft_delete_by_id(&mut conn, (1, "a,b%2C"), at_noon("me", "odd"))).unwrap().is_changed());
        let left: Vec<(i64, String)> = act!(Tagging::active()
            .order((taggings::lead_id, taggings::tag))
            .select((taggings::lead_id, taggings::tag))
            .load(&mut conn)).unwrap();
        assert_eq!(left, [(1, "cold".into()), (2, "hot".into())]);
        let ids: Vec<String> = act!(soft_delete_audit::table.order(soft_delete_audit::id).select(soft_delete_audit::record_id).load(&mut conn)).unwrap();
        assert_eq!(ids, ["1,hot", "1,a%2Cb%252C"]);
        assert_eq!(act!(tagging.history(&mut conn)).unwrap().len(), 1);
        assert_eq!(act!(Tagging::history_by_id(&mut conn, (1, "a,b%2C"))).unwrap().len(), 1);
        let error = act!(Tagging::soft_delete_by_id(&mut conn, (9, "x,y"), at_noon("me", "r"))).unwrap_err();
        assert_eq!(error.to_string(), "there is no row 9,x%2Cy in taggings");
    }
}

case! {
    /// A key of its own type works like the type inside it.
    fn newtype_keys(db) {
        let mut conn = act!(connect(&db));
        let mut lead: WatchedLead = act!(WatchedLead::active().find(LeadId(2)).select(WatchedLead::as_select()).first(&mut conn)).unwrap();
        assert!(act!(lead.soft_delete(&mut conn, Actor::new("newtype"))).unwrap().is_changed());
        assert!(act!(WatchedLead::restore_by_id(&mut conn, &lead.id, Actor::new("newtype"))).unwrap().is_changed());
        assert_eq!(act!(lead.history(&mut conn)).unwrap().len(), 2);
    }
}

case! {
    /// Bytes are a key too; their text is hexadecimal.
    fn binary_keys(db) {
        let binary = match db.database() {
            soft_delete::Database::Postgres => "BYTEA",
            _ => "VARBINARY(16)",
        };
        db.create(&format!("CREATE TABLE attachments (id {binary} PRIMARY KEY)"), Attachment::descriptor());
        let mut conn = act!(connect(&db));
        let key = vec![0_u8, 255, 16];
        act!(diesel::insert_into(attachments::table).values(attachments::id.eq(&key)).execute(&mut conn)).unwrap();
        let mut attachment: Attachment = act!(Attachment::active().find(&key).select(Attachment::as_select()).first(&mut conn)).unwrap();
        assert!(act!(attachment.soft_delete(&mut conn, Actor::new(-5))).unwrap().is_changed());
        assert_eq!(attachment.deleted_by, Some(-5));
        assert_eq!(act!(attachment.history(&mut conn)).unwrap()[0].record_id, "00ff10");
        assert!(act!(Attachment::restore_by_id(&mut conn, key, Actor::new(1))).unwrap().is_changed());
    }
}

case! {
    /// Tables and columns whose names are keywords, or hold quotes and other letters.
    fn hostile_identifiers(db) {
        let mysql = db.database() == soft_delete::Database::Mysql;
        let table = if mysql { "`order \"of\" the ``day``, naïve`" } else { "\"order \"\"of\"\" the `day`, naïve\"" };
        let key = if mysql { "`select`" } else { "\"select\"" };
        db.create(&format!("CREATE TABLE {table} ({key} BIGINT PRIMARY KEY)"), Order::descriptor());
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, &format!("INSERT INTO {table} ({key}) VALUES (1), (2)")));
        let mut order: Order = act!(Order::active().find(1).select(Order::as_select()).first(&mut conn)).unwrap();
        assert!(act!(order.soft_delete(&mut conn, Actor::new("o'hara"))).unwrap().is_changed());
        assert_eq!(act!(Order::active().select(orders::id).load::<i64>(&mut conn)).unwrap(), [2]);
        let history = act!(order.history(&mut conn)).unwrap();
        assert_eq!((history[0].model.as_str(), history[0].actor.as_str()), ("order \"of\" the `day`, naïve", "o'hara"));
        assert!(act!(order.restore(&mut conn, Actor::new("me"))).unwrap().is_changed());
        db.sql(&soft_delete::migrations::sql_for_table(db.database(), Order::descriptor()).down);
    }
}

case! {
    /// The largest and the smallest keys.
    fn extreme_integers(db) {
        let mut conn = act!(connect(&db));
        for id in [i64::MAX, i64::MIN, 0, -1] {
            act!(batch(&mut conn, &format!("INSERT INTO leads (id, full_name, owner_id) VALUES ({id}, 'x', 1)")));
            assert!(act!(Lead::soft_delete_by_id(&mut conn, id, Actor::new("me"))).unwrap().is_changed());
            assert_eq!(act!(Lead::history_by_id(&mut conn, id)).unwrap()[0].record_id, id.to_string());
        }
    }
}
