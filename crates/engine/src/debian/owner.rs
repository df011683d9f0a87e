//! Numbers of the users and groups that packages name.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Users and groups whose numbers are the same on every Debian system (base-passwd).
const STATIC: &[(&str, u32)] = &[
    ("root", 0),
    ("daemon", 1),
    ("bin", 2),
    ("sys", 3),
    ("adm", 4),
    ("tty", 5),
    ("disk", 6),
    ("lp", 7),
    ("mail", 8),
    ("news", 9),
    ("uucp", 10),
    ("man", 12),
    ("proxy", 13),
    ("kmem", 15),
    ("dialout", 20),
    ("fax", 21),
    ("voice", 22),
    ("cdrom", 24),
    ("floppy", 25),
    ("tape", 26),
    ("sudo", 27),
    ("audio", 29),
    ("dip", 30),
    ("www-data", 33),
    ("backup", 34),
    ("operator", 37),
    ("list", 38),
    ("irc", 39),
    ("src", 40),
    ("shadow", 42),
    ("utmp", 43),
    ("video", 44),
    ("sasl", 45),
    ("plugdev", 46),
    ("staff", 50),
    ("games", 60),
    ("users", 100),
];

/// Numbers by name: those of a root's own `passwd` and `group`, else those that never change.
#[derive(Clone, Debug, Default)]
pub struct Names {
    users: HashMap<String, u32>,
    groups: HashMap<String, u32>,
}

impl Names {
    /// Reads the names of a root; one that has none yet is fine.
    pub fn of(root: &Path) -> Self {
        let read = |file: &str| {
            let text = fs::read_to_string(root.join("etc").join(file)).unwrap_or_default();
            text.lines()
                .filter_map(|line| {
                    let mut fields = line.split(':');
                    Some((fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?))
                })
                .collect()
        };
        Self {
            users: read("passwd"),
            groups: read("group"),
        }
    }

    /// The number of a user; `number` if the name is not known.
    pub fn user(&self, name: &str, number: u32) -> u32 {
        // The only user whose static number differs from the group's: man is 6 and 12, lp 7, sync 4.
        let fixed = match name {
            "man" => Some(6),
            "games" => Some(5),
            name => fixed(name),
        };
        self.users.get(name).copied().or(fixed).unwrap_or(number)
    }

    /// The number of a group; `number` if the name is not known.
    pub fn group(&self, name: &str, number: u32) -> u32 {
        self.groups
            .get(name)
            .copied()
            .or(fixed(name))
            .unwrap_or(number)
    }
}

fn fixed(name: &str) -> Option<u32> {
    STATIC
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, number)| *number)
}
