//! Which files count, in which order, and what about them may be a slip.

use std::fmt;

/// Something about the names of files that may be a slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A number that sorts elsewhere than it counts, as `9_x.ini` after `90_y.ini`.
    Number {
        /// The file that comes later, and wins.
        later: String,
        /// The file with the greater number.
        earlier: String,
    },
    /// What an editor or a package manager left: it is read all the same.
    Backup {
        /// The file.
        name: String,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { later, earlier } => {
                write!(
                    f,
                    "{later} is read after {earlier} and wins: names are sorted as text, not as numbers"
                )
            }
            Self::Backup { name } => write!(f, "{name} looks like a backup, and is read"),
        }
    }
}

/// What may be a slip in these file names, which are in the order of their layers.
pub fn doubts(names: &[String]) -> Vec<Doubt> {
    let file = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let number = |name: &str| {
        let name = file(name);
        let digits = name
            .find(|char: char| !char.is_ascii_digit())
            .unwrap_or(name.len());
        name.get(..digits)
            .and_then(|digits| digits.parse::<u64>().ok())
    };
    let mut doubts = Vec::new();
    for pair in names.windows(2) {
        if let [earlier, later] = pair
            && let (Some(one), Some(other)) = (number(earlier), number(later))
            && one > other
        {
            doubts.push(Doubt::Number {
                later: file(later),
                earlier: file(earlier),
            });
        }
    }
    let endings = [
        "~",
        ".bak",
        ".orig",
        ".rej",
        ".swp",
        ".tmp",
        ".dpkg-old",
        ".dpkg-new",
        ".dpkg-dist",
        ".rpmsave",
        ".rpmnew",
    ];
    for name in names.iter().map(|name| file(name)) {
        if endings.iter().any(|ending| name.ends_with(ending)) || name.starts_with('#') {
            doubts.push(Doubt::Backup { name });
        }
    }
    doubts
}

/// Whether a file name fits a pattern of `*`, `?` and `[a-z]`, as Python's glob has it: what begins with a dot fits only
/// a pattern that does.
pub fn fits(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    rest_fits(&pattern, &name)
}

fn rest_fits(pattern: &[char], name: &[char]) -> bool {
    // The last star so far: where the pattern goes on after it, and where the name does.
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, from));
                at += 1;
                continue;
            }
            Some(_) => {
                if let Some(width) = one_fits(
                    pattern.get(at..).unwrap_or_default(),
                    name.get(from).copied(),
                ) {
                    at += width;
                    from += 1;
                    continue;
                }
            }
            None => {}
        }
        let Some((after, taken)) = star else {
            return false;
        };
        (at, from) = (after, taken + 1);
        star = Some((after, taken + 1));
    }
    pattern.iter().skip(at).all(|char| *char == '*')
}

/// How many characters of the pattern one character of the name fits.
fn one_fits(pattern: &[char], char: Option<char>) -> Option<usize> {
    let char = char?;
    match pattern {
        ['?', ..] => Some(1),
        ['[', rest @ ..] => {
            let negated = rest.first() == Some(&'!');
            let skip = usize::from(negated);
            // A bracket right at the start is itself a member.
            let close = rest
                .iter()
                .skip(skip + 1)
                .position(|char| *char == ']')
                .map(|at| at + skip + 1);
            let Some(close) = close else {
                return (char == '[').then_some(1);
            };
            let members = rest.get(skip..close).unwrap_or_default();
            (is_member(members, char) != negated).then_some(close + 2)
        }
        [only, ..] => (*only == char).then_some(1),
        [] => None,
    }
}

fn is_member(members: &[char], char: char) -> bool {
    match members {
        [from, '-', to, rest @ ..] => (*from..=*to).contains(&char) || is_member(rest, char),
        [only, rest @ ..] => *only == char || is_member(rest, char),
        [] => false,
    }
}
