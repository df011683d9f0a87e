//! Paths as text: `/` between names, nothing looked up.

/// The shortest path that means the same, links apart: no empty names, no `.`, no `..` but at the front of a relative path.
/// No trailing slash but for the root; `.` for nothing. Go's `path.Clean`.
pub fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|&last| last != "..") => {
                names.pop();
            }
            ".." if absolute => {}
            name => names.push(name),
        }
    }
    match (absolute, names.is_empty()) {
        (true, _) => format!("/{}", names.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => names.join("/"),
    }
}

/// `path` below `folder`, unless it is absolute. Cleaned.
pub fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        clean(path)
    } else {
        clean(&format!("{folder}/{path}"))
    }
}

/// The last name of `path`; `/` of the root and `.` of nothing. Go's `path.Base`.
pub fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some(name) if !name.is_empty() => name,
        _ if path.is_empty() => ".",
        _ => "/",
    }
}
