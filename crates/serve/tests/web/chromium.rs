//! A real browser, asked through what its developers have for that (the Chrome `DevTools` Protocol): one socket for all.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::yard::LIMIT;

/// The folder that pictures of pages are put into, if they are wanted.
const PICTURES: &str = "BOATYARD_TEST_PICTURES";
/// How high a page is shown, in pixels.
const LEAST: u64 = 400;
const MOST: u64 = 4000;
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: String,
    number: u64,
    /// What the page complained about.
    pub complaints: Vec<String>,
    _browser: Child,
    _profile: tempfile::TempDir,
}

/// The browser of this machine, if it has one.
pub fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|file| file.is_file())
}

impl Page {
    /// An empty page in a browser of its own, for which every name is this machine.
    pub async fn open(program: PathBuf) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Command::new(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            // Letters have edges of one colour: pictures are smaller.
            .arg("--disable-lcd-text")
            .args([
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "--no-proxy-server",
            ])
            .arg("--host-resolver-rules=MAP * 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(browser.stderr.take().unwrap()).lines();
        let listens = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(url) = line.strip_prefix("DevTools listening on ") {
                    return url.to_owned();
                }
            }
            panic!("the browser ended");
        };
        let url = tokio::time::timeout(LIMIT, listens)
            .await
            .expect("waited for the browser");
        // What it says later must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let mut page = Self {
            socket,
            session: String::new(),
            number: 0,
            complaints: Vec::new(),
            _browser: browser,
            _profile: profile,
        };
        let target = page
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = page.call("Target.attachToTarget", attach).await;
        attached["sessionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut page.session);
        for domain in ["Page", "Runtime", "Log"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }

    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let mut call = json!({ "id": self.number, "method": method, "params": params });
        if !self.session.is_empty() {
            call["sessionId"] = self.session.clone().into();
        }
        self.socket
            .send(Message::text(call.to_string()))
            .await
            .unwrap();
        loop {
            let message = tokio::time::timeout(LIMIT, self.socket.next()).await;
            let message = message.unwrap_or_else(|_| panic!("waited for {method}"));
            let Message::Text(text) = message.unwrap().unwrap() else {
                continue;
            };
            let said: Value = serde_json::from_str(&text).unwrap();
            if said["id"] == self.number {
                assert_eq!(said["error"], Value::Null, "{method}");
                return said["result"].clone();
            }
            self.listen(&said);
        }
    }

    fn listen(&mut self, said: &Value) {
        let params = &said["params"];
        match said["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(params.to_string()),
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => {
                self.complaints.push(params["entry"]["text"].to_string());
            }
            _ => {}
        }
    }

    pub async fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url })).await;
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")
            .await;
    }

    /// Goes to where nothing is; the browser may keep what was there, to come back to it.
    pub async fn leave(&mut self) {
        self.call("Page.navigate", json!({ "url": "about:blank" }))
            .await;
        self.until("location.href === 'about:blank'").await;
    }

    /// What an expression is.
    pub async fn is(&mut self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", params).await;
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub async fn until(&mut self, expression: &str) {
        let wait = async {
            while !matches!(
                self.is(&format!("Boolean({expression})")).await,
                Value::Bool(true)
            ) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(LIMIT, wait).await.is_err() {
            let text = self.is("document.documentElement.outerHTML").await;
            panic!("waited for {expression} in {text}");
        }
    }

    pub async fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.call(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": 9 }),
            )
            .await;
        }
    }

    /// Shows the page so wide, light or dark, as high as it is, and looks whether everybody can read it.
    pub async fn fits(&mut self, name: &str, width: u32, scheme: &str) {
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.call("Emulation.setEmulatedMedia", media).await;
        self.size(width, LEAST).await;
        let height = self.is("document.documentElement.scrollHeight").await;
        let height = height.as_u64().unwrap_or_default();
        self.size(width, height.clamp(LEAST, MOST)).await;
        let overflow = self
            .is("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            .await;
        assert_eq!(overflow, 0, "{name} is wider than {width}");
        let found = self.is(include_str!("legible.js")).await;
        assert_eq!(found, json!([]), "{name}, {scheme}");
    }

    async fn size(&mut self, width: u32, height: u64) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// The same; if `BOATYARD_TEST_PICTURES` names a folder, a picture of its upper part is put there.
    pub async fn picture(&mut self, name: &str, (width, most): (u32, u64), scheme: &str) {
        self.fits(name, width, scheme).await;
        let Some(folder) = std::env::var_os(PICTURES) else {
            return;
        };
        let size = self.is("[innerWidth, innerHeight]").await;
        let height = size[1].as_u64().unwrap_or_default().min(most);
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": height, "scale": 1 });
        let wish = json!({ "format": "png", "clip": clip });
        let picture = self.call("Page.captureScreenshot", wish).await;
        let picture = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        let file = PathBuf::from(folder).join(format!("{name}.png"));
        std::fs::write(file, picture).unwrap();
    }
}
