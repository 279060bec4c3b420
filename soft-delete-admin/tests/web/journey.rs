//! What somebody does: find, look, restore, hold, remove.

use std::time::Duration;

use axum::{Router, http::StatusCode};
use soft_delete::Scheduler;
use soft_delete_admin::Admin;

use crate::site::{ByHeader, Site, registry};

const ADMIN: &str = "ann/admin";

/// A lead is deleted with a reason, found in the bin with its callback, and comes back with it.
#[tokio::test]
async fn deleted_found_and_restored() {
    journey(&Site::new()).await;
}

/// The same on a pool of diesel-async.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_an_async_pool() {
    let site = Site::asynchronous();
    journey(&site).await;
    cleanup(&site).await;
    let csv = site.get(ADMIN, "audit.csv?action=purge").await.body;
    assert_eq!(csv.lines().count(), 801, "a heading, and what was removed");
}

async fn journey(site: &Site) {
    let token = site.token(ADMIN, "leads").await;
    let confirm = site
        .post(
            ADMIN,
            "confirm",
            &format!("token={token}&model=leads&id=1&act=delete"),
        )
        .await;
    assert_eq!(confirm.status, StatusCode::OK, "{}", confirm.body);
    assert!(
        confirm.body.contains("Delete 1 row") && confirm.body.contains("Ada"),
        "{}",
        confirm.body
    );
    assert_eq!(site.active(), [1, 2, 3, 4], "nothing is done by looking");

    let done = site.act(ADMIN, "act=delete&id=1&reason=asked+to").await;
    assert_eq!(
        (done.status, done.location()),
        (
            StatusCode::SEE_OTHER,
            "record?model=leads&done=delete&rows=1&id=1"
        )
    );
    assert_eq!(site.active(), [2, 3, 4]);

    let bin = site
        .get(ADMIN, "records?model=leads&by=ann&reason_has=asked&label=Ad")
        .await
        .body;
    assert!(
        bin.contains(">Ada<") && bin.contains("expires in 30 days") && !bin.contains("Grace"),
        "{bin}"
    );
    let record = site.get(ADMIN, done.location()).await.body;
    for told in [
        "1 row deleted.",
        "asked to",
        "1 of callbacks",
        "What was done",
        ">deleted<",
    ] {
        assert!(record.contains(told), "{told}: {record}");
    }
    let overview = site.get(ADMIN, "overview").await.body;
    assert!(overview.contains("<dt>Deleted</dt><dd>1</dd>"), "{overview}");

    let confirm = site
        .post(
            ADMIN,
            "confirm",
            &format!("token={token}&model=leads&id=1&act=restore"),
        )
        .await
        .body;
    assert!(
        confirm.contains("1 of leads") && confirm.contains("1 of callbacks"),
        "{confirm}"
    );
    let done = site.act(ADMIN, "act=restore&id=1").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(site.active(), [1, 2, 3, 4]);
    let trail = site.get(ADMIN, "audit?model=leads&id=1").await.body;
    assert!(
        trail.contains(">restored<") && trail.contains(">deleted<"),
        "{trail}"
    );
    let operations = site.get(ADMIN, "operations").await.body;
    assert!(operations.contains("1 of callbacks"), "{operations}");
}

/// Many at once: those that were chosen, and all that match a filter; what changed meanwhile is told.
#[tokio::test]
async fn many_at_once() {
    let site = Site::new();
    site.act(ADMIN, "act=delete&id=1&id=2&id=3").await;
    assert_eq!(site.active(), [4]);
    let token = site.token(ADMIN, "leads").await;
    let all = site
        .post(
            ADMIN,
            "confirm",
            &format!("token={token}&model=leads&all=yes&act=restore&filter_label=a&filter_show=deleted"),
        )
        .await
        .body;
    assert!(all.contains("Restore 3 rows"), "{all}");
    let one = site
        .post(
            ADMIN,
            "confirm",
            &format!("token={token}&model=leads&all=yes&act=restore&filter_label=Gra"),
        )
        .await
        .body;
    assert!(one.contains("Restore 1 row") && one.contains("Grace"), "{one}");
    let none = site
        .post(
            ADMIN,
            "confirm",
            &format!("token={token}&model=leads&act=restore"),
        )
        .await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Somebody else is quicker with one of them.
    site.act("bob/admin", "act=restore&id=2").await;
    let done = site.act(ADMIN, "act=restore&id=1&id=2&id=3").await;
    assert_eq!(
        done.location(),
        "records?model=leads&done=restore&rows=2&missed=1"
    );
    let told = site.get(ADMIN, done.location()).await.body;
    assert!(
        told.contains("2 rows came back.") && told.contains("1 row had been changed"),
        "{told}"
    );
    assert_eq!(site.active(), [1, 2, 3, 4]);
}

