//! What was told to be stored is never lost: every honest site has it in the end, or something
//! newer.

use crate::scenario::Watch;

pub async fn at_end(watch: &Watch) {
    for account in watch.accounts() {
        let truth = watch.truth(account);
        let Some((newest, _)) = truth.stored.last_key_value() else { continue };
        for site in watch.honest() {
            let stored = watch.fleet.stored(site, account).await;
            let has = stored.is_some_and(|stored| {
                let version = stored.facts.record().map_or(0, |signed| signed.record.version);
                version >= *newest || (stored.facts.is_removed() && truth.removing)
            });
            if !has {
                watch.violated(format_args!("site {site} has lost version {newest}"));
            }
        }
    }
}
