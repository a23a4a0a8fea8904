//! The paths that a source names.

/// Every path into this crate that a source names: in its imports, and where it stands in the code.
pub(crate) fn paths_of(text: &str) -> Vec<Vec<String>> {
    let code = without_comments(text);
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find("crate::").into_iter().chain(rest.find("super::")).min() {
        let tree = &rest[at..];
        let begins = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let in_import = rest[..at].trim_end().ends_with("use");
        let end = if in_import { tree.find(';') } else { tree.find(|c: char| !is_of_path(c)) };
        let end = end.unwrap_or(tree.len());
        if begins {
            found.extend(paths(&tree[..end]));
        }
        rest = &rest[at + end.max("crate::".len())..];
    }
    found
}

/// A source without its comments: what stands in them is no use of a name.
pub(crate) fn without_comments(text: &str) -> String {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.map(|line| format!("{line}\n")).collect()
}

fn is_of_path(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}

/// `a::{b, c::{self, d as e}}` as `a::b`, `a::c`, `a::c::d`.
pub(crate) fn paths(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((head, inside)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        let names = path.split("::").filter(|name| !name.is_empty() && *name != "self");
        let names: Vec<String> = names.map(str::to_string).collect();
        return if names.is_empty() { vec![] } else { vec![names] };
    };
    let inside = inside.trim_end().strip_suffix('}').unwrap_or(inside);
    let names = head.split("::").filter(|name| !name.is_empty() && *name != "self");
    let head: Vec<String> = names.map(str::to_string).collect();
    let mut found = Vec::new();
    for part in top_level(inside) {
        let below = if part.trim() == "self" { vec![vec![]] } else { paths(&part) };
        found.extend(below.into_iter().map(|rest| [head.clone(), rest].concat()));
    }
    found
}

/// The parts between commas that nothing encloses.
pub(crate) fn top_level(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().unwrap().push(c),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}
