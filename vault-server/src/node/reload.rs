//! Certificates, bundles and limits as the configuration has them now, without a restart.

use super::bundles::Bundles;
use super::error::NodeError;
use crate::api::Api;
use crate::audit::Prover;
use crate::config::Config;
use crate::doors::Tls;
use crate::peers::{HttpPeers, tls};
use std::sync::Arc;
use vault_protocol::SiteIndex;

/// What can be replaced in a running site.
pub(super) struct Reloader {
    pub bundles: Arc<Bundles>,
    pub api: Arc<Api>,
    pub prover: Arc<Prover>,
    pub http: HttpPeers,
    pub clients_tls: Tls,
    pub peers_tls: Tls,
    pub site: SiteIndex,
}

impl Reloader {
    /// Each part that can be used is taken; of the others the former stay, and the log says why.
    pub(super) fn reload(&self, config: &Config) {
        let parts = [
            ("bundles", self.bundles(config)),
            ("certificate for clients", self.clients(config)),
            ("certificate for peers", self.peers(config)),
        ];
        for (part, reloaded) in parts {
            match reloaded {
                Ok(()) => tracing::info!(part, "reloaded"),
                Err(error) => tracing::error!(part, %error, "not reloaded: the former stays"),
            }
        }
    }

    fn bundles(&self, config: &Config) -> Result<(), NodeError> {
        let read = Bundles::read(&config.bundles, self.site, config.sites())?;
        self.bundles.replace(read)?;
        self.api.site.serve_bundles(self.bundles.ids());
        self.prover.set_bundle(self.bundles.newest_id());
        Ok(())
    }

    fn clients(&self, config: &Config) -> Result<(), NodeError> {
        self.clients_tls.replace(tls::public_server(&config.tls)?);
        Ok(())
    }

    fn peers(&self, config: &Config) -> Result<(), NodeError> {
        let identity = config.peer_tls.identity();
        let server = tls::peer_server(&identity, &config.peer_tls.ca)?;
        let client = tls::peer_client(&identity, &config.peer_tls.ca)?;
        let validity = tls::validity(&identity)?;
        self.http.replace_tls(client)?;
        self.peers_tls.replace(server);
        self.api.vitals.set_certificate(validity);
        Ok(())
    }
}
