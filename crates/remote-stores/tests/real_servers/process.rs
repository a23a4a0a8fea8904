//! A server in a folder of its own, on a port of this computer, gone at the end.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) struct Process {
    child: Child,
    pub folder: TempDir,
    pub port: u16,
}

impl Process {
    /// Starts what `command` makes of the folder and port, and waits until it listens.
    pub(crate) fn start(command: impl FnOnce(&Path, u16) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let log = std::fs::File::create(folder.path().join("server.log")).unwrap();
        let mut command = command(folder.path(), port);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = command
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}. script/test-stores installs it"));
        let mut process = Self { child, folder, port };
        process.wait_until_it_listens();
        process
    }

    fn wait_until_it_listens(&mut self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || began.elapsed() > Duration::from_secs(60) {
                let log = std::fs::read_to_string(self.folder.path().join("server.log"));
                panic!("the server does not serve: {ended:?} {}", log.unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
