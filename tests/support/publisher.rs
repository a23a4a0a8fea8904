//! Publishers that may lie.

use super::trust_fleet::{Fleet, ok};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A web server over a folder of published files.
pub(crate) struct Publisher {
    port: u16,
    _dir: Option<tempfile::TempDir>,
}

impl Publisher {
    pub(crate) fn of(dir: &Path) -> Self {
        Self { port: serve(dir.to_path_buf()), _dir: None }
    }

    /// What the auditor publishes, with some files replaced.
    pub(crate) fn with(fleet: &Fleet, changed: &[(&str, &Value)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        ok(&Command::new("cp")
            .arg("-a")
            .arg(fleet.auditor().join("public"))
            .arg(dir.path())
            .output()
            .unwrap());
        for (path, value) in changed {
            std::fs::write(dir.path().join("public").join(path), value.to_string()).unwrap();
        }
        Self { port: serve(dir.path().join("public")), _dir: Some(dir) }
    }

    /// The fleet's address with this publisher in the auditor's place, under the same pin.
    pub(crate) fn url(&self, fleet: &str) -> String {
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
    let path =
        lines.next().unwrap_or(Ok(String::new()))?.split(' ').nth(1).unwrap_or("/").to_string();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let file = std::fs::read(dir.join(path.trim_start_matches('/')));
    let (status, body) = file.map_or(("404 Not Found", vec![]), |body| ("200 OK", body));
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)
}
