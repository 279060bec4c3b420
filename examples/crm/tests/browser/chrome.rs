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

/// The driver, gone with this, and the browsers that it started with it.
pub struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    pub fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver; `cargo xtask test` installs it");
        let mut told = BufReader::new(child.stdout.take().expect("its words"));
        let port = loop {
            let mut line = String::new();
            assert!(told.read_line(&mut line).expect("a line") > 0, "it has started");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim().trim_end_matches('.').to_owned();
            }
        };
        // What else it says is read, so that it can go on.
        thread::spawn(move || told.lines().map_while(Result::ok).for_each(drop));
        Self {
            child,
            address: format!("http://127.0.0.1:{port}"),
        }
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
