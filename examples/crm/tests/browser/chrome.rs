//! Chromium, by its driver.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

/// How somebody looks at pages.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub name: &'static str,
    pub phone: bool,
    pub scripts: bool,
    pub dark: bool,
}

pub const DESK: Look = Look {
    name: "desk",
    phone: false,
    scripts: true,
    dark: false,
};

/// All ways in which the whole journey is made.
pub const LOOKS: [Look; 4] = [
    DESK,
    Look {
        name: "desk, no scripts",
        scripts: false,
        ..DESK
    },
    Look {
        name: "phone",
        phone: true,
        ..DESK
    },
    Look {
        name: "phone, no scripts",
        phone: true,
        scripts: false,
        ..DESK
    },
];

/// How often a driver is started until one stays.
const STARTS: usize = 20;

/// The driver, gone with this, and the browsers that it started with it.
pub struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    /// The driver takes a free port of IPv4 and wants the same number of IPv6, which another program may have:
    /// it exits then. Another start takes another number.
    pub fn start() -> Self {
        let mut said = String::new();
        (0..STARTS)
            .find_map(|_| Self::start_once(&mut said))
            .unwrap_or_else(|| panic!("chromedriver did not start {STARTS} times:\n{said}"))
    }

    /// `None` where the driver exited, with what it printed in `said`.
    fn start_once(said: &mut String) -> Option<Self> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver; `cargo xtask test` installs it");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"))
            .lines()
            .map_while(Result::ok);
        let port = lines.by_ref().find_map(|line| {
            said.push_str(&line);
            said.push('\n');
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim().trim_end_matches('.').to_owned())
        });
        let Some(port) = port else {
            let _ = child.wait();
            return None;
        };
        // The rest of its output is read, so that it never waits for a reader.
        thread::spawn(move || lines.for_each(drop));
        Some(Self {
            child,
            address: format!("http://127.0.0.1:{port}"),
        })
    }

    /// A browser with nothing in it.
    pub async fn open(&self, look: Look) -> Client {
        let mut arguments = vec![
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--lang=en-US",
            "--window-size=1280,900",
        ];
        if look.dark {
            arguments.push("--blink-settings=preferredColorScheme=0");
        }
        let mut options = json!({ "args": arguments });
        if look.phone {
            // A finger without scripts is more than the driver can do: it waits for an answer of the page.
            options["mobileEmulation"] = json!({ "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 1, "touch": look.scripts, "mobile": look.scripts } });
        }
        if !look.scripts {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let mut wanted = serde_json::Map::new();
        wanted.insert("goog:chromeOptions".to_owned(), options);
        ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&self.address)
            .await
            .expect("Chromium; `cargo xtask test` installs it")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // On SIGTERM it takes its browsers along.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").arg(id).status();
        let _ = self.child.wait();
    }
}
