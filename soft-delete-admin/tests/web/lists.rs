//! Long lists: page by page, in either order, of one model or of all, and searches that look at a part at a time.

use axum::http::StatusCode;

use crate::site::Site;

const ADMIN: &str = "ann/admin";

/// What stands behind this in a page, up to a quotation mark, each time.
fn each<'p>(page: &'p str, before: &str) -> Vec<&'p str> {
    page.split(before)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// Where a link leads to.
fn link(page: &str, words: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!(">{words}<"))?;
    let address = before.rsplit("href=\"").next()?.trim_end_matches('"');
    Some(address.replace("&amp;", "&"))
}

/// The keys on all pages from this one on, as links to records tell them.
async fn all_pages(site: &Site, first: &str) -> (Vec<String>, usize) {
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut next = Some(first.to_owned());
    while let Some(page) = next {
        let answer = site.get(ADMIN, &page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.body);
        let records = each(&answer.body, "href=\"record?model=");
        seen.extend(records.into_iter().map(|link| link.replace("&amp;id=", " ")));
        pages += 1;
        next = link(&answer.body, "Next page").or_else(|| link(&answer.body, "Search further"));
    }
    (seen, pages)
}

/// Many deleted leads, from number 100 on, the last of them deleted last; ten share a second.
fn many(site: &Site, leads: u32) {
    site.sql(&format!(
        "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 99 + {leads})
         INSERT INTO leads (id, tenant_id, full_name, deleted_at, deleted_by)
         SELECT i, 7, 'Lead ' || i, strftime('%Y-%m-%d %H:%M:%f000', '2026-01-15 12:00:00', (i / 10) || ' seconds'), 'bob' FROM n"
    ));
}

/// Pages follow each other over a long bin, each record once, newest or oldest first.
#[tokio::test]
async fn page_by_page() {
    let site = Site::new();
    many(&site, 250);
    let (mut seen, pages) = all_pages(&site, "records?model=leads&size=100").await;
    let expected: Vec<String> = (100..350).rev().map(|id| format!("leads {id}")).collect();
    assert_eq!((&seen, pages), (&expected, 3));
    let (oldest, _) = all_pages(&site, "records?model=leads&size=100&sort=oldest").await;
    seen.reverse();
    assert_eq!(oldest, seen);
    // How many match is told where all of them are seen.
    let some = site.get(ADMIN, "records?model=leads&size=100").await.body;
    assert!(some.contains("All that match, also on other pages"), "{some}");
    let all = site.get(ADMIN, "records?model=leads&label=Lead+10").await.body;
    assert!(all.contains("All 10 that match"), "{all}");
    let odd = site.get(ADMIN, "records?model=leads&sort=sideways").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    let back = site.get(ADMIN, "records?model=leads&size=100").await.body;
    let second = link(&back, "Next page").expect("a second page");
    let second = site.get(ADMIN, &second).await.body;
    assert_eq!(
        link(&second, "First page").as_deref(),
        Some("records?model=leads&size=100")
    );
}

