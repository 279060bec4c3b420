//! Who may do what: every role, every thing, every kind of row.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use diesel::{
    SqliteConnection,
    r2d2::{ConnectionManager, Pool},
};
use soft_delete::Registry;
use soft_delete_admin::{Admin, R2d2};
use tower::ServiceExt;

use crate::site::{Lead, Site};

const PAGES: [&str; 8] = [
    "overview",
    "records?model=leads",
    "record?model=leads&id=1",
    "operations",
    "runs",
    "holds",
    "audit",
    "nowhere",
];

/// Without an access nobody may do anything, nor learn what is there.
#[tokio::test]
async fn nobody_may_anything() {
    let pool = Pool::builder()
        .max_size(1)
        .build(ConnectionManager::<SqliteConnection>::new(":memory:"))
        .expect("a pool");
    let app: Router = Admin::new(R2d2::new(pool))
        .registry(Registry::new().with::<Lead>())
        .into_router();
    for page in PAGES {
        let request = Request::get(format!("/{page}"))
            .body(Body::empty())
            .expect("a request");
        assert_eq!(
            app.clone().oneshot(request).await.expect("an answer").status(),
            StatusCode::FORBIDDEN,
            "{page}"
        );
    }
    for page in ["confirm", "act"] {
        let request = Request::post(format!("/{page}"))
            .body(Body::empty())
            .expect("a request");
        assert_eq!(
            app.clone().oneshot(request).await.expect("an answer").status(),
            StatusCode::FORBIDDEN,
            "{page}"
        );
    }
    // And who is not known to an access is nobody.
    let site = Site::new();
    for page in PAGES {
        let request = Request::get(format!("/bin/{page}"))
            .body(Body::empty())
            .expect("a request");
        assert_eq!(site.send(request).await.status, StatusCode::FORBIDDEN, "{page}");
    }
}

