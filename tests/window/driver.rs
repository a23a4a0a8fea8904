//! The real window, driven as a person does: by what is written on it.

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Argon2, a fleet's answers and a backup on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) struct Window {
    client: Client,
    driver: Child,
    /// Where pictures go, if they are wanted.
    pictures: Option<PathBuf>,
}

impl Window {
    /// Opens the app on its own home. `fleet` is the address it fills in.
    pub(crate) async fn open(home: &Path, fleet: &str) -> Self {
        Self::open_with(home, fleet, &[]).await
    }

    /// As [`Window::open`], with more in the app's environment.
    pub(crate) async fn open_with(home: &Path, fleet: &str, environment: &[(&str, &str)]) -> Self {
        let [port, native] = free_ports();
        let driver = Command::new("tauri-driver")
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .env("KEEPSAKE_HOME", home.join("keepsake"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("KEEPSAKE_FLEET_URL", fleet)
            .env("KEEPSAKE_KEY_STORE", "file")
            .env("LANG", "C.UTF-8")
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tauri-driver is installed: script/setup");
        let pictures = std::env::var_os("KEEPSAKE_SCREENSHOTS").map(PathBuf::from);
        Self { client: connect(port).await, driver, pictures }
    }

    pub(crate) async fn close(mut self) {
        self.client.clone().close().await.unwrap();
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
    }

    /// Clicks a button once it can be clicked: a list that is drawn anew may take it away for a
    /// moment.
    pub(crate) async fn click(&self, words: &str) {
        let path =
            format!("//button[not(@disabled)][contains(normalize-space(.), {})]", quoted(words));
        self.click_at(&path, words).await;
    }

    /// One of several, by the words beside its mark.
    pub(crate) async fn choose(&self, words: &str) {
        let path = format!(
            "//label[.//input[@type='radio' or @type='checkbox']][contains(normalize-space(.), {})]",
            quoted(words)
        );
        self.click_at(&path, words).await;
    }

    /// Opens a part of the page that is folded up.
    pub(crate) async fn unfold(&self, words: &str) {
        let path = format!("//summary[contains(normalize-space(.), {})]", quoted(words));
        self.click_at(&path, words).await;
    }

    /// Scrolled into the middle as a person would, and again where the page moved meanwhile.
    async fn click_at(&self, path: &str, words: &str) {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let found = self.find(path).await;
            self.to_the_middle(&found).await;
            let Err(error) = found.click().await else { return };
            assert!(std::time::Instant::now() < until, "{words}: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What went away meanwhile is looked for again.
    async fn to_the_middle(&self, element: &Element) {
        const SCROLL: &str = "arguments[0].scrollIntoView({ block: 'center' })";
        let _ = self.client.execute(SCROLL, vec![serde_json::to_value(element).unwrap()]).await;
    }

    /// Begins again with the page, as if the window were opened anew.
    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let field = self.field(label).await;
            self.to_the_middle(&field).await;
            let Err(error) = field.clear().await else {
                return field.send_keys(text).await.unwrap();
            };
            assert!(std::time::Instant::now() < until, "{label}: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What a field holds.
    pub(crate) async fn value(&self, label: &str) -> String {
        self.field(label).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Clicks what has no words of its own.
    pub(crate) async fn press(&self, selector: &str) {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
        found.unwrap().click().await.unwrap();
    }

    /// Types into whatever has the focus.
    pub(crate) async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Waits until the words are somewhere in the window.
    pub(crate) async fn see(&self, words: &str) {
        self.find(&format!("//body//*[contains(normalize-space(.), {})]", quoted(words))).await;
    }

    pub(crate) async fn does_not_show(&self, words: &str) -> bool {
        let body = self.client.find(Locator::Css("body")).await.unwrap();
        !body.text().await.unwrap().contains(words)
    }

    pub(crate) async fn is_enabled(&self, button: &str) -> bool {
        let path = format!("//button[contains(normalize-space(.), {})]", quoted(button));
        self.find(&path).await.is_enabled().await.unwrap()
    }

    /// The recovery code on screen, as a person would write it down.
    pub(crate) async fn read_code(&self) -> String {
        self.find("//*[@data-testid='code-group']").await;
        let mut groups = Vec::new();
        for group in self.client.find_all(Locator::Css("[data-testid=code-group]")).await.unwrap() {
            groups.push(group.text().await.unwrap());
        }
        groups.join("-")
    }

    pub(crate) async fn count(&self, selector: &str) -> usize {
        self.client.find_all(Locator::Css(selector)).await.unwrap().len()
    }

    pub(crate) async fn script(&self, code: &str) -> Value {
        self.client.execute(code, Vec::new()).await.unwrap()
    }

    /// Calls one of the app's own commands, as the page does.
    pub(crate) async fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        const CALL: &str = "
            const [command, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, given).then((answer) => done({ answer }), (error) => done({ error }))";
        let mut told =
            self.client.execute_async(CALL, vec![command.into(), arguments]).await.unwrap();
        match told.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(told["answer"].take()),
        }
    }

    /// A picture of the window in both themes, for the documentation, if asked for.
    pub(crate) async fn picture(&self, name: &str) {
        let Some(dir) = &self.pictures else { return };
        for theme in ["light", "dark"] {
            self.script(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
            tokio::time::sleep(Duration::from_millis(700)).await;
            let png = self.client.screenshot().await.unwrap();
            std::fs::write(dir.join(format!("{name}-{theme}.png")), png).unwrap();
        }
        self.script("delete document.documentElement.dataset.theme").await;
    }

    async fn field(&self, label: &str) -> Element {
        let label = self
            .find(&format!("//label[starts-with(normalize-space(.), {})]", quoted(label)))
            .await;
        let id = label.attr("for").await.unwrap().expect("a label of a field");
        self.client.find(Locator::Id(&id)).await.unwrap()
    }

    async fn find(&self, xpath: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(xpath)).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                let body =
                    self.client.find(Locator::Css("body")).await.unwrap().text().await.unwrap();
                panic!("{xpath}: {error}\nThe window shows:\n{body}")
            }
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // After a failed test; `close` has done it otherwise.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

async fn connect(port: u16) -> Client {
    let wanted = json!({
        "browserName": "wry",
        "tauri:options": { "application": env!("CARGO_BIN_EXE_keepsake-desktop") },
    });
    let Value::Object(wanted) = wanted else { unreachable!("an object was written") };
    let address = format!("http://127.0.0.1:{port}");
    let mut tried = 0;
    loop {
        let session = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.clone())
            .connect(&address)
            .await;
        match session {
            Ok(client) => return client,
            // The driver needs a moment to listen.
            Err(_) if tried < 50 => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => panic!("the window did not open: {error}"),
        }
        tried += 1;
    }
}

fn free_ports() -> [u16; 2] {
    let sockets = [0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    sockets.each_ref().map(|socket| socket.local_addr().unwrap().port())
}

/// XPath has no escapes: words with an apostrophe go in double quotes.
fn quoted(words: &str) -> String {
    if words.contains('\'') { format!("\"{words}\"") } else { format!("'{words}'") }
}
