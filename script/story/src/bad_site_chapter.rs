//! The chapter about a bad site: one operator cheats with everything that his site has, and gets
//! nothing by it.

use crate::fleet::{Fleet, SITES};
use crate::keepsake::{Computer, flag, number};
use crate::report::Report;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Not the last, whose answers a client may not wait for.
const BAD: u8 = 2;

/// A client takes the first answers that suffice: a liar may come too late to be looked at, so
/// often in a row.
const LOOKS: usize = 30;

/// What it does, and whether a client that hears it sees at once that it is not so.
const TRICKS: [(&str, bool); 11] = [
    ("false-shares", true),
    ("equivocate", false),
    ("forged-facts", true),
    ("false-acknowledgements", false),
    ("say-destroyed", false),
    ("say-no-such-account", false),
    ("replay", false),
    ("stale-state", false),
    ("withhold-shares", false),
    ("clock-an-hour-ahead", false),
    ("clock-in-1970", false),
];

pub(crate) struct BadSiteChapter<'a> {
    pub fleet: &'a Fleet,
    /// Recovered before; it has the account and the code works.
    pub owner: &'a Computer,
    pub code: &'a str,
}

impl BadSiteChapter<'_> {
    pub(crate) fn tell(&self, report: &mut Report) -> Result<()> {
        report.step(
            "One operator cheats: his site's own device, logins and disk, another program",
            || {
                self.fleet.corrupt(BAD)?;
                Ok(format!("Site {BAD} of {SITES} is his."))
            },
        )?;
        report.step(
            "It tells the others that accounts ended, rounds ended, tries are spent: nobody believes it",
            || self.push(),
        )?;
        report.step(
            "It plays each of its tricks: the person gets through, and no try is lost",
            || {
                let told = TRICKS.iter().map(|(name, is_seen)| self.trick(name, *is_seen));
                Ok(told.collect::<Result<Vec<_>>>()?.join("\n"))
            },
        )?;
        report.step("The site is honest again", || {
            self.fleet.mend(BAD)?;
            let drilled = self.drill()?;
            ensure!(flag(&drilled, "confirmed")?, "not confirmed: {drilled}");
            Ok(format!("{} of {SITES} sites answered.", number(&drilled, "sites_answered")?))
        })
    }

    fn push(&self) -> Result<String> {
        let before = self.status()?;
        let pushed = self.fleet.push_forgeries(BAD)?;
        let (lies, accounts) = (number(&pushed, "pushed")?, number(&pushed, "accounts")?);
        ensure!(lies > 0 && accounts > 0, "nothing was pushed: {pushed}");
        ensure!(number(&pushed, "believed")? == 0, "an honest site believed it: {pushed}");
        let after = self.status()?;
        ensure!(after["tries_left"] == before["tries_left"], "tries: {before} and then {after}");
        only_he_is_named(&after["sites"])?;
        Ok(format!(
            "{lies} messages about {accounts} accounts; at the four honest sites nothing has changed."
        ))
    }

    fn trick(&self, name: &str, is_seen: bool) -> Result<String> {
        self.fleet.play(BAD, name)?;
        for _ in 0..LOOKS {
            let (milliseconds, caught) =
                self.look().with_context(|| format!("while the bad site plays {name}"))?;
            match &*caught {
                "" if is_seen => {}
                "" => return Ok(format!("{name}: opened in {milliseconds} ms")),
                _ => {
                    return Ok(format!(
                        "{name}: opened in {milliseconds} ms, and the site is named: {caught}"
                    ));
                }
            }
        }
        bail!("{name} was not seen in {LOOKS} recoveries")
    }

    /// How long a recovery takes, and what the bad site is caught at.
    fn look(&self) -> Result<(u64, String)> {
        let drilled = self.drill()?;
        let status = self.status()?;
        let mut caught = String::new();
        for sites in [&drilled["caught"], &status["sites"]] {
            only_he_is_named(sites)?;
            caught = if caught.is_empty() { what_he_did(sites) } else { caught };
        }
        ensure!(status["tries_left"] == status["max_tries"], "it cost a try: {status}");
        Ok((number(&drilled, "milliseconds")?, caught))
    }

    fn drill(&self) -> Result<Value> {
        self.owner.run(&["vault", "drill"], Some(self.code))
    }

    fn status(&self) -> Result<Value> {
        self.owner.run(&["vault", "status"], None)
    }
}

fn only_he_is_named(sites: &Value) -> Result<()> {
    let sites = sites.as_array().context("no list of sites")?;
    let named = sites.iter().filter(|site| !words(site).is_empty());
    let wrongly = named.filter(|site| site["index"] != BAD);
    let wrongly: Vec<_> = wrongly.map(ToString::to_string).collect();
    ensure!(wrongly.is_empty(), "an honest site is named: {}", wrongly.join(", "));
    Ok(())
}

fn what_he_did(sites: &Value) -> String {
    let sites = sites.as_array().into_iter().flatten();
    sites.map(words).filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Of a site that was caught, or of a site's line in the status.
fn words(site: &Value) -> String {
    let list = site["what"].as_array().or(site["caught"].as_array());
    list.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}
