use super::Case;
use super::makers::device;
use fleet_evidence::device_profile;
use fleet_evidence::folder::*;

pub(super) fn cases() -> Vec<Case> {
    let login = |name, about, change: fn(&mut Vec<ObjectEntry>)| {
        device(name, about, &["E7"], |d| change(&mut d.auth_keys))
    };
    let object = |name, about, change: fn(&mut Vec<ObjectEntry>)| {
        device(name, about, &["E8"], |d| change(&mut d.objects))
    };
    vec![
        login("extra-admin-key", "A third login exists.", |l| {
            let mut admin = l[0].clone();
            (admin.id, admin.capabilities) = (0x0203, u64::MAX);
            l.push(admin);
        }),
        login("default-login-kept", "The default login still exists.", |l| {
            let mut default = l[0].clone();
            (default.id, default.capabilities, default.delegated_capabilities) =
                (1, (1 << 56) - 1, (1 << 56) - 1);
            l.push(default);
        }),
        login("login-too-powerful", "The operational login may export.", |l| {
            l[0].capabilities |= 1 << 0x0c
        }),
        login(
            "login-delegates",
            "The statement login may make others more powerful than itself.",
            |l| l[1].delegated_capabilities = 1,
        ),
        login("login-in-other-domains", "The statement login reaches the fleet's keys.", |l| {
            l[1].domains = 3
        }),
        login("login-fixed", "A site could not give the statement login a key of its own.", |l| {
            l[1].capabilities &= !device_profile::CHANGE_AUTHENTICATION_KEY
        }),
        login("login-missing", "The operational login is not listed.", |l| drop(l.remove(0))),
        object("extra-wrap-key", "A wrap key still exists.", |o| {
            let mut wrap = o[0].clone();
            (wrap.id, wrap.kind, wrap.algorithm) = (0x0301, 4, 42);
            o.push(wrap);
        }),
        object("extra-key", "A sixth key exists.", |o| {
            let mut extra = o[0].clone();
            extra.id = 0x0106;
            o.push(extra);
        }),
        object(
            "key-of-another-type",
            "An object of another type has the oprf key's id too.",
            |o| {
                let mut hmac = o[0].clone();
                hmac.kind = 5;
                o.push(hmac);
            },
        ),
        object("key-not-listed", "The inventory lacks a key.", |o| drop(o.pop())),
    ]
}
