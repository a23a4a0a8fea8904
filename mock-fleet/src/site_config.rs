//! A site's configuration.

use crate::{FleetError, FleetFolder, Result};
use serde_json::{Value, json};
use std::fs;

impl FleetFolder {
    /// What a site's program reads when it starts.
    pub(crate) fn write_site_config(&self, site: u8) -> Result<()> {
        let path = self.site_config(site);
        let folder = self.path(&format!("sites/{site}"));
        fs::create_dir_all(&folder).map_err(FleetError::io(&folder))?;
        let text = format!("{}\n", self.configuration(site)?);
        fs::write(&path, text).map_err(FleetError::io(&path))
    }

    fn configuration(&self, site: u8) -> Result<Value> {
        let secrets = self.path(&format!("ceremony/sites/{site}"));
        let device = secrets.join("device.json");
        let bytes = fs::read(&device).map_err(FleetError::io(&device))?;
        let device: Value = serde_json::from_slice(&bytes)
            .map_err(|_| FleetError::ceremony(&self.processes().log("ceremony")))?;
        let tls = |name: &str| self.path("tls").join(name.replace('#', &site.to_string()));
        let others = (1..=self.sites).filter(|other| *other != site);
        let peer = |other| {
            let url = format!("https://127.0.0.1:{}", self.ports.peers(other));
            json!({"index": other, "url": url})
        };
        let mut configuration = json!({
            "site": site,
            "listen": crate::services::local(self.ports.clients(site)),
            "peer_listen": crate::services::local(self.ports.peers(site)),
            "tls": {"cert": tls("site-#.pem"), "key": tls("site-#.key")},
            "peer_tls": {
                "cert": tls("site-#.peer.pem"),
                "key": tls("site-#.peer.key"),
                "ca": tls("ca.pem")
            },
            "peers": others.map(peer).collect::<Vec<_>>(),
            "hsm": {
                "connector": self.connector(site),
                "key_file": secrets.join("hsm-auth.key"),
                "mock": true,
                "statement": {
                    "key_file": secrets.join("statement-auth.key"),
                    "device_chain": secrets.join("device-chain.pem")
                }
            },
            "state_dir": self.path(&format!("sites/{site}/state")),
            "bundles": [self.path("bundle.json")],
            "log_anchor": device["log_head"]
        });
        if let Some(proxy) = &self.options.proxy {
            configuration["proxy"] = json!({"kind": proxy, "trusted": ["127.0.0.1/32"]});
        }
        Ok(configuration)
    }

    /// Where a site reaches its MOCK device.
    pub(crate) fn connector(&self, site: u8) -> String {
        format!("http://127.0.0.1:{}", self.ports.device(site))
    }
}
