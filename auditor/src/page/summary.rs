//! What the front page and that of an epoch both say.

use super::examined::Examined;
use super::html::list;
use maud::{Markup, html};
use vault_protocol::{Bundle, Device, Site};

/// Where an epoch's page lies below `public/`.
pub(crate) fn epoch_path(epoch: u64) -> String {
    format!("epochs/{epoch}.html")
}

/// The sentence on top of a page, in the colour of its outcome.
pub(super) fn verdict(examined: &Examined) -> Markup {
    let verdict = &examined.report.verdict;
    let class = match (verdict.trusted, examined.mock) {
        (false, _) => "bad",
        (true, true) => "mocked",
        (true, false) => "good",
    };
    html! { p class={ "verdict " (class) } { (verdict.sentence) } }
}

/// How the first epoch reads in a history.
pub(super) fn began(bundle: &Bundle) -> Markup {
    let line = |site: &Site, device: &Device| {
        let Site { region, endpoint, .. } = site;
        format!("Epoch {}: device {} in {region} ({endpoint}) began.", bundle.epoch, device.serial)
    };
    let devices = bundle
        .sites
        .iter()
        .flat_map(|site| site.devices.iter().map(move |device| line(site, device)));
    list(&devices.collect::<Vec<_>>())
}
