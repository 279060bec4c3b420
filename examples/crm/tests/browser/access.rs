//! Whether pages keep somebody out, as far as axe-core can tell.

use std::sync::OnceLock;

use fantoccini::Client;
use serde_json::Value;

use crate::{
    chrome::{DESK, Driver, Look},
    crm::Crm,
    visitor::Visitor,
};

static AXE: OnceLock<String> = OnceLock::new();

fn axe() -> &'static str {
    AXE.get_or_init(|| {
        let file = std::env::var("SOFT_DELETE_AXE")
            .expect("`cargo xtask test` fetches axe-core and sets SOFT_DELETE_AXE");
        std::fs::read_to_string(&file).expect("axe-core")
    })
}

/// What axe-core finds on the page, in its words.
pub async fn barriers(client: &Client) -> Vec<String> {
    client.execute(axe(), Vec::new()).await.expect("axe-core");
    let script = "const [done] = arguments; axe.run(document).then(found => done(found), error => done({ error: String(error) }))";
    let found = client.execute_async(script, Vec::new()).await.expect("an answer");
    assert!(
        found["passes"].as_array().is_some_and(|passes| passes.len() > 5),
        "it has looked: {}",
        found["error"]
    );
    let violations = found["violations"].as_array().cloned().unwrap_or_default();
    let told = |violation: &Value| {
        let nodes = violation["nodes"].as_array().cloned().unwrap_or_default();
        let first = nodes
            .first()
            .map(|node| node["html"].to_string())
            .unwrap_or_default();
        format!("{}: {} ({first})", violation["id"], violation["help"])
    };
    violations.iter().map(told).collect()
}

/// The check itself finds what is wrong.
#[tokio::test]
async fn a_barrier_is_found() {
    let driver = Driver::start();
    let client = driver.open(DESK).await;
    let page = "data:text/html,<html><title>x</title><main><img src=x><input><p style='color:%23ccc'>pale</p></main>";
    client.goto(page).await.expect("a page");
    let barriers = barriers(&client).await.join("\n");
    for id in ["image-alt", "label", "color-contrast", "html-has-lang"] {
        assert!(barriers.contains(id), "{id}: {barriers}");
    }
    client.close().await.expect("an end");
}

/// Every page, with something on it, in light and in dark, wide and narrow. Looking is part of opening.
#[tokio::test]
async fn no_page_keeps_anybody_out() {
    let driver = Driver::start();
    for (phone, dark) in [(false, false), (false, true), (true, false), (true, true)] {
        let crm = Crm::start();
        let look = Look {
            name: "all pages",
            phone,
            dark,
            ..DESK
        };
        let visitor = Visitor::come(&driver, &crm, look).await;
        visitor.sign_in("admin").await;
        if dark {
            let ground = visitor
                .answer("return matchMedia('(prefers-color-scheme: dark)').matches")
                .await;
            assert_eq!(ground, true, "it is dark");
        }
        some_history(&visitor, &crm).await;
        let shape = if phone { "phone" } else { "desk" };
        let shade = if dark { "-dark" } else { "" };
        for (page, name) in [
            ("overview", "overview"),
            ("records", "records-of-all"),
            ("records?model=leads&show=all", "records"),
            ("records?model=leads&label=nobody", "no-records"),
            ("record?model=leads&id=1", "record"),
            ("record?model=leads&id=77", "no-record"),
            ("operations", "operations"),
            ("runs", "cleanups"),
            ("holds", "holds"),
            ("audit", "audit"),
            ("nowhere", "nowhere"),
        ] {
            visitor.go_to_bin(page).await;
            visitor.picture(&format!("{name}-{shape}{shade}")).await;
        }
        visitor.go_to_bin("runs").await;
        visitor.press("What would be removed?").await;
        visitor.picture(&format!("forecast-{shape}{shade}")).await;
        visitor.leave().await;
    }
}

/// A month in which things were deleted, restored, held and removed.
async fn some_history(visitor: &Visitor<'_>, crm: &Crm) {
    visitor.go("/").await;
    for name in ["Ada Lovelace", "Charles Babbage"] {
        visitor.delete(name, "asked to be forgotten").await;
    }
    visitor.go_to_bin("record?model=leads&id=2").await;
    visitor.press("Hold…").await;
    visitor.fill("Reason", "case 17").await;
    visitor.press("Hold 1 row").await;
    crm.sql(
        "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
         INSERT INTO leads (id, full_name, email, deleted_at, deleted_by, deletion_reason)
         SELECT i, 'Lead ' || i, 'lead' || i || '@example.org', strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ((i - 100) * 9) || ' hours'), 'support', 'sorted out' FROM n;
         INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, at, root)
         SELECT printf('%08x-%04x-7000-8000-%012x', ms >> 16, ms & 65535, id), CASE WHEN id % 7 > 4 THEN 'restore' ELSE 'soft_delete' END, 'leads', id, 'support', deleted_at, 1
         FROM (SELECT id, deleted_at, strftime('%s', deleted_at) * 1000 AS ms FROM leads WHERE id >= 100)",
    );
}