/// A hold keeps a record from being removed; removal wants a reason and the model's name typed.
#[tokio::test]
async fn held_and_removed() {
    let site = Site::new();
    site.act(ADMIN, "act=delete&id=2&id=3").await;
    let no_reason = site.act(ADMIN, "act=hold&id=2").await;
    assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.act(ADMIN, "act=hold&id=2&reason=case+17").await;
    let record = site.get(ADMIN, "record?model=leads&id=2").await.body;
    assert!(
        record.contains("case 17") && !record.contains("Remove for good"),
        "{record}"
    );
    assert!(site.get(ADMIN, "holds").await.body.contains("leads 2"));
    let held = site.act(ADMIN, "act=force&id=2&reason=erasure&typed=leads").await;
    assert_eq!(held.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", held.body);
    for form in [
        "act=force&id=3&reason=erasure",
        "act=force&id=3&reason=erasure&typed=lead",
        "act=force&id=3&typed=leads",
    ] {
        let refused = site.act(ADMIN, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }
    assert_eq!(site.there(), [1, 2, 3, 4]);
    let removed = site.act(ADMIN, "act=force&id=3&reason=erasure&typed=leads").await;
    assert_eq!(removed.location(), "records?model=leads&done=force&rows=1");
    assert_eq!(site.there(), [1, 2, 4]);
    let gone = site.get(ADMIN, "record?model=leads&id=3").await.body;
    assert!(
        gone.contains("This record was removed for good at") && gone.contains("erasure"),
        "{gone}"
    );
    // An active row is never removed, whatever is sent.
    site.act(ADMIN, "act=force&id=1&reason=erasure&typed=leads").await;
    assert_eq!(site.there(), [1, 2, 4]);
    site.act(ADMIN, "act=release&id=2").await;
    assert!(site.get(ADMIN, "holds").await.body.contains("Nothing is held"));
}

/// A whole operation is taken back, after it was shown; the overview has counted it.
#[tokio::test]
async fn an_operation_is_taken_back() {
    let site = Site::new();
    site.act(ADMIN, "act=delete&id=1&id=2&reason=a+mistake").await;
    let page = site.get(ADMIN, "operations").await.body;
    let (_, rest) = page.split_once("name=\"operation\" value=\"").expect("a button");
    let operation = rest.split('"').next().expect("an operation");
    let token = site.token(ADMIN, "leads").await;
    let form = format!("token={token}&operation={operation}");
    let shown = site.post(ADMIN, "undo", &form).await;
    assert_eq!(shown.status, StatusCode::OK);
    for told in ["a mistake", "leads 1", "leads 2", "callbacks 10"] {
        assert!(shown.body.contains(told), "{told}: {}", shown.body);
    }
    assert_eq!(site.active(), [3, 4], "nothing is done by looking");
    let support = site.token("sam/support", "leads").await;
    let done = site
        .post(
            "sam/support",
            "undo",
            &format!("token={support}&operation={operation}&sure=yes"),
        )
        .await;
    assert_eq!(done.location(), "operations?done=undo&rows=3");
    assert_eq!(site.active(), [1, 2, 3, 4]);
    assert!(!site.get(ADMIN, "operations").await.body.contains("Take it back"));
    let tenant = site.token("tina/admin/tenant-8", "leads").await;
    let refused = site
        .post(
            "tina/admin/tenant-8",
            "undo",
            &format!("token={tenant}&operation={operation}&sure=yes"),
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let overview = site.get(ADMIN, "overview").await.body;
    assert!(
        overview.contains("3 Deleted</title>") && overview.contains("3 Restored</title>"),
        "{overview}"
    );
}

/// A cleanup is foretold, begun and ended from its page, by who may; what it did is on record.
#[tokio::test]
async fn a_cleanup_is_run() {
    cleanup(&Site::new()).await;
}

async fn cleanup(site: &Site) {
    site.sql("WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 899) INSERT INTO leads (id, tenant_id, full_name, deleted_at) SELECT i, 7, 'x', '2020-01-15 12:00:00' FROM n");
    let token = site.token(ADMIN, "leads").await;
    let clean = |what: &str| format!("token={token}&what={what}");
    let forecast = site.post(ADMIN, "clean", &clean("forecast")).await;
    assert_eq!(forecast.status, StatusCode::OK, "{}", forecast.body);
    assert!(
        forecast.body.contains(">800<") && forecast.body.contains("Nothing was changed."),
        "{}",
        forecast.body
    );
    assert_eq!(site.there().len(), 804);
    let support = site.token("sam/support", "leads").await;
    for what in ["forecast", "begin", "stop"] {
        let refused = site
            .post("sam/support", "clean", &format!("token={support}&what={what}"))
            .await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{what}");
    }
    assert!(
        !site
            .get("sam/support", "runs")
            .await
            .body
            .contains("Remove what is expired")
    );

    // What would go is shown before anything does.
    let asked = site.post(ADMIN, "clean", &clean("begin")).await;
    assert!(
        asked.body.contains("Remove 800 rows for good") && site.there().len() == 804,
        "{}",
        asked.body
    );
    let begun = site.post(ADMIN, "clean", &clean("begin&sure=yes")).await;
    assert_eq!((begun.status, begun.location()), (StatusCode::SEE_OTHER, "runs"));
    let mut body = site.get(ADMIN, "runs").await.body;
    for _ in 0..600 {
        if !body.contains("data-live=\"runs\"") {
            break;
        }
        assert!(
            body.contains("A cleanup is running") && body.contains("Stop it"),
            "{body}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        body = site.get(ADMIN, "runs").await.body;
    }
    assert!(
        body.contains("The last one removed 800 rows") && body.contains(">completed<"),
        "{body}"
    );
    assert_eq!(site.there(), [1, 2, 3, 4]);
    assert!(
        site.get(ADMIN, "audit?action=purge")
            .await
            .body
            .contains("removed by a cleanup")
    );
}

/// What a cleanup would refuse is told before anybody is asked, and refused all the same.
#[tokio::test]
async fn too_much_of_a_table_is_not_removed() {
    let site = Site::new();
    site.sql("WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 1299) INSERT INTO leads (id, tenant_id, full_name, deleted_at) SELECT i, 7, 'x', '2020-01-15 12:00:00' FROM n");
    let token = site.token(ADMIN, "leads").await;
    let clean = |what: &str| format!("token={token}&what={what}");
    let asked = site.post(ADMIN, "clean", &clean("begin")).await.body;
    assert!(
        asked.contains("1,200 rows are more than half of leads") && !asked.contains("for good"),
        "{asked}"
    );
    let begun = site.post(ADMIN, "clean", &clean("begin&sure=yes")).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    let mut body = site.get(ADMIN, "runs").await.body;
    for _ in 0..600 {
        if !body.contains("data-live=\"runs\"") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        body = site.get(ADMIN, "runs").await.body;
    }
    assert!(body.contains("more than 50 % of the table"), "{body}");
    assert_eq!(site.there().len(), 1_204);
}

/// The audit trail goes into a file, all of it, safe for a spreadsheet.
#[tokio::test]
async fn the_audit_trail_as_a_file() {
    let site = Site::new();
    site.sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, reason, at, root) SELECT '018cc251-f400-7000-8000-000000000000', 'purge', 'leads', i, '=cmd()', 'a, \"b\"', '2026-01-15 12:00:00', 1 FROM n");
    site.act(ADMIN, "act=delete&id=1&reason=x").await;
    let csv = site.get(ADMIN, "audit.csv?model=leads").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert!(
        csv.headers["content-disposition"]
            .to_str()
            .expect("text")
            .starts_with("attachment")
    );
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(
        (lines.len(), lines[0]),
        (2_502, "id,operation_id,action,model,record_id,actor,reason,at")
    );
    assert!(
        lines[2].contains(",purge,leads,2500,'=cmd(),\"a, \"\"b\"\"\",2026-01-15"),
        "{}",
        lines[2]
    );
    let json = site.get(ADMIN, "audit.jsonl?action=soft_delete").await.body;
    assert_eq!(json.lines().count(), 2, "the lead and its callback");
    assert!(json.contains("\"actor\":\"ann\""), "{json}");
    // Days are whole ones in UTC; an operation's acts are its own.
    for (filter, acts) in [
        ("since=2026-01-15&until=2026-01-15", 2_500),
        ("until=2026-01-14", 0),
        ("since=2026-01-16", 2),
        ("operation=018cc251-f400-7000-8000-000000000000", 2_500),
    ] {
        let part = site.get(ADMIN, &format!("audit.jsonl?{filter}")).await.body;
        assert_eq!(part.lines().count(), acts, "{filter}");
    }
    for (nonsense, typed) in [
        ("since=yesterday&by=ann", "value=\"ann\""),
        ("action=eaten&id=7", "value=\"7\""),
        ("operation=7&model=leads", "value=\"leads\""),
    ] {
        let page = site.get(ADMIN, &format!("audit?{nonsense}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{nonsense}");
        assert!(
            page.body.contains("role=\"alert\"") && page.body.contains(typed),
            "{}",
            page.body
        );
    }
    for who in ["cal/caller", "tina/admin/tenant-8"] {
        assert_eq!(
            site.get(who, "audit.csv").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
}

/// Rows that the database would remove or change by itself keep the record that they refer to, on the page and in the API.
#[tokio::test]
async fn what_the_database_would_do_by_itself_is_refused() {
    for rule in ["CASCADE", "SET NULL"] {
        let site = Site::new();
        site.sql(&format!("CREATE TABLE photos (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES leads (id) ON DELETE {rule}); INSERT INTO photos VALUES (1, 2)"));
        site.act(ADMIN, "act=delete&id=2").await;
        let refused = site.act(ADMIN, "act=force&id=2&reason=x&typed=leads").await;
        assert_eq!(
            (refused.status, refused.body.contains("rows of photos")),
            (StatusCode::UNPROCESSABLE_ENTITY, true),
            "{}",
            refused.body
        );
        assert_eq!(site.there(), [1, 2, 3, 4], "{rule}");
        site.sql("DELETE FROM photos WHERE lead_id = 2");
        let removed = site.act(ADMIN, "act=force&id=2&reason=x&typed=leads").await;
        assert_eq!(
            removed.location(),
            "records?model=leads&done=force&rows=1",
            "{rule}"
        );
        assert_eq!(site.there(), [1, 3, 4], "{rule}");
    }
}

/// What stands in the way of a removal is told, and nothing is removed.
#[tokio::test]
async fn what_is_referred_to_stays() {
    let site = Site::new();
    site.sql("CREATE TABLE invoices (id INTEGER PRIMARY KEY, lead_id INTEGER NOT NULL REFERENCES leads (id)); INSERT INTO invoices VALUES (1, 2)");
    site.act(ADMIN, "act=delete&id=2").await;
    let refused = site.act(ADMIN, "act=force&id=2&reason=x&typed=leads").await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains("refers to them") && !refused.body.contains("FOREIGN KEY"),
        "{}",
        refused.body
    );
    assert_eq!(site.there(), [1, 2, 3, 4]);
}

/// Wherever it is mounted its links lead to it.
#[tokio::test]
async fn mounted_anywhere() {
    for mount in ["", "/bin", "/admin/bin"] {
        let site = Site::at(mount);
        let page = site.get(ADMIN, "overview").await;
        assert_eq!(page.status, StatusCode::OK, "{mount}: {}", page.body);
        for link in page
            .body
            .split("href=\"")
            .skip(1)
            .chain(page.body.split("src=\"").skip(1))
        {
            let link = link.split('"').next().expect("a link");
            assert!(!link.starts_with('/') && !link.contains("://"), "{link}");
            if !link.starts_with('#') {
                assert_eq!(
                    site.get(ADMIN, link).await.status,
                    StatusCode::OK,
                    "{mount} {link}"
                );
            }
        }
    }
    // The folder itself leads to its first page, with a slash at its end or without.
    for (mount, address, page) in [
        ("/admin/bin", "/admin/bin", "bin/overview"),
        ("", "/", "overview"),
    ] {
        let site = Site::at(mount);
        let request = axum::http::Request::get(address)
            .header("x-who", ADMIN)
            .body(axum::body::Body::empty());
        let moved = site.send(request.expect("a request")).await;
        assert_eq!(
            (moved.status, moved.location()),
            (StatusCode::TEMPORARY_REDIRECT, page)
        );
    }
}

/// Who knows when the application cleans up sees it on the overview.
#[tokio::test]
async fn the_next_cleanup() {
    let mut site = Site::new();
    assert!(
        !site
            .get(ADMIN, "overview")
            .await
            .body
            .contains("The next one comes")
    );
    let hourly = Scheduler::every(&registry(), Duration::from_secs(3_600)).expect("a schedule");
    let admin = Admin::new(site.source())
        .registry(registry())
        .access(ByHeader)
        .timetable(hourly.timetable());
    site.app = Router::new().nest("/bin", admin.into_router());
    let overview = site.get(ADMIN, "overview").await.body;
    let (_, next) = overview
        .split_once("The next one comes at <time datetime=\"")
        .expect("a time");
    assert!(
        next.split('"').next().expect("a time").ends_with(":00:00Z"),
        "{overview}"
    );
}
