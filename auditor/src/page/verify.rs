//! How to repeat the checks, and what they are worth.

use super::html::{commands, list, section};
use maud::{Markup, html};
use vault_protocol::Bundle;

const PROVED: [&str; 4] = [
    "Two different keys, the auditor's and the operator's, signed exactly these keys, and a public log records it.",
    "Every key of the sites was made inside a genuine device, with the powers listed and no others; the manufacturer's certificates say so.",
    "Each device itself confirmed the end of its own record and these keys, for a challenge that the auditor had just drawn.",
    "The record of each device begins where the auditor saw it begin, is unbroken, and shows the ceremony and nothing else.",
];

const NOT_PROVED: [&str; 9] = [
    "That the auditor and the operator are independent of each other: their keys differ, who holds them is for you to judge.",
    "That the ceremony's computer read the records, settings and inventories honestly: devices do not sign them. Only the two ends of each record are held fast, by the auditor and by the device.",
    "What happened before the devices were told to record: a login or key may be in a device that no file names. Its every use would be recorded, and refused by these checks.",
    "That no copy of the first keys of the sites' logins was kept by the ceremony's computer. They open nothing once each site has made its own; check C3 looks for that.",
    "That no copy of the fleet key was kept: the ceremony's computer saw the key that wrapped it. The fleet key is a name that all sites share; it opens no session and no box.",
    "That the sites are in the places named: that is the operator's and the auditor's word.",
    "What the sites' program does: its digest is published; rebuild it and compare.",
    "Anything about later: the page tells of the moment of signing. Whether the sites still run on these devices is asked live, by checks C1 to C3.",
    "Anything by itself: a page can be forged. Run the commands, with an address that you had from elsewhere.",
];

const MOCK_NOT_PROVED: &str = "That any hardware exists: this is a MOCK fleet. Its certificates end at a test root, and whoever runs it can read every key.";

/// What the statement says and what it leaves open.
pub(super) fn meaning(mock: bool) -> Markup {
    let open: Vec<&str> = mock.then_some(MOCK_NOT_PROVED).into_iter().chain(NOT_PROVED).collect();
    let proves = if mock { "What this would prove of real devices" } else { "What this proves" };
    html! {
        (section(proves, &list(&PROVED)))
        (section("What this does not prove", &list(&open)))
    }
}

/// The commands that repeat every check of an epoch.
pub(super) fn how_to(bundle: &Bundle, trust_id: &str) -> Markup {
    let base = base(bundle);
    let earlier = if bundle.epoch > 1 { " --history history" } else { "" };
    let over_the_network = format!("keepsake fleet verify --bundle '{base}#sha256={trust_id}'");
    let with_keepsake = format!(
        "keepsake fleet verify --bundle bundle.json --trust trust.json --evidence evidence.tar{earlier}"
    );
    let independent = format!(
        "script/verify_fleet.py --trust trust.json --trust-id {trust_id} --bundle bundle.json --evidence evidence{earlier}"
    );
    let content = html! {
        p {
            "Take the address of the fleet, with the part after " code { "#" }
            ", from a source that you trust. The one below is only this page's word."
        }
        p { "With Keepsake, over the network: the newest epoch, and the running sites." }
        (commands(&[over_the_network]))
        p { "This epoch from files; once downloaded, no network is needed:" }
        (commands(&download(bundle.epoch, &base, trust_id)))
        p { "With Keepsake:" }
        (commands(&[with_keepsake]))
        p {
            "With an independent program that shares no code with Keepsake and needs only Python and its "
            code { "cryptography" } ":"
        }
        (commands(&["mkdir evidence && tar -xf evidence.tar -C evidence".into(), independent]))
    };
    section("Check it yourself", &content)
}

fn download(epoch: u64, base: &str, trust_id: &str) -> Vec<String> {
    let mut lines = vec![
        format!("curl -fo trust.json '{base}/trust.json'"),
        format!("echo '{trust_id}  trust.json' | sha256sum --check"),
        format!("curl -fo bundle.json '{base}/bundles/{epoch}'"),
        format!("curl -fo evidence.tar '{base}/evidence/{epoch}.tar'"),
    ];
    if epoch > 1 {
        lines.push(format!(
            "curl -f --create-dirs -o 'history/#1.json' '{base}/bundles/[1-{}]'",
            epoch - 1
        ));
    }
    lines
}

/// Where the operator says that these files are published; only shown, and only if it can stand in
/// a shell's quotes.
fn base(bundle: &Bundle) -> String {
    let url = bundle.evidence.url.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]%".contains(c);
    let base = url.strip_suffix(&format!("/evidence/{}", bundle.epoch));
    base.filter(|b| b.chars().all(plain)).unwrap_or("https://auditor.example").to_string()
}

/// A note below the checks on what was open when they were made.
pub(super) fn checked_at(date: &str) -> Markup {
    html! {
        p.note {
            "The auditor's own checks, as of its signature on " (date)
            ". Checks C1 to C3 ask running sites; a page cannot."
        }
    }
}
