use super::{Case, Document};
use crate::support::devices::{DeviceModel, Line};
use crate::support::world::{Files, World};
use crate::support::*;
use fleet_evidence::folder::*;
use fleet_evidence::rules::{self, KeyRole, command};

pub fn cases() -> Vec<Case> {
    let mut out = folders();
    out.extend(chains());
    out.extend(keys());
    out.extend(logs());
    out.extend(inventories());
    out.extend(places());
    out.extend(anchors());
    out.extend(statements());
    out
}

/// The ceremony itself was dishonest: everything is signed as it is.
fn world(name: &'static str, about: &'static str, refused_by: &[&'static str], change: impl Fn(&mut World)) -> Case {
    let mut world = World::honest();
    change(&mut world);
    Case { name, about, refused_by: refused_by.to_vec(), files: Document::of(&world).files() }
}

/// The second device was dishonest.
fn device(
    name: &'static str,
    about: &'static str,
    refused_by: &[&'static str],
    change: impl Fn(&mut DeviceModel),
) -> Case {
    world(name, about, refused_by, |w| change(&mut w.devices[1]))
}

/// Files were changed after signing.
fn tampered(name: &'static str, about: &'static str, refused_by: &[&'static str], change: impl Fn(&mut Files)) -> Case {
    let mut document = Document::of(&World::honest());
    change(&mut document.evidence);
    Case { name, about, refused_by: refused_by.to_vec(), files: document.files() }
}

fn folders() -> Vec<Case> {
    vec![
        tampered("file-changed", "A file is changed after signing.", &["E1"], |f| {
            f.insert(TRANSCRIPT.into(), b"Another story.\n".to_vec()).map(drop).unwrap()
        }),
        tampered("file-unlisted", "A file is added after signing.", &["E1"], |f| {
            drop(f.insert("devices/1002/more.json".into(), b"{}".to_vec()))
        }),
        tampered("file-missing", "A file is taken away.", &["E0", "E1"], |f| {
            f.remove("devices/1002/options.json").map(drop).unwrap()
        }),
        tampered("manifest-not-canonical", "The manifest has a space in it.", &["E1"], |f| {
            let text = String::from_utf8(f[MANIFEST].clone()).unwrap().replacen(',', ", ", 1);
            f.insert(MANIFEST.into(), text.into_bytes());
        }),
        tampered(
            "evidence-of-another-fleet",
            "The folder is a valid one, but of another bundle.",
            &["E1", "E13"],
            |f| {
                let mut other = World::honest();
                other.build.version = "0.2.0".into();
                *f = other.evidence().1;
            },
        ),
        tampered("manifest-unreadable", "The manifest is not JSON.", &["E0"], |f| {
            drop(f.insert(MANIFEST.into(), b"{".to_vec()))
        }),
    ]
}

fn chains() -> Vec<Case> {
    vec![
        device("unpinned-root", "A device's chain ends at a root that is not pinned.", &["E2", "E13"], |d| {
            d.stranger = true
        }),
        device("rsa-512-device", "A device signs its attestations with a 512-bit RSA key.", &["E2", "E13"], |d| {
            d.weak = true
        }),
        device("device-certificate-expired", "A device's certificate is over.", &["E2", "E13"], |d| {
            d.device_until = Some(NOW - 1)
        }),
        device("device-not-an-authority", "A device's certificate may not sign others.", &["E2", "E13"], |d| {
            d.not_authority = true
        }),
        world(
            "mock-without-label",
            "Trust document and evidence claim real hardware, the chains end at a test root.",
            &["E2", "E13"],
            |w| {
                (w.trust.mock, w.manifest_mock) = (false, false);
            },
        ),
        world("mock-label-differs", "The evidence of a MOCK fleet claims real hardware.", &["E2"], |w| {
            w.manifest_mock = false
        }),
        device("firmware-too-old", "A device runs firmware below the minimum.", &["E3"], |d| {
            d.attested.values_mut().for_each(|a| a.firmware = [2, 2, 0]);
            d.info.firmware = "2.2.0".into();
        }),
        device("device-info-differs", "A device claims newer firmware than it attests.", &["E3"], |d| {
            d.info.firmware = "2.4.1".into()
        }),
        world(
            "one-device-poses-as-two",
            "Device 1002 makes the attestations of device 1003 too.",
            &["E3", "E4", "E13"],
            |w| {
                w.devices[2].attested.values_mut().for_each(|a| (a.serial, a.signer) = (1002, 1002));
                let chain = w.devices[1].chain().into_bytes();
                w.overrides.insert("devices/1003/device-chain.pem".into(), chain);
                w.statement_signer.insert(1003, 1002);
            },
        ),
    ]
}

fn keys() -> Vec<Case> {
    let key = |name, about, role: KeyRole, change: fn(&mut devices::Attested, &mut ObjectEntry)| {
        device(name, about, &["E4", "E8"], |d| {
            let object = d.objects.iter_mut().find(|o| o.id == role.id()).unwrap();
            change(d.attested.get_mut(&role).unwrap(), object);
        })
    };
    vec![
        world(
            "attested-by-another-device",
            "The right key is attested by device 1001 instead of 1002.",
            &["E3", "E4"],
            |w| {
                let oprf = w.devices[1].attested.get_mut(&KeyRole::Oprf).unwrap();
                (oprf.serial, oprf.signer) = (1001, 1001);
                let chain = w.devices[1].chain() + &w.devices[0].chain();
                w.overrides.insert("devices/1002/device-chain.pem".into(), chain.into_bytes());
            },
        ),
        device("attests-another-key", "A device attests another public key than the signed one.", &["E4"], |d| {
            d.attested.get_mut(&KeyRole::Seal).unwrap().seed = "another".into();
        }),
        device("attests-another-object", "A device attests the right key under another id.", &["E4"], |d| {
            d.attested.get_mut(&KeyRole::Seal).unwrap().id = 0x0150
        }),
        key("exportable-key", "An oprf key may be exported.", KeyRole::Oprf, |a, o| {
            a.capabilities |= 1 << 0x10;
            o.capabilities = a.capabilities;
        }),
        key("imported-key", "An oprf key was imported, so others may have it.", KeyRole::Oprf, |a, o| {
            (a.origin, o.origin) = (2, 2)
        }),
        key("imported-wrapped-key", "A seal key was brought in under a wrap key.", KeyRole::Seal, |a, o| {
            (a.origin, o.origin) = (0x11, 0x11)
        }),
        key("key-with-more-powers", "A receipt key can also derive.", KeyRole::Receipt, |a, o| {
            a.capabilities |= 1 << 0x0b;
            o.capabilities = a.capabilities;
        }),
        key("key-in-all-domains", "An oprf key is reachable from every domain.", KeyRole::Oprf, |a, o| {
            (a.domains, o.domains) = (0xffff, 0xffff)
        }),
        key("fleet-key-made-in-software", "The fleet key was made outside and imported.", KeyRole::Fleet, |a, o| {
            (a.origin, o.origin) = (0x12, 0x12)
        }),
        key(
            "fleet-key-generated-twice",
            "Two devices claim to have generated the fleet key.",
            KeyRole::Fleet,
            |a, o| (a.origin, o.origin) = (1, 1),
        ),
    ]
}

fn line(code: u8, target: u16, second: u16) -> Line {
    Line { command: code, session: 1, target, second, ok: true }
}

fn logs() -> Vec<Case> {
    let entries = |name, about, refused_by: &[&'static str], change: fn(&mut Vec<[u8; 32]>)| {
        world(name, about, refused_by, |w| {
            let mut log = w.devices[1].log();
            change(&mut log.entries);
            w.overrides.insert("devices/1002/audit-log.json".into(), canonical(&log));
        })
    };
    let lines = |name, about, change: fn(&mut Vec<Line>)| device(name, about, &["E6"], |d| change(&mut d.lines));
    let first =
        |name, about, change: fn(&mut Vec<Line>)| world(name, about, &["E6"], |w| change(&mut w.devices[0].lines));
    vec![
        world(
            "truncated-log",
            "The last lines of a log are cut; the device confirmed the whole.",
            &["E6", "E13"],
            |w| {
                let d = &mut w.devices[1];
                let (whole, challenge) = (d.head(), d.challenge);
                d.lines.truncate(d.lines.len() - 2);
                let bundle = w.evidence().0.id();
                w.statement_inputs.insert(1002, (challenge, whole, bundle));
            },
        ),
        entries("log-without-beginning", "The reset line is cut.", &["E5", "E12"], |e| {
            e.remove(0);
        }),
        entries("log-line-removed", "A line in the middle is cut.", &["E5"], |e| {
            e.remove(1);
        }),
        entries("log-line-changed", "A line is changed.", &["E5"], |e| e[1][15] ^= 1),
        entries("log-empty", "There is no log.", &["E5", "E6", "E12", "E13"], Vec::clear),
        device("unlogged-boot", "The device counts a boot that it could not record.", &["E5"], |d| d.unlogged = (1, 0)),
        device("unlogged-authentication", "The device counts a login that it could not record.", &["E5"], |d| {
            d.unlogged = (0, 3)
        }),
        lines("extra-login-put", "A third login is made.", |l| {
            l.insert(3, line(command::PUT_AUTHENTICATION_KEY, 0x0203, 0xffff))
        }),
        lines("login-replaced", "A login's key is changed after the ceremony's own.", |l| {
            l.push(line(command::CHANGE_AUTHENTICATION_KEY, 0x0201, 0xffff))
        }),
        lines("key-put", "A key is put in from outside.", |l| {
            l.insert(5, line(command::PUT_ASYMMETRIC_KEY, 0x0101, 0xffff))
        }),
        lines("key-used-in-ceremony", "A key is used during the ceremony.", |l| {
            l.insert(9, line(command::DERIVE_ECDH, 0x0101, 0xffff))
        }),
        lines("wrap-key-kept", "The wrap key is not deleted.", |l| {
            l.retain(|l| (l.command, l.target) != (command::DELETE_OBJECT, rules::WRAP_KEY))
        }),
        lines("default-login-kept-in-log", "The default login is not deleted.", |l| {
            l.retain(|l| (l.command, l.target) != (command::DELETE_OBJECT, rules::DEFAULT_AUTH_KEY))
        }),
        lines("wrap-key-put-again", "A second wrap key comes after the first is deleted.", |l| {
            l.push(line(command::PUT_WRAP_KEY, rules::WRAP_KEY, 0xffff))
        }),
        lines("failed-command", "A command failed and was tried again.", |l| {
            let mut failed = l[3];
            failed.ok = false;
            l.insert(3, failed);
        }),
        lines("another-login-acts", "A step is done by another login than the default one.", |l| l[4].session = 0x0201),
        lines("attested-before-made", "A key is attested before it is made.", |l| {
            l.insert(3, line(command::SIGN_ATTESTATION_CERTIFICATE, 0x0101, 0))
        }),
        lines("attested-by-own-key", "A key is attested by a key of the host's choice.", |l| {
            l.push(line(command::SIGN_ATTESTATION_CERTIFICATE, 0x0101, 0x0150))
        }),
        first("one-export-too-many", "The fleet key is exported once more than there are other devices.", |l| {
            let at = l.iter().position(|l| l.command == command::EXPORT_WRAPPED).unwrap();
            l.insert(at, l[at]);
        }),
        first("export-under-another-wrap-key", "The fleet key is exported under a second wrap key.", |l| {
            let at = l.iter().position(|l| l.command == command::EXPORT_WRAPPED).unwrap();
            l[at].target = 0x0302;
        }),
        first("second-wrap-key", "A second wrap key is put.", |l| {
            let at = l.iter().position(|l| l.command == command::PUT_WRAP_KEY).unwrap();
            l.insert(at, line(command::PUT_WRAP_KEY, 0x0302, 0xffff));
        }),
        first("oprf-key-exported", "An oprf key is exported.", |l| {
            let at = l.iter().position(|l| l.command == command::EXPORT_WRAPPED).unwrap();
            l[at].second = 0x0101;
        }),
    ]
}

fn inventories() -> Vec<Case> {
    let login =
        |name, about, change: fn(&mut Vec<ObjectEntry>)| device(name, about, &["E7"], |d| change(&mut d.auth_keys));
    let object =
        |name, about, change: fn(&mut Vec<ObjectEntry>)| device(name, about, &["E8"], |d| change(&mut d.objects));
    let options = |name, about, change: fn(&mut Options)| device(name, about, &["E9"], |d| change(&mut d.options));
    vec![
        login("extra-admin-key", "A third login exists.", |l| {
            let mut admin = l[0].clone();
            (admin.id, admin.capabilities) = (0x0203, u64::MAX);
            l.push(admin);
        }),
        login("default-login-kept", "The default login still exists.", |l| {
            let mut default = l[0].clone();
            (default.id, default.capabilities, default.delegated_capabilities) = (1, (1 << 56) - 1, (1 << 56) - 1);
            l.push(default);
        }),
        login("login-too-powerful", "The operational login may export.", |l| l[0].capabilities |= 1 << 0x0c),
        login("login-delegates", "The statement login may make others more powerful than itself.", |l| {
            l[1].delegated_capabilities = 1
        }),
        login("login-in-other-domains", "The statement login reaches the fleet's keys.", |l| l[1].domains = 3),
        login("login-missing", "The operational login is not listed.", |l| drop(l.remove(0))),
        object("extra-wrap-key", "A wrap key still exists.", |o| {
            let mut wrap = o[0].clone();
            (wrap.id, wrap.kind, wrap.algorithm) = (0x0301, 4, 42);
            o.push(wrap);
        }),
        object("extra-key", "A fifth key exists.", |o| {
            let mut extra = o[0].clone();
            extra.id = 0x0105;
            o.push(extra);
        }),
        object("key-of-another-type", "An object of another type has the oprf key's id too.", |o| {
            let mut hmac = o[0].clone();
            hmac.kind = 5;
            o.push(hmac);
        }),
        object("key-not-listed", "The inventory lacks a key.", |o| drop(o.pop())),
        options("force-audit-not-fixed", "Force-audit is on but could be turned off.", |o| o.force_audit = 1),
        options("audit-off-for-a-command", "Exports are not recorded.", |o| {
            o.command_audit.iter_mut().find(|c| c.command == command::EXPORT_WRAPPED).unwrap().level = 0;
        }),
        options("audit-silent-about-a-command", "The settings say nothing about exports.", |o| {
            o.command_audit.retain(|c| c.command != command::EXPORT_WRAPPED)
        }),
        options("audit-said-twice", "The settings name a command twice.", |o| {
            o.command_audit.push(CommandAudit { command: command::EXPORT_WRAPPED, level: 0 });
        }),
    ]
}

fn places() -> Vec<Case> {
    let sites = |name, about, refused_by: &[&'static str], change: fn(&mut Vec<ManifestSite>)| {
        world(name, about, refused_by, |w| {
            let manifest: Manifest = serde_json::from_slice(&w.evidence().1[MANIFEST]).unwrap();
            let mut sites = manifest.sites;
            change(&mut sites);
            w.manifest_sites = Some(sites);
        })
    };
    vec![
        sites("endpoint-differs", "The evidence names another address.", &["E10"], |s| {
            s[1].endpoint = "https://elsewhere.example".into()
        }),
        sites("region-differs", "The evidence names another place.", &["E10"], |s| s[1].region = "region-1".into()),
        sites("device-named-twice", "The evidence names one device for two sites.", &["E3", "E4", "E10"], |s| {
            s[2].serial = 1002
        }),
        world("build-not-named", "The program's digest is missing.", &["E11"], |w| {
            w.build.vault_server_sha256 = String::new()
        }),
        world("source-not-named", "The program's source is missing.", &["E11"], |w| w.build.source = " ".into()),
    ]
}

fn anchors() -> Vec<Case> {
    let noted = |name, about, refused_by: &[&'static str], change: fn(&mut AnchorRecord), key: &'static str| {
        world(name, about, refused_by, |w| {
            let mut anchors = w.sign_anchors();
            change(&mut anchors.record);
            anchors.signature = Signature64(ed25519(key).sign(&anchors.record.message()).to_bytes());
            w.anchors = Some(anchors);
        })
    };
    vec![
        world(
            "another-anchor",
            "A whole log was made up: its chain is right, its beginning is not the one noted.",
            &["E12"],
            |w| {
                w.anchors = Some(w.sign_anchors());
                w.devices[1].anchor = devices::digest16("made up");
            },
        ),
        noted("anchors-not-by-the-auditor", "The operator wrote the anchors itself.", &["E12"], |_| {}, "operator"),
        noted(
            "anchor-missing",
            "The auditor noted nothing about a device.",
            &["E12", "E13"],
            |r| r.devices.retain(|d| d.serial != 1002),
            "auditor",
        ),
        noted(
            "anchor-twice",
            "Two notes about one device.",
            &["E12", "E13"],
            |r| r.devices.push(r.devices[1].clone()),
            "auditor",
        ),
        noted(
            "anchors-of-another-namespace",
            "The notes are of another namespace.",
            &["E12"],
            |r| r.namespace = "other".into(),
            "auditor",
        ),
    ]
}

fn statements() -> Vec<Case> {
    let inputs = |name, about, change: fn(&mut ([u8; 32], LogHead, BundleId))| {
        world(name, about, &["E13"], |w| {
            let mut inputs = (w.devices[1].challenge, w.devices[1].head(), w.evidence().0.id());
            change(&mut inputs);
            w.statement_inputs.insert(1002, inputs);
        })
    };
    let listed = |name, about, change: fn(&mut Vec<DeviceStatement>)| {
        tampered(name, about, &["E13"], |f| {
            let mut list: Statements = serde_json::from_slice(&f[STATEMENTS]).unwrap();
            change(&mut list.statements);
            f.insert(STATEMENTS.into(), canonical(&list));
        })
    };
    vec![
        inputs("statement-for-another-nonce", "A device's statement answers another challenge.", |i| i.0 = [7; 32]),
        inputs("statement-for-another-head", "A device's statement confirms another end of its log.", |i| {
            i.1.digest = [7; 16]
        }),
        inputs("statement-for-another-number", "A device's statement confirms another line number.", |i| {
            i.1.number += 1
        }),
        inputs("statement-for-another-bundle", "A device's statement confirms another bundle.", |i| {
            i.2 = BundleId([7; 32])
        }),
        world("statement-by-another-device", "Device 1001 makes the statement of device 1002.", &["E13"], |w| {
            w.statement_signer.insert(1002, 1001);
        }),
        listed("statement-missing", "A device made no statement.", |s| drop(s.remove(1))),
        listed("statement-twice", "A device made two statements.", |s| s.push(s[1].clone())),
        listed("statement-of-another-purpose", "A live answer poses as the ceremony's statement.", |s| {
            s[1].purpose = Purpose::Live
        }),
        listed("statement-is-a-key-attestation", "The attestation of a fleet's key poses as a statement.", |s| {
            let (_, files) = World::honest().evidence();
            s[1].certificate = String::from_utf8(files["devices/1002/attestation-0101.pem"].clone()).unwrap();
        }),
    ]
}
