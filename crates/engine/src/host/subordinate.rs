//! Subordinate ids: users that an ordinary user may have in his user namespaces, subuid(5).

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::model::Caller;

/// Consecutive ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// First.
    pub first: u32,
    /// How many, at least 1.
    pub count: u32,
}

/// What it takes to have many users in a user namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subordinate {
    pub newuidmap: PathBuf,
    pub newgidmap: PathBuf,
    pub uids: Vec<Range>,
    pub gids: Vec<Range>,
}

/// What is missing to have many users in a user namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// A program.
    Program(&'static str),
    /// A line of the user in this file.
    Line { file: &'static str, user: String },
}

impl fmt::Display for Missing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(name) => write!(out, "{name} is not installed"),
            Self::Line { file, user } => write!(out, "user {user} has no line in {file}"),
        }
    }
}

/// Looks for the caller's subordinate ids and for the programs that hand them out.
pub(super) fn of_caller(caller: Caller) -> Result<Subordinate, Missing> {
    let name = fs::read_to_string("/etc/passwd")
        .ok()
        .and_then(|passwd| user_name(&passwd, caller.uid));
    let ranges = |file: &'static str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let found = ranges(&text, name.as_deref(), caller.uid);
        let user = || name.clone().unwrap_or_else(|| caller.uid.to_string());
        if found.is_empty() {
            Err(Missing::Line { file, user: user() })
        } else {
            Ok(found)
        }
    };
    Ok(Subordinate {
        newuidmap: program("newuidmap")?,
        newgidmap: program("newgidmap")?,
        uids: ranges("/etc/subuid")?,
        gids: ranges("/etc/subgid")?,
    })
}

fn program(name: &'static str) -> Result<PathBuf, Missing> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/bin", "/bin", "/usr/local/bin"].map(PathBuf::from);
    let found = std::env::split_paths(&path)
        .chain(usual)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found
        .filter(|path| Path::is_absolute(path))
        .ok_or(Missing::Program(name))
}

/// Name of a user in the text of passwd(5).
fn user_name(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

/// Ranges of a user, by name or number, in the text of subuid(5). Lines that make no sense are nobody's.
fn ranges(text: &str, name: Option<&str>, uid: u32) -> Vec<Range> {
    let uid = uid.to_string();
    text.lines()
        .filter_map(|line| {
            let [owner, first, count] =
                line.trim().split(':').collect::<Vec<_>>().try_into().ok()?;
            let ours = Some(owner) == name || owner == uid;
            let range = Range {
                first: first.parse().ok()?,
                count: count.parse().ok()?,
            };
            let sound = range.count > 0 && range.first.checked_add(range.count).is_some();
            (ours && sound).then_some(range)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Range, ranges, user_name};

    #[test]
    fn lines_by_name_and_number_count() {
        let text = "other:100000:65536\nada:200000:10\n1000:300000:20\nada:x:1\nada:4294967295:2\nada:5:0\n";
        let expected = [
            Range {
                first: 200_000,
                count: 10,
            },
            Range {
                first: 300_000,
                count: 20,
            },
        ];
        assert_eq!(ranges(text, Some("ada"), 1000), expected);
        assert_eq!(ranges(text, None, 1000), expected[1..]);
        assert_eq!(ranges(text, None, 7), []);
    }

    #[test]
    fn names_are_found_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(user_name(passwd, 1000).as_deref(), Some("ada"));
        assert_eq!(user_name(passwd, 2), None);
    }
}
