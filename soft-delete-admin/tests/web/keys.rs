//! Records by keys that are spelled in another way, that are empty, or that came again.

use axum::http::StatusCode;
use soft_delete::{Column, ColumnKind, Descriptor, TableName, prelude::*};

use crate::site::{Lead, Site};

const ADMIN: &str = "ann/admin";
const TENANT: &str = "tina/admin/tenant-8";

/// Who has a key now is not told what was done to the row that had it before.
#[tokio::test]
async fn a_key_that_came_again_has_no_past() {
    let site = Site::new();
    let boss = || Actor::new("boss-of-tenant-7").because("SECRET");
    Lead::soft_delete_by_id(&mut site.conn(), 3, boss()).expect("deleted");
    Lead::force_delete_by_id(&mut site.conn(), 3, boss()).expect("removed");
    site.sql("INSERT INTO leads (id, tenant_id, full_name) VALUES (3, 8, 'Somebody else')");
    Lead::soft_delete_by_id(&mut site.conn(), 3, Actor::new("tom")).expect("deleted");
    for who in [ADMIN, TENANT] {
        let page = site.get(who, "record?model=leads&id=3").await;
        assert_eq!(page.status, StatusCode::OK);
        let (status, record) = site.api(who, "record?model=leads&id=3").await;
        assert_eq!(status, StatusCode::OK);
        for body in [page.body, record.to_string()] {
            assert!(body.contains("tom"), "{body}");
            assert!(
                !body.contains("SECRET") && !body.contains("boss-of-tenant-7"),
                "{body}"
            );
        }
    }
    // The audit log tells all.
    let log = site.get(ADMIN, "audit?model=leads&id=3").await.body;
    assert!(log.contains("SECRET") && log.contains("tom"), "{log}");
}

/// A record has one page under every spelling of its key, and an empty key is one.
#[tokio::test]
async fn a_key_may_be_spelled_otherwise_or_be_empty() {
    let model = Descriptor::new(
        TableName::new("tags"),
        Column::new("deleted_at", ColumnKind::Timestamp),
    )
    .key(Column::new("code", ColumnKind::Text));
    let registry = Registry::new().with_table(model);
    let tags = registry.records("tags").expect("tags");
    let site = Site::on_tables(
        "CREATE TABLE tags (code TEXT COLLATE NOCASE NOT NULL PRIMARY KEY, deleted_at TIMESTAMP); INSERT INTO tags (code) VALUES ('Rust'), ('')",
        registry,
    );
    let bob = || Actor::new("bob").because("a typo");
    tags.soft_delete(&mut site.conn(), &["Rust", ""], bob())
        .expect("deleted");
    for id in ["Rust", "RUST", ""] {
        let page = site.get(ADMIN, &format!("record?model=tags&id={id}")).await;
        assert!(
            page.status == StatusCode::OK && page.body.contains("a typo"),
            "{id:?}: {}",
            page.body
        );
        let (status, record) = site.api(ADMIN, &format!("record?model=tags&id={id}")).await;
        assert_eq!(status, StatusCode::OK, "{id:?}");
        assert_eq!(record["history"][0]["actor"], "bob", "{id:?}: {record}");
    }
    let log = site.get(ADMIN, "audit?model=tags&id=rust").await.body;
    assert!(log.contains("a typo"), "{log}");
    assert_eq!(
        site.get(ADMIN, "record?model=tags").await.status,
        StatusCode::NOT_FOUND
    );
}