/// Each role and each thing, by a form as a page of an administrator has it.
#[tokio::test]
async fn each_role_and_each_thing() {
    for (who, may) in [
        (
            "ann/admin",
            &["delete", "restore", "hold", "release", "force"][..],
        ),
        ("sam/support", &["restore"]),
        ("cal/caller", &[]),
        ("eve/guest", &[]),
    ] {
        for act in ["delete", "restore", "hold", "release", "force"] {
            let site = Site::new();
            site.act("ann/admin", "act=delete&id=2").await;
            let id = if act == "delete" { 1 } else { 2 };
            let before = (site.active(), site.there());
            // Who sees no records has a form of the other model, or none: a token of their own all the same.
            let model = if who.contains("guest") {
                None
            } else if who.contains("caller") {
                Some("callbacks")
            } else {
                Some("leads")
            };
            let token = match model {
                Some(model) => {
                    site.get(who, &format!("records?model={model}&show=all"))
                        .await
                        .body
                }
                None => String::new(),
            };
            let token = token
                .split("name=\"token\" value=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_default();
            let form = format!("token={token}&model=leads&act={act}&id={id}&reason=x&typed=leads");
            let confirm = site.post(who, "confirm", &form).await;
            assert!(
                confirm.status == StatusCode::OK || !may.contains(&act),
                "{who} {act}"
            );
            assert!(may.contains(&act) || !confirm.status.is_success(), "{who} {act}");
            let answer = site.post(who, "act", &form).await;
            let is_done = answer.status == StatusCode::SEE_OTHER;
            assert_eq!(is_done, may.contains(&act), "{who} {act} {}", answer.status);
            if !is_done {
                assert_eq!((site.active(), site.there()), before, "{who} {act}");
                assert!(
                    site.get("ann/admin", "holds")
                        .await
                        .body
                        .contains("Nothing is held"),
                    "{who} {act}"
                );
            }
        }
    }
}

/// What a page offers is what they may do.
#[tokio::test]
async fn pages_offer_what_they_may() {
    let site = Site::new();
    site.act("ann/admin", "act=delete&id=2").await;
    let admin = site.get("ann/admin", "records?model=leads&show=all").await.body;
    let support = site.get("sam/support", "records?model=leads&show=all").await.body;
    for button in ["restore", "delete", "hold", "release", "force"] {
        let button = format!("value=\"{button}\"");
        assert!(admin.contains(&button), "{button}");
        assert_eq!(support.contains(&button), button.contains("restore"), "{button}");
    }
    for page in ["records?model=leads", "record?model=leads&id=2"] {
        assert_eq!(
            site.get("cal/caller", page).await.status,
            StatusCode::NOT_FOUND,
            "a model that is not seen is not there"
        );
    }
    assert!(!site.get("cal/caller", "overview").await.body.contains("leads"));
    for page in ["operations", "runs", "holds", "audit"] {
        assert_eq!(
            site.get("cal/caller", page).await.status,
            StatusCode::FORBIDDEN,
            "{page}"
        );
    }
}

/// A tenant sees and changes its own rows, whatever keys it sends.
#[tokio::test]
async fn a_tenant_has_its_own_rows() {
    let site = Site::new();
    site.act("ann/admin", "act=delete&id=1&id=2&id=4&reason=secret+of+seven")
        .await;
    let tenant = "tina/admin/tenant-8";
    let bin = site.get(tenant, "records?model=leads&show=all").await.body;
    assert!(
        bin.contains("Mary") && !bin.contains("Ada") && !bin.contains("Grace") && !bin.contains("Charles"),
        "{bin}"
    );
    for page in [
        "record?model=leads&id=1",
        "record?model=leads&id=3",
        "record?model=leads&id=77",
    ] {
        let foreign = site.get(tenant, page).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{page}");
        assert!(!foreign.body.contains("secret"), "{page}");
    }
    // Of many only its own, and none of the others is named.
    let token = site.token(tenant, "leads").await;
    let confirm = site
        .post(
            tenant,
            "confirm",
            &format!("token={token}&model=leads&act=restore&id=1&id=2&id=4"),
        )
        .await
        .body;
    assert!(
        confirm.contains("Restore 1 row") && !confirm.contains("Ada"),
        "{confirm}"
    );
    let done = site.act(tenant, "act=restore&id=1&id=2&id=4").await;
    assert_eq!(
        done.location(),
        "records?model=leads&done=restore&rows=1&missed=2"
    );
    assert_eq!(site.active(), [3, 4]);
    for form in [
        "act=delete&id=3",
        "act=force&id=1&reason=x&typed=leads",
        "act=hold&id=1&reason=x",
        "act=restore&id=1",
    ] {
        site.act(tenant, form).await;
        assert_eq!(
            (site.active(), site.there()),
            (vec![3, 4], vec![1, 2, 3, 4]),
            "{form}"
        );
    }
    assert!(
        site.get("ann/admin", "holds")
            .await
            .body
            .contains("Nothing is held")
    );
    // What is told of the whole is not for them, nor are figures of others.
    for page in ["operations", "runs", "holds", "audit"] {
        assert_eq!(
            site.get(tenant, page).await.status,
            StatusCode::FORBIDDEN,
            "{page}"
        );
    }
    let overview = site.get(tenant, "overview").await.body;
    assert!(
        overview.contains("You see the rows that are yours.") && !overview.contains("href=\"audit\""),
        "{overview}"
    );
}

/// What somebody may not see is in no page, and cannot be searched for.
#[tokio::test]
async fn columns_that_are_not_shown() {
    let site = Site::new();
    site.act("ann/admin", "act=delete&id=1&id=2&reason=x").await;
    site.sql("UPDATE leads SET tenant_id = 77777");
    let discreet = "dan/admin/discreet";
    let token = site.token(discreet, "leads").await;
    let confirm = site
        .post(
            discreet,
            "confirm",
            &format!("token={token}&model=leads&act=restore&id=1&id=2"),
        )
        .await;
    assert_eq!(confirm.status, StatusCode::OK);
    let mut bodies = vec![confirm.body];
    for page in [
        "overview",
        "records?model=leads&show=all",
        "record?model=leads&id=1",
        "operations",
        "audit",
        "holds",
    ] {
        let seen = site.get("ann/admin", page).await.body;
        assert!(!page.starts_with("record") || seen.contains("Ada"), "{page}");
        bodies.push(site.get(discreet, page).await.body);
    }
    for body in bodies {
        assert!(
            !body.contains("Ada") && !body.contains("Grace") && !body.contains("77777"),
            "{body}"
        );
    }
    assert!(
        site.get("ann/admin", "record?model=leads&id=1")
            .await
            .body
            .contains("77777")
    );
    let search = site.get(discreet, "records?model=leads&label=Ad").await;
    assert_eq!(search.status, StatusCode::NOT_FOUND);
    let form = format!("token={token}&model=leads&act=restore&all=yes&filter_label=Ad");
    assert_eq!(
        site.post(discreet, "confirm", &form).await.status,
        StatusCode::NOT_FOUND
    );
}

/// What is in the way of a restore is told; of whom only to those who see them.
#[tokio::test]
async fn what_is_in_the_way() {
    let site = Site::new();
    site.act("ann/admin", "act=delete&id=4").await;
    site.sql("UPDATE leads SET full_name = 'Mary' WHERE id = 3");
    let all = site.get("ann/admin", "record?model=leads&id=4").await.body;
    assert!(
        all.contains("is taken by the active record") && all.contains("record?model=leads&amp;id=3"),
        "{all}"
    );
    let tenant = "tina/admin/tenant-8";
    let own = site.get(tenant, "record?model=leads&id=4").await.body;
    assert!(
        own.contains("is taken by another record") && !own.contains("id=3"),
        "{own}"
    );
    let told = site.get(tenant, "api/v1/record?model=leads&id=4").await.body;
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["restore"]["conflicts"][0]["taken_by"], "");
}

