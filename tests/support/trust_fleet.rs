//! A fleet of real processes, people with a computer each, and publishers that may lie.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Three sites by `script/fleet`; stopped and removed when dropped.
pub struct Fleet {
    dir: tempfile::TempDir,
}

impl Fleet {
    pub fn up() -> Self {
        let fleet = Self { dir: tempfile::tempdir().unwrap() };
        fleet.script(&["up", "--sites", "3"]);
        fleet
    }

    fn script(&self, arguments: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("script/fleet");
        let mut command = Command::new(script);
        command.args(arguments).env("KEEPSAKE_FLEET_DIR", self.path("fleet")).env("KEEPSAKE_BIN_DIR", programs());
        ok(&command.output().unwrap());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn url(&self) -> String {
        std::fs::read_to_string(self.path("fleet/url")).unwrap().trim().into()
    }

    pub fn auditor(&self) -> PathBuf {
        self.path("fleet/auditor")
    }

    /// What the auditor publishes at a path.
    pub fn published(&self, path: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.auditor().join("public").join(path)).unwrap()).unwrap()
    }

    pub fn published_bundle(&self, epoch: &str) -> Value {
        self.published(&format!("bundles/{epoch}"))
    }

    /// The auditor's whole directory with its keys: what it could do with a second log.
    pub fn copy_auditor(&self) -> PathBuf {
        let copy = self.path("fork");
        let done = Command::new("cp").arg("-a").arg(self.auditor()).arg(&copy).output().unwrap();
        ok(&done);
        copy
    }

    /// Renews the bundle with the same devices in another region, signs and publishes it; gives its id.
    pub fn publish_epoch(&self, epoch: u64, region: &str, previous: &Value, auditor: &Path) -> Value {
        let told = self.renew(epoch, region, previous, &[]);
        let id = told.split_whitespace().nth(1).unwrap_or_default().trim_end_matches(':').to_string();
        assert_eq!(id.len(), 64, "{told}");
        let into = self.path(&format!("epoch-{epoch}-{region}"));
        let (bundle, evidence) = (into.join("bundle.json"), into.join("evidence"));
        let signed = auditor_says(&["sign"], auditor, &[("--bundle", &bundle), ("--evidence", &evidence)]);
        let (answer, countersigned) = (into.join("signature.json"), into.join("countersigned.json"));
        std::fs::write(&answer, signed).unwrap();
        let mut countersign = Command::new(programs().join("vault-server"));
        countersign.arg("countersign").arg("--key").arg(self.path("fleet/operator.key"));
        countersign.arg("--bundle").arg(&bundle).arg("--signed").arg(&answer).arg("--out").arg(&countersigned);
        countersign.arg("--trust").arg(self.auditor().join("public/trust.json"));
        ok(&countersign.output().unwrap());
        let published = auditor_says(&["publish"], auditor, &[("--signed", &countersigned)]);
        if auditor == self.auditor() {
            std::fs::write(self.path("fleet/bundle.json"), published).unwrap();
        }
        json!(id)
    }

    /// `vault-server renew`, every site in `region` and, in epoch 11, at another address; what it said.
    pub fn renew(&self, epoch: u64, region: &str, previous: &Value, revoked: &[u64]) -> String {
        let mut plan: Value = serde_json::from_slice(&std::fs::read(self.path("fleet/plan.json")).unwrap()).unwrap();
        (plan["epoch"], plan["previous"], plan["revoked_epochs"]) = (json!(epoch), previous.clone(), json!(revoked));
        plan["evidence_url"] = json!(plan["evidence_url"].as_str().unwrap().replace("/1/", &format!("/{epoch}/")));
        for site in plan["sites"].as_array_mut().unwrap() {
            site["region"] = json!(region);
            if epoch >= 11 {
                site["endpoint"] = json!(site["endpoint"].as_str().unwrap().replace("127.0.0.1", "localhost"));
            }
        }
        let file = self.path(&format!("fleet/plan-{epoch}-{region}.json"));
        std::fs::write(&file, plan.to_string()).unwrap();
        let mut renew = Command::new(programs().join("vault-server"));
        renew.arg("renew").arg("--plan").arg(file).arg("--out").arg(self.path("fleet/ceremony"));
        // What is current is what the auditor published last before this epoch.
        let current = self.auditor().join(format!("public/bundles/{}", epoch - 1));
        renew.arg("--current").arg(current).arg("--into").arg(self.path(&format!("epoch-{epoch}-{region}")));
        let done = renew.output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
    }

    /// Sites read their bundle when they start.
    pub fn restart_sites(&self) {
        for site in ["1", "2", "3"] {
            self.script(&["kill-site", site]);
            self.script(&["start-site", site]);
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("script/fleet");
        let mut command = Command::new(script);
        command.arg("remove").env("KEEPSAKE_FLEET_DIR", self.path("fleet")).env("KEEPSAKE_BIN_DIR", programs());
        let _ = command.output();
    }
}

