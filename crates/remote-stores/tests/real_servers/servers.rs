//! The servers, and where each keeps a backup.

use super::process::Process;
use remote_stores::Credentials;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

pub(crate) struct Place {
    pub address: String,
    pub credentials: Option<Credentials>,
    /// Of several at once that write one new object, one wins.
    pub writes_conditionally: bool,
}

pub(crate) struct Server {
    pub name: &'static str,
    process: Option<Process>,
    place: fn(&Process) -> Place,
    /// For what is no server.
    fixed: Option<(tempfile::TempDir, String)>,
}

const NAME: &str = "keepsake";
const SECRET: &str = "a password of these tests";
const SECRET_KEY: &str = "secretkeyofthesetests";

impl Server {
    fn new(name: &'static str, process: Process, place: fn(&Process) -> Place) -> Self {
        Self { name, process: Some(process), place, fixed: None }
    }

    pub(crate) fn place(&self) -> Place {
        match (&self.process, &self.fixed) {
            (Some(process), _) => (self.place)(process),
            (None, Some((_, address))) => {
                Place { address: address.clone(), credentials: None, writes_conditionally: false }
            }
            (None, None) => unreachable!("one of both"),
        }
    }

    pub(crate) fn rclone_s3() -> Self {
        let start = |folder: &Path, port| {
            fs::create_dir_all(folder.join("data/chats")).unwrap();
            let keys = format!("{NAME},{SECRET_KEY}");
            command(
                "rclone",
                &[
                    "serve",
                    "s3",
                    "--addr",
                    &local(port),
                    "--auth-key",
                    &keys,
                    &text(&folder.join("data")),
                ],
            )
        };
        Self::new("rclone 1.75, S3", Process::start(start), |process| s3(process, false))
    }

    pub(crate) fn moto() -> Self {
        let start = |_: &Path, port: u16| {
            command("moto_server", &["-H", "127.0.0.1", "-p", &port.to_string()])
        };
        let process = Process::start(start);
        let bucket = format!("http://{}/chats", local(process.port));
        assert!(
            command("curl", &["-sf", "-X", "PUT", &bucket]).status().unwrap().success(),
            "a bucket of moto"
        );
        Self::new("moto 5.2, S3", process, |process| s3(process, true))
    }

    pub(crate) fn rclone_webdav() -> Self {
        let start = |folder: &Path, port| {
            let data = data(folder);
            command(
                "rclone",
                &[
                    "serve",
                    "webdav",
                    "--addr",
                    &local(port),
                    "--user",
                    NAME,
                    "--pass",
                    SECRET,
                    &data,
                ],
            )
        };
        Self::new("rclone 1.75, WebDAV", Process::start(start), |process| {
            webdav(process, "/backup")
        })
    }

    pub(crate) fn wsgidav() -> Self {
        let start = |folder: &Path, port: u16| {
            let config = folder.join("wsgidav.yaml");
            let root = data(folder);
            let text = format!(
                "host: 127.0.0.1\nport: {port}\nserver: cheroot\nprovider_mapping:\n  \"/\": \"{root}\"\n\
                 http_authenticator:\n  accept_basic: true\n  accept_digest: false\n  default_to_digest: false\n\
                 simple_dc:\n  user_mapping:\n    \"*\":\n      \"{NAME}\":\n        password: \"{SECRET}\"\n"
            );
            fs::write(&config, text).unwrap();
            command("wsgidav", &["--config", &self::text(&config)])
        };
        Self::new("wsgidav 4.4, WebDAV", Process::start(start), |process| {
            webdav(process, "/backup")
        })
    }

    pub(crate) fn apache() -> Self {
        let start = |folder: &Path, port: u16| {
            open_to_all(folder);
            let root = data(folder);
            open_to_all(Path::new(&root));
            let passwords = folder.join("passwords");
            let made =
                command("htpasswd", &["-bc", &text(&passwords), NAME, SECRET]).output().unwrap();
            assert!(made.status.success(), "{made:?}");
            let config = folder.join("apache.conf");
            fs::write(&config, apache_config(folder, &root, port)).unwrap();
            command("apache2", &["-X", "-f", &text(&config)])
        };
        Self::new("Apache 2.4, WebDAV", Process::start(start), |process| {
            webdav(process, "/dav/backup")
        })
    }

