//! A fleet of processes, as `script/fleet` makes it in a folder.

use super::Reach;
use super::http::{Http, Session};
use std::path::{Path, PathBuf};
use vault_protocol::{Bundle, SignedBundle, VoteKeyCertificate};

pub(crate) struct FleetFolder {
    pub dir: PathBuf,
    pub http: Http,
    bundle: Bundle,
}

impl FleetFolder {
    pub(crate) fn open(dir: &Path) -> Self {
        let document = std::fs::read(dir.join("bundle.json")).expect("script/fleet writes it");
        let bundle = SignedBundle::from_json(&document).expect("it is well formed").bundle;
        let http = Http::new(&dir.join("tls/ca.pem"), &bundle);
        Self { dir: dir.to_owned(), http, bundle }
    }
}

impl Reach for FleetFolder {
    type Client = Session;

    fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    async fn open(&self, site: u8) -> Option<Session> {
        self.http.open(site).await.ok()
    }

    async fn certificates(&self) -> Vec<VoteKeyCertificate> {
        let mut all = vec![];
        for site in self.sites() {
            let path = "/v2/audit/vote-keys";
            let Some(page) = self.http.try_get_json(site, path).await else { continue };
            let entries: Vec<VoteKeyCertificate> =
                serde_json::from_value(page["entries"].clone()).unwrap_or_default();
            all.extend(entries);
        }
        all
    }
}
