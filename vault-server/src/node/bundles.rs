//! The validation bundles that a site serves: the current one, and the next beside it until all
//! sites have both.

use crate::device::PinnedKeys;
use durable_files::read_bounded;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use vault_facts::FleetKeys;
use vault_protocol::limits::MAX_BUNDLE;
use vault_protocol::{Bundle, BundleId, Device, SignedBundle, SiteIndex};

/// The current one and the next.
const MAX_BUNDLES: usize = 2;

/// Why bundles cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// One of them cannot be used.
    #[error("bundle {path}: {reason}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Each is fine, and they do not go together; why.
    #[error("bundles: {0}")]
    Together(String),
}

/// One bundle as it is served.
#[derive(Debug)]
pub struct Served {
    /// The digest that names it.
    pub id: BundleId,
    /// What the document says.
    pub bundle: Bundle,
    /// The signed document as it was read.
    pub document: Vec<u8>,
}

/// All of them, newest first.
#[derive(Debug)]
pub struct Bundles(RwLock<Vec<Arc<Served>>>);

impl Bundles {
    /// Reads the bundles of a site in a fleet of `sites` sites. The site takes the operator's word
    /// for its own bundles; it is the clients that verify them.
    ///
    /// # Errors
    /// [`BundleError`] names the file and what is wrong with it.
    pub fn read(paths: &[PathBuf], site: SiteIndex, sites: usize) -> Result<Self, BundleError> {
        let together = |why: &str| Err(BundleError::Together(why.into()));
        if paths.is_empty() || paths.len() > MAX_BUNDLES {
            return together("name the current bundle, and at most the next one beside it");
        }
        let read = paths.iter().map(|path| read(path, site, sites));
        let mut served = read.collect::<Result<Vec<_>, _>>()?;
        served.sort_by_key(|served| std::cmp::Reverse(served.bundle.epoch));
        if let [newer, older] = &served[..] {
            if !newer.bundle.has_keys_of(&older.bundle) {
                return together("the two bundles are not of the same devices and keys");
            }
            if newer.bundle.epoch == older.bundle.epoch {
                return together("the two bundles are of the same epoch");
            }
        }
        Ok(Self(RwLock::new(served.into_iter().map(Arc::new).collect())))
    }

    /// The one of the later epoch.
    pub fn newest(&self) -> Arc<Served> {
        let served = self.0.read().unwrap_or_else(PoisonError::into_inner);
        served.first().cloned().expect("there is at least one bundle")
    }

    /// Its id.
    pub fn newest_id(&self) -> BundleId {
        self.newest().id
    }

    /// Newest first.
    pub fn ids(&self) -> Vec<BundleId> {
        let served = self.0.read().unwrap_or_else(PoisonError::into_inner);
        served.iter().map(|served| served.id).collect()
    }

    /// Of all of them.
    pub fn keys(&self) -> FleetKeys {
        FleetKeys::of(&self.newest().bundle)
    }

    /// This site's device, and its keys as they are pinned.
    pub fn device(&self, site: SiteIndex) -> Option<(Device, PinnedKeys)> {
        let newest = self.newest();
        let device = newest.bundle.site(site)?.device()?.clone();
        let pinned = PinnedKeys::of(&device, newest.bundle.fleet_key);
        Some((device, pinned))
    }

    /// Serves others from now on, which must be of the same devices and keys.
    ///
    /// # Errors
    /// [`BundleError::Together`]; the former ones stay.
    pub fn replace(&self, others: Self) -> Result<(), BundleError> {
        if !others.newest().bundle.has_keys_of(&self.newest().bundle) {
            let why = "they are of other devices or keys than the running site: start it anew";
            return Err(BundleError::Together(why.into()));
        }
        let others = others.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = others;
        Ok(())
    }
}

fn read(path: &Path, site: SiteIndex, sites: usize) -> Result<Served, BundleError> {
    let bad = |reason: String| BundleError::File { path: path.into(), reason };
    let document = read_bounded(path, MAX_BUNDLE as u64).map_err(|e| bad(e.to_string()))?;
    let bundle = SignedBundle::from_json(&document).map_err(|e| bad(e.to_string()))?.bundle;
    let here = bundle.site(site).ok_or_else(|| bad(format!("it has no site {site}")))?;
    here.device().ok_or_else(|| bad(format!("its site {site} has no device")))?;
    if bundle.sites.len() != sites {
        let listed = bundle.sites.len();
        return Err(bad(format!("it has {listed} sites, the configuration {sites}")));
    }
    Ok(Served { id: bundle.id(), bundle, document })
}