/// Without a model the bins of all of them are one list, by time.
#[tokio::test]
async fn all_models_at_once() {
    let site = Site::new();
    many(&site, 40);
    // One callback in the middle of the leads, one newer than all, one older.
    site.sql("INSERT INTO callbacks (id, lead_id, deleted_at) VALUES (11, 2, '2026-01-15 12:00:11.500000'), (12, 2, '2026-02-01 00:00:00'), (13, 3, '2026-01-01 00:00:00')");
    let mut expected: Vec<String> = vec!["callbacks 12".to_owned()];
    for id in (100..140).rev() {
        expected.push(format!("leads {id}"));
        if id == 120 {
            expected.push("callbacks 11".to_owned());
        }
    }
    expected.push("callbacks 13".to_owned());
    for size in [7, 21, 200] {
        let (seen, _) = all_pages(&site, &format!("records?size={size}")).await;
        assert_eq!(seen, expected, "{size} a page");
    }
    expected.reverse();
    assert_eq!(all_pages(&site, "records?size=9&sort=oldest").await.0, expected);

    // What one model cannot tell, its rows are not.
    assert_eq!(all_pages(&site, "records?by=bob&size=200").await.0.len(), 40);
    assert_eq!(all_pages(&site, "records?id=12").await.0, ["callbacks 12"]);
    let none = site.get(ADMIN, "records?id=twelve").await;
    assert!(
        none.status == StatusCode::OK && none.body.contains("No record is like that"),
        "{}",
        none.body
    );
    let active = site.get(ADMIN, "records?show=active").await;
    assert_eq!(active.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(active.body.contains("Choose a model"), "{}", active.body);
    // The form is there, as it was filled in.
    assert!(
        active.body.contains(r#"<option value="active" selected>"#),
        "{}",
        active.body
    );
    let none = site
        .get(ADMIN, "records?model=leads&id=twelve&reason_has=left")
        .await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    for typed in [
        "role=\"alert\"",
        "value=\"twelve\"",
        "value=\"left\"",
        "<option value=\"leads\" selected>",
    ] {
        assert!(none.body.contains(typed), "{}", none.body);
    }
    // Who sees one model only has that one's list, with its buttons.
    let caller = site.get("cal/caller", "records").await.body;
    assert!(
        caller.contains("Records of callbacks") && !caller.contains("leads"),
        "{caller}"
    );
    // A tenant sees its own.
    assert_eq!(
        each(
            &site.get("tina/admin/tenant-8", "records?by=bob").await.body,
            "record?model=leads"
        ),
        [""; 0]
    );
}

/// In a list of all models nothing older comes before what a search has not come to yet.
#[tokio::test]
async fn all_models_in_order() {
    let site = Site::new();
    many(&site, 12_000);
    site.sql(
        "INSERT INTO callbacks (id, lead_id, deleted_at) VALUES (11, 2, '2026-01-01 00:00:00');
              INSERT INTO soft_delete_holds (id, model, record_id, actor, reason, placed_at) VALUES
              ('01a216cc-3fbc-7c92-8755-cc598c3f1800', 'leads', '150', 'ann', 'x', '2026-01-01 00:00:00'),
              ('01a216cc-3fbc-7c92-8755-cc598c3f1801', 'callbacks', '11', 'ann', 'x', '2026-01-01 00:00:00')",
    );
    let (seen, pages) = all_pages(&site, "records?show=held").await;
    assert_eq!(seen, ["leads 150", "callbacks 11"]);
    assert!(pages > 1, "the lead is behind the newest 10,000");
}

/// A search in a large bin looks at a part at a time, says so, and goes on by itself until it has found something.
#[tokio::test]
async fn searches_go_on() {
    let site = Site::new();
    many(&site, 60_000);
    site.sql("CREATE INDEX leads_deleted ON leads (deleted_at, id) WHERE deleted_at IS NOT NULL");
    let first = site.get(ADMIN, "records?model=leads&label=Lead+5").await.body;
    // What is found among the newest 10,000 is shown at once.
    assert_eq!(each(&first, "href=\"record?model=").len(), 50, "{first}");
    assert!(!first.contains("http-equiv"), "{first}");
    for (search, found) in [
        ("label=Lead+30000", vec!["leads 30000"]),
        ("label=nobody", vec![]),
        ("by=eve", vec![]),
        ("id=100&by=bob", vec!["leads 100"]),
    ] {
        for model in ["model=leads&", ""] {
            let (seen, pages) = all_pages(&site, &format!("records?{model}{search}")).await;
            assert_eq!(seen, found, "{search}");
            assert!(pages > 1 || search.starts_with("id="), "{search}: {pages} pages");
        }
    }
    let far = site.get(ADMIN, "records?model=leads&label=nobody").await.body;
    let leads_on = each(&far, "http-equiv=\"refresh\" content=\"0; url=");
    assert_eq!(leads_on.len(), 1, "{far}");
    assert!(far.contains("Nothing yet among 10,000 records."), "{far}");
    let further = site.get(ADMIN, &leads_on[0].replace("&amp;", "&")).await.body;
    assert!(further.contains("Nothing yet among 20,000 records."), "{further}");
    // All that match are looked for among all.
    let token = site.token(ADMIN, "leads").await;
    let form = format!("token={token}&model=leads&all=yes&act=restore&filter_label=Lead+30000");
    let confirm = site.post(ADMIN, "confirm", &form).await.body;
    assert!(confirm.contains("Restore 1 row"), "{confirm}");
}
