//! The whole way: signing in, deleting with a reason, finding it in the bin, restoring, many at once, removing, taking back.

use crate::{
    chrome::{DESK, Driver, LOOKS, Look},
    crm::Crm,
    visitor::Visitor,
};

const ALL: [&str; 4] = [
    "Ada Lovelace",
    "Charles Babbage",
    "Mary Somerville",
    "George Boole",
];

impl Visitor<'_> {
    /// Deletes a lead on the front page, which has a form for each.
    pub async fn delete(&self, name: &str, reason: &str) {
        self.fill_for(name, reason).await;
        self.press(&format!("Delete {name}")).await;
    }
}

async fn journey(driver: &Driver, look: Look) {
    let crm = Crm::start();
    let visitor = Visitor::come(driver, &crm, look).await;
    visitor.sign_in("admin").await;

    // One is deleted with a reason, found, looked at, and comes back with its callbacks.
    visitor.delete("Ada Lovelace", "asked to be forgotten").await;
    assert_eq!(crm.active(), ALL[1..], "{look:?}");
    visitor.follow("Recycle bin").await;
    visitor.follow("Records").await;
    visitor.fill("Name contains", "Love").await;
    visitor.fill("Reason contains", "forgotten").await;
    visitor.press("Search").await;
    let found = visitor.reads().await;
    assert!(
        found.contains("Ada Lovelace") && found.contains("expires in 30 days"),
        "{found}"
    );
    assert_eq!(
        visitor.sees("//time[contains(@title, 'UTC')]").await,
        look.scripts,
        "with scripts times are in the reader's zone, and in UTC where the mouse rests"
    );
    visitor.follow("1").await;
    let record = visitor.reads().await;
    for told in ["asked to be forgotten", "admin", "2 of callbacks"] {
        assert!(record.contains(told), "{told}: {record}");
    }
    visitor.press("Restore…").await;
    assert_eq!(crm.active(), ALL[1..], "nothing is done before it is confirmed");
    visitor.press("Restore 1 row").await;
    assert!(visitor.reads().await.contains("1 row came back."));
    assert_eq!(crm.active(), ALL);
    visitor.go("/").await;
    let leads = visitor.reads().await;
    assert!(
        leads.contains("Ada Lovelace") && leads.contains("Notes on the engine"),
        "{leads}"
    );

    // Many at once.
    for name in &ALL[..3] {
        visitor.delete(name, "tidied up").await;
    }
    visitor.go_to_bin("records?model=leads").await;
    if look.scripts {
        visitor.tick("Choose all on this page").await;
    } else {
        for name in &ALL[..3] {
            visitor.tick(&format!("Choose {name}")).await;
        }
    }
    visitor.press("Restore…").await;
    let confirm = visitor.reads().await;
    assert!(ALL[..3].iter().all(|name| confirm.contains(name)), "{confirm}");
    visitor.press("Restore 3 rows").await;
    assert!(visitor.reads().await.contains("3 rows came back."));
    assert_eq!(crm.active(), ALL);

    // All that match, also on other pages.
    visitor.go("/").await;
    for name in &ALL[1..] {
        visitor.delete(name, "tidied up").await;
    }
    visitor.go_to_bin("records?model=leads&label=e").await;
    visitor.tick("All 3 that match").await;
    visitor.press("Restore…").await;
    visitor.press("Restore 3 rows").await;
    assert_eq!(crm.active(), ALL);

    // Removed for good, once its name is typed.
    visitor.go("/").await;
    visitor.delete("George Boole", "erasure").await;
    visitor.go_to_bin("records?model=leads").await;
    visitor.tick("Choose George Boole").await;
    visitor.press("Remove for good…").await;
    visitor.fill("Reason", "erasure").await;
    visitor.fill("Type leads to go on", "lead").await;
    visitor.press("Remove for good: 1 row").await;
    assert!(visitor.reads().await.contains("Nothing was removed"));
    assert_eq!(crm.there(), ALL);
    visitor.go_to_bin("records?model=leads").await;
    visitor.tick("Choose George Boole").await;
    visitor.press("Remove for good…").await;
    visitor.fill("Reason", "erasure").await;
    visitor.fill("Type leads to go on", "leads").await;
    visitor.press("Remove for good: 1 row").await;
    assert!(visitor.reads().await.contains("1 row removed for good."));
    assert_eq!(crm.there(), ALL[..3]);

    // A deletion is taken back.
    visitor.go("/").await;
    visitor.delete("Mary Somerville", "by mistake").await;
    assert_eq!(crm.active(), ALL[..2]);
    visitor.go_to_bin("operations").await;
    visitor.press("Take it back…").await;
    assert_eq!(crm.active(), ALL[..2], "nothing is done before it is confirmed");
    visitor.press("Take it back").await;
    assert_eq!(crm.active(), ALL[..3]);

    // Whoever leaves is out.
    visitor.go("/").await;
    visitor.press("Sign out").await;
    visitor.go_to_bin("overview").await;
    assert!(visitor.reads().await.contains("You may not do this"));
    visitor.leave().await;
}

/// In every way in which people look at pages.
#[tokio::test]
async fn the_whole_journey() {
    let driver = Driver::start();
    for look in LOOKS {
        journey(&driver, look).await;
    }
}

/// Without a mouse: from the overview to the record and back to life.
#[tokio::test]
async fn by_keyboard_alone() {
    let driver = Driver::start();
    let crm = Crm::start();
    let visitor = Visitor::come(&driver, &crm, DESK).await;
    visitor.sign_in("support").await;
    visitor.delete("Ada Lovelace", "asked to be forgotten").await;
    visitor.go_to_bin("overview").await;
    visitor.tab_to("Skip to the content").await;
    visitor.tab_to("Records").await;
    visitor.enter().await;
    visitor.tab_to("1").await;
    visitor.enter().await;
    visitor.tab_to("Restore…").await;
    visitor.enter().await;
    visitor.tab_to("Restore 1 row").await;
    visitor.enter().await;
    assert!(visitor.reads().await.contains("1 row came back."));
    assert_eq!(crm.active(), ALL);
    visitor.leave().await;
}

/// A search in a bin of many thousand records goes on by itself until it has found the one.
#[tokio::test]
async fn a_search_goes_on_by_itself() {
    let driver = Driver::start();
    for look in [LOOKS[0], LOOKS[1]] {
        let crm = Crm::start();
        crm.sql(
            "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 50099)
             INSERT INTO leads (id, full_name, email, deleted_at) SELECT i, 'Lead ' || i, '', strftime('%Y-%m-%d %H:%M:%f000', '2026-01-15 12:00:00', i || ' seconds') FROM n",
        );
        let visitor = Visitor::come(&driver, &crm, look).await;
        visitor.sign_in("support").await;
        visitor.go_to_bin("records?model=leads").await;
        visitor.fill("Name contains", "Lead 12345").await;
        visitor.press_and_wait("Search", "Lead 12345").await;
        visitor.leave().await;
    }
}
