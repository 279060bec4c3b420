//! Somebody in front of a browser.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use fantoccini::{Client, Locator, elements::Element, key::Key};

use crate::{
    access,
    chrome::{Driver, Look},
    crm::Crm,
};

/// Enough keys to come around any page.
const MOST_KEYS: usize = 200;

/// Even on a busy machine a page comes sooner.
const LONGEST_WAY: Duration = Duration::from_secs(20);

pub struct Visitor<'c> {
    client: Client,
    crm: &'c Crm,
    look: Look,
}

impl<'c> Visitor<'c> {
    pub async fn come(driver: &Driver, crm: &'c Crm, look: Look) -> Self {
        let client = driver.open(look).await;
        Self { client, crm, look }
    }

    pub async fn leave(self) {
        self.client.close().await.expect("an end");
    }

    pub async fn sign_in(&self, name: &str) {
        self.go("/").await;
        self.fill("Name", name).await;
        self.fill("Password", name).await;
        self.press("Sign in").await;
        assert!(self.reads().await.contains(&format!("Signed in as {name}")));
    }

    /// Opens a page of the CRM, and looks at it.
    pub async fn go(&self, path: &str) {
        let address = format!("{}{path}", self.crm.address);
        self.client.goto(&address).await.expect(path);
        self.look_at_it().await;
    }

    /// Opens a page of the bin.
    pub async fn go_to_bin(&self, page: &str) {
        self.go(&format!("/admin/bin/{page}")).await;
    }

    /// Presses the button of these words.
    pub async fn press(&self, words: &str) {
        self.click_away(&format!("//button[normalize-space()='{words}']"))
            .await;
        self.look_at_it().await;
    }

    /// Follows the link of these words.
    pub async fn follow(&self, words: &str) {
        self.click_away(&format!("//a[normalize-space()='{words}']"))
            .await;
        self.look_at_it().await;
    }

    /// Types into the field of this label, instead of what is in it.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self
            .one(&format!("//label[contains(normalize-space(), '{label}')]//input"))
            .await;
        field.clear().await.expect(label);
        field.send_keys(text).await.expect(label);
    }

    /// Types the reason into the form of this lead.
    pub async fn fill_for(&self, name: &str, reason: &str) {
        let path = format!("//form[.//button[normalize-space()='Delete {name}']]//input[@name='reason']");
        self.one(&path).await.send_keys(reason).await.expect(name);
    }

    /// Presses a button, and waits until these words can be read, wherever the page has led on to meanwhile.
    pub async fn press_and_wait(&self, words: &str, read: &str) {
        self.click_away(&format!("//button[normalize-space()='{words}']"))
            .await;
        let path = format!("//main//td[contains(., '{read}')]");
        let waited = self.client.wait().at_most(LONGEST_WAY);
        waited.for_element(Locator::XPath(&path)).await.expect(read);
        self.look_at_it().await;
    }

    /// Ticks the box that is called so.
    pub async fn tick(&self, name: &str) {
        let ticked = self.one(&format!("//input[@type='checkbox' and (@aria-label='{name}' or ancestor::label[contains(normalize-space(), '{name}')])]")).await;
        ticked.click().await.expect(name);
    }

    /// What can be read on the page.
    pub async fn reads(&self) -> String {
        self.one("//main").await.text().await.expect("words")
    }

    /// Whether there is such a thing.
    pub async fn sees(&self, path: &str) -> bool {
        let found = self.client.find_all(Locator::XPath(path)).await;
        !found.expect(path).is_empty()
    }

    /// What a script on the page answers.
    pub async fn answer(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, Vec::new()).await.expect(script)
    }

    /// Where the keyboard is, in the words of what is there.
    async fn focus(&self) -> String {
        let script = "const e = document.activeElement; return e.tagName === 'BODY' ? '' : (e.textContent.trim() || e.getAttribute('aria-label') || e.name || '')";
        self.answer(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Goes on with the tabulator until the keyboard is at what is called so.
    pub async fn tab_to(&self, words: &str) {
        let mut passed = Vec::new();
        for _ in 0..MOST_KEYS {
            self.keys(&String::from(char::from(Key::Tab))).await;
            let at = self.focus().await;
            if at == words {
                let visible = self.answer("const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2").await;
                assert_eq!(visible, true, "whoever is at {words} sees it");
                return;
            }
            passed.push(at);
        }
        panic!("the keyboard does not come to {words}: {passed:?}");
    }

    /// Presses these keys, wherever the keyboard is.
    pub async fn keys(&self, keys: &str) {
        let at = self.client.active_element().await.expect("something");
        at.send_keys(keys).await.expect("keys");
    }

    /// Presses Enter, which leads to another page.
    pub async fn enter(&self) {
        let page = self.one("/html").await;
        self.keys(&String::from(char::from(Key::Enter))).await;
        self.has_gone(&page).await;
        self.look_at_it().await;
    }

    async fn click_away(&self, path: &str) {
        let page = self.one("/html").await;
        self.one(path).await.click().await.expect(path);
        self.has_gone(&page).await;
    }

    // A browser says that it was clicked before it has gone anywhere.
    async fn has_gone(&self, page: &Element) {
        let since = Instant::now();
        while page.tag_name().await.is_ok() {
            assert!(
                since.elapsed() < LONGEST_WAY,
                "{}: the page stays",
                self.look.name
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Leaves a picture of the page where pictures are wanted.
    pub async fn picture(&self, name: &str) {
        if let Some(directory) = std::env::var_os("SCREENSHOTS") {
            let png = self.client.screenshot().await.expect("a picture");
            std::fs::write(Path::new(&directory).join(format!("{name}.png")), png).expect("a file");
        }
    }

    async fn one(&self, path: &str) -> Element {
        match self.client.find(Locator::XPath(path)).await {
            Ok(element) => element,
            Err(error) => {
                let page = self.client.source().await.unwrap_or_default();
                panic!("{}: {path}: {error}\n{page}", self.look.name)
            }
        }
    }

    // No page is wider than the screen, and none keeps anybody out.
    async fn look_at_it(&self) {
        if !self.look.scripts {
            return;
        }
        let wider = self
            .answer("const page = document.scrollingElement; return page.scrollWidth > page.clientWidth ? page.outerHTML : ''")
            .await;
        assert_eq!(wider, "", "{}: it is wider than the screen", self.look.name);
        let barriers = access::barriers(&self.client).await;
        assert!(barriers.is_empty(), "{}: {barriers:#?}", self.look.name);
    }
}
