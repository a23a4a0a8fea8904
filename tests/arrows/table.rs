//! The arrows that must never be, each with its reason.

use super::graph::Graph;

pub(crate) struct Arrow {
    pub number: u8,
    /// Packages of this workspace.
    pub from: &'static [&'static str],
    pub rule: Rule,
    pub because: &'static str,
}

pub(crate) enum Rule {
    /// None of these may be reached, however many crates lie between.
    NeverReaches(&'static [&'static str]),
    /// None of these may stand in the package's own manifest.
    NeverNames(&'static [&'static str]),
    /// Of this workspace's packages, only these may stand in the package's own manifest.
    OnlyOurs(&'static [&'static str]),
}

/// Programs and libraries that serve as a site. None of them may have a feature of [`OPERATORS`]
/// either.
pub(crate) const SERVING: &[&str] = &["vault-server", "bad-site", "vault-simulation"];
/// Package and feature, each with what a ceremony does and a site may not be able to.
pub(crate) const OPERATORS: &[(&str, &str)] = &[("yubihsm-device", "operator")];

pub(crate) const ARROWS: &[Arrow] = &[
    Arrow {
        number: 1,
        from: &[
            "app",
            "backup-engine",
            "chat-archive",
            "chat-import",
            "encrypted-exports",
            "passkey-unlock",
            "vault-client",
            "cli",
            "keepsake-desktop",
        ],
        rule: Rule::NeverReaches(&[
            "vault-server",
            "vault-state",
            "operator",
            "yubihsm-device",
            "auditor",
        ]),
        because: "what runs at a person's home is built and read without the operator's or the auditor's code",
    },
    Arrow {
        number: 2,
        from: &["vault-server", "vault-state", "operator", "yubihsm-device"],
        rule: Rule::NeverReaches(&[
            "backup-engine",
            "chat-archive",
            "chat-import",
            "sealed-keys",
            "app",
        ]),
        because: "a server that holds no code to open a backup cannot be made to open one",
    },
    Arrow {
        number: 3,
        from: &["keepsake-desktop", "cli"],
        rule: Rule::OnlyOurs(&["app"]),
        because: "the window and the command line hold no logic: both call `app`, so both do the same",
    },
    Arrow {
        number: 3,
        from: &["story"],
        rule: Rule::OnlyOurs(&["mock-fleet"]),
        because: "the story proves the programs, so it may not share their code",
    },
    Arrow {
        number: 3,
        from: &["mock-fleet"],
        rule: Rule::OnlyOurs(&[]),
        because: "what is shown over a MOCK fleet is shown of the programs, not of shared code",
    },
    Arrow {
        number: 4,
        from: &[
            "vault-protocol",
            "recovery-crypto",
            "fleet-evidence",
            "vault-facts",
            "vault-state",
            "vault-client",
            "sealed-keys",
            "backup-engine",
            "chat-archive",
            "chat-import",
            "encrypted-exports",
            "passkey-unlock",
            "text-pdf",
            "app",
        ],
        rule: Rule::NeverReaches(&["tauri", "axum"]),
        because: "frameworks live in the shells, so that a crate can be used and tested without one",
    },
    Arrow {
        number: 5,
        from: &[
            "vault-protocol",
            "recovery-crypto",
            "fleet-evidence",
            "vault-facts",
            "vault-state",
        ],
        rule: Rule::NeverReaches(&[
            "tokio", "mio", "socket2", "hyper", "reqwest", "rusqlite", "tempfile", "keyring",
        ]),
        because: "network, disk, clock and randomness are arguments here: these crates decide, others act",
    },
    Arrow {
        number: 5,
        from: &[
            "vault-protocol",
            "recovery-crypto",
            "fleet-evidence",
            "vault-facts",
            "vault-state",
        ],
        rule: Rule::NeverNames(&["getrandom", "rand", "chrono", "futures"]),
        because: "randomness and the clock are arguments here",
    },
    Arrow {
        number: 6,
        from: &["chat-import", "chat-archive"],
        rule: Rule::NeverReaches(&[
            "sealed-keys",
            "backup-engine",
            "vault-client",
            "encrypted-exports",
            "aes",
            "aes-gcm",
        ]),
        because: "importers know no encryption",
    },
    Arrow {
        number: 6,
        from: &["encrypted-exports"],
        rule: Rule::NeverReaches(&["chat-archive", "chat-import", "sealed-keys", "backup-engine"]),
        because: "what opens an export knows neither chats nor our own backups",
    },
    Arrow {
        number: 6,
        from: &["backup-engine", "sealed-keys"],
        rule: Rule::NeverReaches(&["remote-stores", "opendal", "reqwest"]),
        because: "the engine asks a port for blobs; which service keeps them is not its business",
    },
    Arrow {
        number: 6,
        from: &["backup-engine", "sealed-keys"],
        rule: Rule::NeverReaches(&["chat-archive", "chat-import"]),
        because: "the backup engine keeps bytes; what a chat is, is not its business",
    },
    Arrow {
        number: 7,
        from: &["vault-server", "operator", "yubihsm-device"],
        rule: Rule::NeverReaches(&["hsm-mock"]),
        because: "the programs' and the emulator's readings of Yubico's protocol stay independent",
    },
    Arrow {
        number: 7,
        from: &["hsm-mock"],
        rule: Rule::NeverReaches(&["yubihsm", "yubihsm-device", "vault-server", "operator"]),
        because: "the emulator's and the client crate's readings of Yubico's protocol stay independent",
    },
    Arrow {
        number: 7,
        from: &["passkey-unlock", "app"],
        rule: Rule::NeverReaches(&["key-mock"]),
        because: "the client's and the emulator's readings of FIDO's protocols stay independent",
    },
    Arrow {
        number: 7,
        from: &["key-mock"],
        rule: Rule::NeverReaches(&["passkey-unlock", "passkey-authenticator", "passkey-client"]),
        because: "the emulator's and the client's readings of FIDO's protocols stay independent",
    },
    Arrow {
        number: 8,
        from: &["fleet-evidence"],
        rule: Rule::NeverReaches(&["vault-client", "app", "yubihsm-device"]),
        because: "an outside auditor builds on the verifier alone",
    },
    Arrow {
        number: 8,
        from: &["auditor"],
        rule: Rule::NeverReaches(&[
            "operator",
            "yubihsm-device",
            "vault-server",
            "vault-state",
            "app",
            "vault-client",
        ]),
        because: "the auditor is independent of the operator it examines",
    },
    Arrow {
        number: 10,
        from: SERVING,
        rule: Rule::NeverReaches(&["operator"]),
        because: "a serving site that holds no operator's deed cannot be made to do one",
    },
    Arrow {
        number: 10,
        from: &["operator"],
        rule: Rule::NeverReaches(&["vault-server", "vault-state"]),
        because: "who sets devices up serves nobody: a ceremony's computer runs no site",
    },
    Arrow {
        number: 12,
        from: &[
            "cli",
            "keepsake-desktop",
            "app",
            "remote-stores",
            "vault-server",
            "operator",
            "auditor",
            "hsm-mock",
            "key-mock",
        ],
        rule: Rule::NeverReaches(&["mock-fleet"]),
        because: "a MOCK fleet is a thing of tests: no product can start one",
    },
];

impl Arrow {
    /// The packages of this workspace that the rule speaks of, beside `from`.
    pub(crate) fn ours(&self) -> &'static [&'static str] {
        match self.rule {
            Rule::OnlyOurs(names) => names,
            Rule::NeverReaches(_) | Rule::NeverNames(_) => &[],
        }
    }

    /// Every way from `from` to something this arrow forbids.
    pub(crate) fn forbidden_paths(&self, from: &str, graph: &Graph) -> Vec<Vec<String>> {
        let direct = |name: &str| vec![from.to_string(), name.to_string()];
        match self.rule {
            Rule::NeverReaches(names) => {
                names.iter().filter_map(|name| graph.path(from, name)).collect()
            }
            Rule::NeverNames(names) => {
                names.iter().filter(|n| graph.names(from, n)).map(|n| direct(n)).collect()
            }
            Rule::OnlyOurs(allowed) => {
                let ours = graph.members().filter(|name| graph.names(from, name));
                ours.filter(|name| !allowed.contains(name)).map(direct).collect()
            }
        }
    }
}
