//! Circles of files: two files of a crate that each need the other, straight or through further
//! ones. They can neither be read nor changed apart. What both need belongs into a third file.
//!
//! A module and those beneath it are one thing here, so a name that a file takes from its parent
//! counts as taken from where the parent has it from.

use super::paths::{paths, paths_of, without_comments};
use super::sources::{crates, product, root, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files of one circle, as they are called from the root. Take circles off, add none.
const CIRCLES: &[&[&str]] = &[];

/// A way through re-exports is not longer than this: one step for each folder, and some.
const MOST_REEXPORTS: usize = 12;

type Module = Vec<String>;

#[test]
fn no_two_files_need_each_other() {
    let mut found = Vec::new();
    for name in crates() {
        let house = House::of(read(&root().join(&name).join("src")));
        for circle in house.circles() {
            if !is_listed(&of_root(&name, &circle)) {
                found.push(format!("{name}/src: {}", circle.join(" <-> ")));
                found.extend(house.ties(&circle));
            }
        }
    }
    assert!(found.is_empty(), "move what both need into a file of its own:\n{}", found.join("\n"));
}

#[test]
fn a_planted_circle_is_found_straight_and_through_a_parent() {
    let straight = [
        ("lib.rs", "mod bell;\nmod clock;\n"),
        ("bell.rs", "use crate::clock::Hour;\npub struct Ring;\n"),
        ("clock.rs", "use crate::tower;\npub struct Hour;\nfn strike() { tower::ring() }\n"),
        ("tower.rs", "pub fn ring() -> crate::bell::Ring { todo() }\n"),
    ];
    assert_eq!(circles(&straight), [["bell.rs", "clock.rs", "tower.rs"]]);
    let through_parent = [
        ("tower/mod.rs", "pub use bell::Ring;\npub(crate) use self::clock::{\n    Hour\n};\n"),
        ("tower/bell.rs", "use super::Hour;\npub struct Ring;\n"),
        ("tower/clock.rs", "use super::rope::Rope;\npub struct Hour;\n"),
        ("tower/rope.rs", "use super::{Ring, other};\n"),
    ];
    assert_eq!(circles(&through_parent), [["tower/bell.rs", "tower/clock.rs", "tower/rope.rs"]]);
}

#[test]
fn a_parent_and_its_child_are_no_circle_and_neither_is_a_use_of_a_test() {
    let house = [
        ("lib.rs", "mod bell;\npub struct Hour;\nuse bell::Ring;\n"),
        ("bell.rs", "use crate::Hour;\npub struct Ring;\n"),
        ("rope.rs", "use crate::bell::Ring;\n"),
        ("bell/tests.rs", "use crate::rope::Rope;\n"),
        ("clock.rs", "// crate::face::Face\nuse crate::hands::Hand;\n"),
        ("face.rs", "use crate::clock::Clock;\n"),
    ];
    assert!(circles(&house).is_empty());
}

fn circles(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let files = files.iter().map(|(path, text)| (path.to_string(), text.to_string()));
    House::of(files.collect()).circles()
}

fn is_listed(circle: &[String]) -> bool {
    CIRCLES.iter().any(|listed| listed.iter().eq(circle.iter()))
}

fn of_root(name: &str, circle: &[String]) -> Vec<String> {
    circle.iter().map(|file| format!("{name}/src/{file}")).collect()
}

/// Path below `src` and text of each product source.
fn read(src: &Path) -> Vec<(String, String)> {
    let path = |file: &Path| file.strip_prefix(src).unwrap().to_string_lossy().replace('\\', "/");
    let files = sources(src, &["rs"]);
    files.iter().map(|file| (path(file), product(&fs::read_to_string(file).unwrap()))).collect()
}

/// One crate: its files by module, and what each gives on.
struct House {
    files: BTreeMap<Module, String>,
    texts: BTreeMap<Module, String>,
    /// What a module re-exports: name here, path there. A whole module's names are under `*`.
    exports: BTreeMap<Module, Vec<(String, Module)>>,
}

impl House {
    fn of(files: Vec<(String, String)>) -> Self {
        let is_test = |path: &str| path.ends_with("tests.rs");
        let files: Vec<_> = files.into_iter().filter(|(path, _)| !is_test(path)).collect();
        let texts: BTreeMap<_, _> =
            files.iter().map(|(path, text)| (module_of(path), without_comments(text))).collect();
        let files = files.into_iter().map(|(path, _)| (module_of(&path), path)).collect();
        let mut house = Self { files, texts, exports: BTreeMap::new() };
        let exports = house.texts.iter().map(|(of, text)| (of.clone(), house.given_on(of, text)));
        house.exports = exports.collect();
        house
    }

    /// Groups of files each of which reaches every other of its group.
    fn circles(&self) -> Vec<Vec<String>> {
        let needs: BTreeMap<&Module, BTreeSet<Module>> =
            self.texts.iter().map(|(of, text)| (of, self.needs(of, text))).collect();
        let reaches: BTreeMap<&Module, BTreeSet<&Module>> =
            needs.keys().map(|of| (*of, reached(&needs, of))).collect();
        let mut found = BTreeSet::new();
        for (of, all) in reaches.iter().filter(|(of, all)| all.contains(**of)) {
            let group = all.iter().filter(|other| reaches[**other].contains(*of));
            found.insert(group.map(|module| self.files[*module].clone()).collect::<Vec<_>>());
        }
        found.into_iter().collect()
    }

    /// The files, parents and children aside, whose names stand in `text`.
    fn needs(&self, of: &Module, text: &str) -> BTreeSet<Module> {
        let owners = self.paths_in(of, text).into_iter().map(|path| self.owner(path));
        owners.filter(|owner| !of.starts_with(owner) && !owner.starts_with(of)).collect()
    }

    /// Every path into the crate, from its root: those that begin there, and `bell::Ring` where
    /// `crate::bell` was imported.
    fn paths_in(&self, of: &Module, text: &str) -> Vec<Module> {
        let mut found: Vec<Module> =
            paths_of(text).into_iter().filter_map(|path| absolute(of, &path)).collect();
        let modules: BTreeSet<Module> =
            found.iter().filter(|path| self.files.contains_key(*path)).cloned().collect();
        for module in modules {
            let Some(name) = module.last() else { continue };
            let below = names_below(text, name).into_iter();
            found.extend(below.map(|name| [module.clone(), vec![name]].concat()));
        }
        found
    }

    /// Who takes what from whom within a circle, for the person who mends it.
    fn ties(&self, circle: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        for file in circle {
            let of = module_of(file);
            for path in self.paths_in(&of, &self.texts[&of]) {
                let other = &self.files[&self.owner(path.clone())];
                if other != file && circle.contains(other) {
                    found.push(format!("    {file} takes from {other}: {}", path.join("::")));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// The file that has what `path` names.
    fn owner(&self, mut path: Module) -> Module {
        for _ in 0..MOST_REEXPORTS {
            let file = self.file_on(&path);
            match path.get(file.len()).and_then(|name| self.source_of(&file, name)) {
                Some(source) if self.file_on(&source) != file => path = source,
                _ => return file,
            }
        }
        self.file_on(&path)
    }

    /// The longest beginning of `path` that is a file's module.
    fn file_on(&self, path: &[String]) -> Module {
        let lengths = (0..=path.len()).rev();
        let mut beginnings = lengths.map(|n| path[..n].to_vec());
        beginnings.find(|beginning| self.files.contains_key(beginning)).unwrap_or_default()
    }

    /// Where `module` has the re-exported `name` from. Of several modules given on as a whole, the
    /// one whose text defines it.
    fn source_of(&self, module: &Module, name: &str) -> Option<Module> {
        let exports = self.exports.get(module)?;
        let named = exports.iter().find(|(export, _)| export == name);
        if let Some((_, path)) = named {
            return Some(path.clone());
        }
        let mut whole = exports.iter().filter(|(export, _)| export == "*");
        let defines = |path: &Module| {
            let text = self.texts.get(path);
            text.is_some_and(|text| text.lines().any(|line| defines(line, name)))
        };
        whole.find(|(_, path)| defines(path)).map(|(_, path)| path.clone())
    }

    fn given_on(&self, of: &Module, text: &str) -> Vec<(String, Module)> {
        let mut found = Vec::new();
        let starts = text.match_indices("\npub").map(|(at, _)| &text[at + 1..]);
        for line in starts.chain(text.starts_with("pub").then_some(text)) {
            let Some(tree) = exported(line) else { continue };
            for path in paths(tree) {
                let target = absolute(of, &path).unwrap_or_else(|| [of.clone(), path].concat());
                let Some((name, before)) = target.split_last() else { continue };
                let target = if name == "*" { before.to_vec() } else { target.clone() };
                found.push((name.clone(), target));
            }
        }
        found
    }
}

/// `Ring` and `toll` of `bell::Ring` and `bell::toll()`.
fn names_below(text: &str, module: &str) -> BTreeSet<String> {
    let start = format!("{module}::");
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let begins = |at: usize| !text[..at].ends_with(|c: char| is_name(c) || c == ':');
    let found = text.match_indices(&start).filter(|(at, _)| begins(*at));
    let rest = found.map(|(at, _)| &text[at + start.len()..]);
    rest.map(|rest| rest.chars().take_while(|c| is_name(*c)).collect()).collect()
}

/// What is given on by an export at the beginning of `text`.
fn exported(text: &str) -> Option<&str> {
    let (visibility, rest) = text.split_once("use ")?;
    let is_export =
        visibility == "pub " || (visibility.starts_with("pub(") && visibility.ends_with(") "));
    is_export.then(|| rest.split(';').next().unwrap_or_default())
}

fn defines(line: &str, name: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let keywords = ["fn", "struct", "enum", "const", "trait", "type", "static"];
    line.starts_with("pub")
        && words.any(|word| keywords.contains(&word))
        && words.next() == Some(name)
}

/// `path` of the file `of`, from the root of the crate. None where it leads elsewhere.
fn absolute(of: &[String], path: &[String]) -> Option<Module> {
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "super" => {
            let ups = path.iter().take_while(|name| *name == "super").count();
            let kept = of.len().checked_sub(ups)?;
            Some([&of[..kept], &path[ups..]].concat())
        }
        _ => None,
    }
}

/// `a/mod.rs` and `a.rs` are the module `a`.
fn module_of(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let names = path.split('/').filter(|name| !["lib", "main"].contains(name));
    names.map(str::to_string).collect()
}

fn reached<'a>(
    needs: &'a BTreeMap<&Module, BTreeSet<Module>>,
    from: &Module,
) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Module> = needs[from].iter().collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(needs.get(next).into_iter().flatten());
        }
    }
    found
}
