use super::Case;
use super::makers::{tampered, world};
use crate::support::world::World;
use fleet_evidence::folder::*;

pub(super) fn cases() -> Vec<Case> {
    let mut out = folders();
    out.extend(places());
    out
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
        sites("region-differs", "The evidence names another place.", &["E10"], |s| {
            s[1].region = "region-1".into()
        }),
        sites(
            "device-named-twice",
            "The evidence names one device for two sites.",
            &["E3", "E4", "E10"],
            |s| s[2].serial = 1002,
        ),
        world("build-not-named", "The program's digest is missing.", &["E11"], |w| {
            w.build.vault_server_sha256 = String::new()
        }),
        world("source-not-named", "The program's source is missing.", &["E11"], |w| {
            w.build.source = " ".into()
        }),
    ]
}