    pub(crate) fn sshd() -> Self {
        let start = |folder: &Path, port: u16| {
            make_keys(folder, port);
            let config = folder.join("sshd.conf");
            let lines = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\n\
                 PidFile {}\nSubsystem sftp internal-sftp\nPermitRootLogin prohibit-password\nUsePAM no\n",
                text(&folder.join("host")),
                text(&folder.join("key.pub")),
                text(&folder.join("pid")),
            );
            fs::write(&config, lines).unwrap();
            command("/usr/sbin/sshd", &["-D", "-e", "-f", &text(&config)])
        };
        Self::new("OpenSSH 9, SFTP", Process::start(start), |process| {
            sftp(process, &text(&process.folder.path().join("data/backup")))
        })
    }

    pub(crate) fn rclone_sftp() -> Self {
        let start = |folder: &Path, port: u16| {
            make_keys(folder, port);
            let (host, keys) = (text(&folder.join("host")), text(&folder.join("key.pub")));
            let data = data(folder);
            let address = local(port);
            command(
                "rclone",
                &[
                    "serve",
                    "sftp",
                    "--addr",
                    &address,
                    "--key",
                    &host,
                    "--authorized-keys",
                    &keys,
                    &data,
                ],
            )
        };
        Self::new("rclone 1.75, SFTP", Process::start(start), |process| sftp(process, "/backup"))
    }

    /// A place that `rclone` reaches by itself: here a folder, in the life of people a cloud drive.
    pub(crate) fn rclone_remote() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("rclone::local:{}", folder.path().display());
        let name = "whatever rclone 1.75 reaches";
        Self {
            name,
            process: None,
            place: |_| unreachable!("no process"),
            fixed: Some((folder, address)),
        }
    }
}

fn s3(process: &Process, writes_conditionally: bool) -> Place {
    let endpoint = format!("http%3A%2F%2F127.0.0.1%3A{}", process.port);
    let credentials =
        Some(Credentials { name: NAME.into(), secret: String::from(SECRET_KEY).into() });
    Place {
        address: format!("s3://chats/of/ann?endpoint={endpoint}"),
        credentials,
        writes_conditionally,
    }
}

fn webdav(process: &Process, path: &str) -> Place {
    let credentials = Some(Credentials { name: NAME.into(), secret: String::from(SECRET).into() });
    let address = format!("http://{}{path}", local(process.port));
    Place { address, credentials, writes_conditionally: false }
}

fn sftp(process: &Process, folder: &str) -> Place {
    let key = text(&process.folder.path().join("key"));
    let credentials = Some(Credentials { name: key, secret: String::new().into() });
    let user = std::env::var("USER").unwrap_or_else(|_| "root".into());
    let address = format!("sftp://{user}@127.0.0.1:{}{folder}", process.port);
    Place { address, credentials, writes_conditionally: false }
}

/// A key of the server, which `ssh` knows from then on, and one of the person.
fn make_keys(folder: &Path, port: u16) {
    for file in ["host", "key"] {
        let file = text(&folder.join(file));
        let made = command("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &file])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }
    let public = fs::read_to_string(folder.join("host.pub")).unwrap();
    let known = std::env::var("KEEPSAKE_TEST_KNOWN_HOSTS").expect("script/test-stores sets it");
    let mut known = fs::OpenOptions::new().append(true).create(true).open(known).unwrap();
    known.write_all(format!("[127.0.0.1]:{port} {public}").as_bytes()).unwrap();
}

fn apache_config(folder: &Path, root: &str, port: u16) -> String {
    let modules = "/usr/lib/apache2/modules";
    let loaded: String = [
        "mpm_event",
        "authn_core",
        "authn_file",
        "authz_core",
        "authz_user",
        "auth_basic",
        "alias",
        "dav",
        "dav_fs",
    ]
    .map(|m| format!("LoadModule {m}_module {modules}/mod_{m}.so\n"))
    .concat();
    let folder = folder.display();
    format!(
        "{loaded}ServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\nErrorLog {folder}/error.log\n\
         User www-data\nGroup www-data\nDocumentRoot {root}\nDavLockDB {folder}/locks\nMutex file:{folder}\n\
         Alias /dav {root}\n<Directory {root}>\nDav On\nAuthType Basic\nAuthName Backup\nAuthUserFile {folder}/passwords\n\
         Require valid-user\n</Directory>\n"
    )
}

fn data(folder: &Path) -> String {
    let data = folder.join("data");
    fs::create_dir_all(&data).unwrap();
    text(&data)
}

fn open_to_all(folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
}

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

fn local(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_string()
}
