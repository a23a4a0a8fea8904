//! The MOCK fleet that the window enrols with: the one in `KEEPSAKE_FLEET_URL`, or one of its own.

use mock_fleet::MockFleet;
use std::path::Path;

pub(crate) struct Fleet {
    pub url: String,
    /// If this test started it.
    _own: Option<MockFleet>,
}

impl Fleet {
    pub(crate) fn up(dir: &Path) -> Self {
        if let Ok(url) = std::env::var("KEEPSAKE_FLEET_URL") {
            return Self { url, _own: None };
        }
        let own = MockFleet::builder().sites(3).dir(dir).start().unwrap();
        Self { url: own.url(), _own: Some(own) }
    }
}
