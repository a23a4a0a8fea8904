//! What happens to which file.

use super::{Blobs, World};
use std::fmt;

/// One damaged backup.
pub(super) struct Case {
    number: u64,
    what: String,
    pub damaged: Blobs,
    /// Nothing of this backup was touched.
    pub harmless: bool,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "case {}: {}", self.number, self.what)
    }
}

/// SplitMix64: a case is its number.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// Each as likely as the others, however many files it has.
const KINDS: [&str; 7] = [
    "keepsake.json",
    "copies/keepsake.json",
    "snapshots/",
    "copies/0",
    "index/",
    "packs/",
    "newest",
];

impl Case {
    pub(super) fn new(number: u64, world: &World) -> Self {
        let mut dice = Dice::new(number);
        let path = pick(&mut dice, world);
        let mut damaged = world.blobs.clone();
        let (what, harmless) = damage(&mut dice, &path, world, &mut damaged);
        Self { number, what, damaged, harmless }
    }
}

fn pick(dice: &mut Dice, world: &World) -> String {
    let kind = KINDS[dice.below(KINDS.len())];
    let newest = world.blobs.keys().rfind(|p| p.starts_with("snapshots/"));
    if let ("newest", Some(newest)) = (kind, newest) {
        return newest.clone();
    }
    let files: Vec<&String> = world.blobs.keys().filter(|p| p.starts_with(kind)).collect();
    files[dice.below(files.len())].clone()
}

fn damage(dice: &mut Dice, path: &str, world: &World, blobs: &mut Blobs) -> (String, bool) {
    let whole = world.blobs[path].clone();
    let at = dice.below(whole.len());
    let mut put = |bytes: Vec<u8>| drop(blobs.insert(path.to_string(), bytes));
    match dice.below(8) {
        0 | 1 => {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << dice.below(8);
            // White space between the fields of the header means nothing, nor does the case of a
            // hex digit.
            let harmless = path.ends_with(".json") && same_header(&whole, &flipped);
            put(flipped);
            (format!("a bit at {at} of {path}"), harmless)
        }
        2 => {
            put(whole[..at].to_vec());
            (format!("{path} cut at {at}"), false)
        }
        3 => {
            put(Vec::new());
            (format!("{path} emptied"), false)
        }
        4 => {
            blobs.remove(path);
            // The copy of the newest snapshot is written after it; without one it counts as not
            // written yet.
            let newest = world.blobs.keys().rfind(|p| p.starts_with("copies/0"));
            (format!("{path} deleted"), newest.is_some_and(|p| p == path))
        }
        5 => swap(dice, path, world, blobs),
        6 => {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            let name =
                ["desktop.ini", "thumbs.db", "0123", "keepsake.json.conflict"][dice.below(4)];
            blobs.insert(format!("{folder}{name}"), whole[..at].to_vec());
            (format!("{name} beside {path}"), true)
        }
        _ => {
            let kind = path.split('/').next().unwrap_or_default();
            let strangers: Vec<_> =
                world.stranger.iter().filter(|(p, _)| p.starts_with(kind)).collect();
            put(strangers[dice.below(strangers.len())].1.clone());
            (format!("a stranger's file as {path}"), false)
        }
    }
}

fn swap(dice: &mut Dice, path: &str, world: &World, blobs: &mut Blobs) -> (String, bool) {
    let folder = path.split('/').next().unwrap_or_default();
    let others: Vec<_> =
        world.blobs.keys().filter(|p| p.starts_with(folder) && *p != path).collect();
    if others.is_empty() {
        blobs.insert(path.into(), b"{}".to_vec());
        return (format!("{path} replaced"), false);
    }
    let other = others[dice.below(others.len())];
    let same = world.blobs[other] == world.blobs[path];
    blobs.insert(path.into(), world.blobs[other].clone());
    blobs.insert(other.clone(), world.blobs[path].clone());
    (format!("{path} and {other} swapped"), same)
}

fn same_header(a: &[u8], b: &[u8]) -> bool {
    let read = |bytes: &[u8]| sealed_keys::Header::parse(bytes).ok();
    read(b).is_some_and(|b| read(a) == Some(b))
}