/// One person's computer.
pub struct Computer {
    home: tempfile::TempDir,
}

pub struct Ran {
    pub code: i32,
    pub json: Value,
    pub stderr: String,
}

impl Computer {
    pub fn new(_: &Fleet) -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub fn verify(&self, url: &str) -> Ran {
        self.run(&["fleet", "verify", "--bundle", url])
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments, None)
    }

    pub fn with_code(&self, code: &str, arguments: &[&str]) -> Ran {
        self.command(arguments, Some(code))
    }

    fn command(&self, arguments: &[&str], code: Option<&str>) -> Ran {
        let mut command = Command::new(programs().join("keepsake"));
        command.args(arguments).arg("--json").arg("--home").arg(self.home.path().join("home"));
        command.env("KEEPSAKE_KEY_STORE", "file").env_remove("KEEPSAKE_RECOVERY_CODE");
        command.stdin(std::process::Stdio::null());
        if let Some(code) = code {
            command.env("KEEPSAKE_RECOVERY_CODE", code);
        }
        let output = command.output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            json: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub fn succeeded(self) -> Value {
        assert_eq!(self.code, 0, "{}\n{:#}", self.stderr, self.json);
        self.json
    }

    #[track_caller]
    pub fn refused(self) -> Value {
        assert_eq!(self.code, 1, "{}\n{:#}", self.stderr, self.json);
        self.json
    }
}

/// Ids of the checks that refused.
pub fn failed(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    let failed = checks.iter().filter(|c| c["outcome"] == "fail");
    failed.map(|c| c["id"].as_str().unwrap().to_string()).collect()
}

/// Where a check stands in a report.
pub fn index_of(report: &Value, check: &str) -> usize {
    report["checks"].as_array().unwrap().iter().position(|c| c["id"] == check).unwrap()
}

/// A web server over a folder of published files.
pub struct Publisher {
    port: u16,
    _dir: Option<tempfile::TempDir>,
}

impl Publisher {
    pub fn of(dir: &Path) -> Self {
        Self { port: serve(dir.to_path_buf()), _dir: None }
    }

    /// What the auditor publishes, with some files replaced.
    pub fn with(fleet: &Fleet, changed: &[(&str, &Value)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        ok(&Command::new("cp").arg("-a").arg(fleet.auditor().join("public")).arg(dir.path()).output().unwrap());
        for (path, value) in changed {
            std::fs::write(dir.path().join("public").join(path), value.to_string()).unwrap();
        }
        Self { port: serve(dir.path().join("public")), _dir: Some(dir) }
    }

    /// The fleet's address with this publisher in the auditor's place, under the same pin.
    pub fn url(&self, fleet: &str) -> String {
        format!("http://127.0.0.1:{}#{}", self.port, fleet.split_once('#').unwrap().1)
    }
}

fn serve(dir: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let dir = dir.clone();
            std::thread::spawn(move || answer(stream, &dir));
        }
    });
    port
}

fn answer(mut stream: TcpStream, dir: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let path = lines.next().unwrap_or(Ok(String::new()))?.split(' ').nth(1).unwrap_or("/").to_string();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let file = std::fs::read(dir.join(path.trim_start_matches('/')));
    let (status, body) = file.map_or(("404 Not Found", vec![]), |body| ("200 OK", body));
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}

fn auditor_says(command: &[&str], dir: &Path, files: &[(&str, &Path)]) -> Vec<u8> {
    let mut auditor = Command::new(programs().join("auditor"));
    auditor.args(command).arg("--dir").arg(dir);
    for (flag, path) in files {
        auditor.arg(flag).arg(path);
    }
    let done = auditor.output().unwrap();
    ok(&done);
    done.stdout
}

#[track_caller]
fn ok(done: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{}\n{}", text(&done.stdout), text(&done.stderr));
}

/// `target/debug`, above `target/debug/deps`, where this test is.
fn programs() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(2).unwrap().to_path_buf()
}