/// Who may not see who deleted a row, or why, does not find out: not in lists, not by searching, not in its history.
#[tokio::test]
async fn who_and_why_can_be_hidden() {
    let site = Site::new();
    site.act("bob/admin", "act=delete&id=1&reason=private+matter")
        .await;
    let mute = "max/admin/mute";
    for page in [
        "records?model=leads",
        "records",
        "record?model=leads&id=1",
        "api/v1/records?model=leads",
        "api/v1/record?model=leads&id=1",
    ] {
        let answer = site.get(mute, page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(
            !answer.body.contains("private matter") && !answer.body.contains("bob"),
            "{page}: {}",
            answer.body
        );
    }
    for search in ["by=bob", "reason_has=private"] {
        for list in ["records", "api/v1/records"] {
            let told = site.get(mute, &format!("{list}?model=leads&{search}")).await;
            assert_eq!(told.status, StatusCode::NOT_FOUND, "{list} {search}");
        }
        let all = site.get(mute, &format!("records?{search}")).await.body;
        assert!(
            all.contains("No record is like that") && !all.contains("Ada"),
            "{all}"
        );
    }
    // What a model does not tell, none of its rows is.
    let callbacks = site.get("ann/admin", "records?model=callbacks&by=bob").await.body;
    assert!(callbacks.contains("No record is like that"), "{callbacks}");
    for page in ["audit", "operations", "holds", "audit.csv"] {
        assert_eq!(site.get(mute, page).await.status, StatusCode::FORBIDDEN, "{page}");
    }
}

/// A plan tells nothing of rows that are not the visitor's.
#[tokio::test]
async fn a_plan_keeps_others_keys() {
    let site = Site::new();
    site.act("bob/admin", "act=delete&id=1").await;
    for page in [
        "record?model=callbacks&id=10",
        "api/v1/record?model=callbacks&id=10",
    ] {
        let whole = site.get("ann/admin", page).await.body;
        assert!(
            whole.contains("leads 1") || whole.contains("\"id\":\"1\""),
            "{page}: {whole}"
        );
        let caller = site.get("cal/caller", page).await.body;
        assert!(
            !caller.contains("model=leads")
                && !caller.contains("leads 1")
                && !caller.contains("\"id\":\"1\""),
            "{page}: {caller}"
        );
    }
}
