//! `--chmod`: octal or symbolic permissions, as BSD's `chmod` has them (`BuildKit` uses dchapes/mode, umask 0).

use super::TransferError;

/// What becomes of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Chmod {
    /// All 12 bits are these.
    Octal(u32),
    /// They are changed, in order.
    Symbolic(Vec<Change>),
}

/// One change of a symbolic mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The bits that it is about.
    who: u32,
    operator: Operator,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Remove,
    Set,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// These bits, and execution where something can be executed already or is a folder.
    Bits { bits: u32, execute_some: bool },
    /// What the owner (6), the group (3) or others (0) have; the shift to their bits.
    Copy(u32),
}

const SET_UID: u32 = 0o4000;
const SET_GID: u32 = 0o2000;
const STICKY: u32 = 0o1000;
/// Whom a change without `ugo` is about: all but the sticky bit.
const STANDARD: u32 = 0o6777;

impl Chmod {
    /// Reads `0755` or `u=rwX,go-w`.
    pub(super) fn parse(text: &str) -> Result<Self, TransferError> {
        let bad = || TransferError::BadMode {
            text: text.to_owned(),
        };
        if text.starts_with(|char: char| char.is_ascii_digit()) {
            let bits = u32::from_str_radix(text, 8).map_err(|_| bad())?;
            return if bits <= 0o7777 {
                Ok(Self::Octal(bits))
            } else {
                Err(bad())
            };
        }
        let mut changes = Vec::new();
        for clause in text.split(',') {
            parse_clause(clause, &mut changes).ok_or_else(bad)?;
        }
        Ok(Self::Symbolic(changes))
    }

    /// The permissions of something that had `mode`.
    pub(super) fn apply(&self, mode: u32, is_folder: bool) -> u32 {
        let changes = match self {
            Self::Octal(bits) => return *bits,
            Self::Symbolic(changes) => changes,
        };
        let executable = mode & 0o111 != 0 || is_folder;
        changes
            .iter()
            .fold(mode, |mode, change| change.apply(mode, executable))
    }
}

impl Change {
    fn apply(&self, mode: u32, executable: bool) -> u32 {
        let bits = match self.what {
            What::Bits { bits, execute_some } => {
                bits | if execute_some && executable { 0o111 } else { 0 }
            }
            What::Copy(shift) => ((mode >> shift) & 7) * 0o111,
        };
        // A copy leaves set-id bits alone; a plain `=` clears them.
        let cleared = if matches!(self.what, What::Copy(_)) {
            self.who & 0o777
        } else {
            self.who
        };
        match self.operator {
            Operator::Add => mode | (bits & self.who),
            Operator::Remove => mode & !(bits & self.who),
            Operator::Set => (mode & !cleared) | (bits & self.who),
        }
    }
}

/// Reads `ug+rw-x`: whom, then one or more operators with what.
fn parse_clause(clause: &str, changes: &mut Vec<Change>) -> Option<()> {
    let start = clause.find(|char| !"augo".contains(char))?;
    let (who_text, mut rest) = clause.split_at(start);
    let who = who_text.chars().fold(0, |who, char| {
        who | match char {
            'a' => STANDARD,
            'u' => SET_UID | 0o700,
            'g' => SET_GID | 0o070,
            _ => 0o007,
        }
    });
    // `s` and `t` mean nothing where only others are named.
    let special = who == 0 || who & !0o007 != 0;
    while !rest.is_empty() {
        let mut chars = rest.chars();
        let operator = match chars.next()? {
            '+' => Operator::Add,
            '-' => Operator::Remove,
            '=' => Operator::Set,
            _ => return None,
        };
        rest = chars.as_str();
        let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
        let (letters, after) = rest.split_at(end);
        rest = after;
        let (mut bits, mut execute_some, mut copies) = (0, false, Vec::new());
        for letter in letters.chars() {
            match letter {
                'r' => bits |= 0o444,
                'w' => bits |= 0o222,
                'x' => bits |= 0o111,
                'X' if operator == Operator::Remove => bits |= 0o111,
                'X' => execute_some = true,
                's' if special => bits |= SET_UID | SET_GID,
                't' if special => bits |= STICKY,
                's' | 't' => {}
                'u' => copies.push(6),
                'g' => copies.push(3),
                'o' => copies.push(0),
                _ => return None,
            }
        }
        let base = if who == 0 { STANDARD } else { who };
        if copies.is_empty() || bits != 0 || execute_some {
            changes.push(Change {
                who: base | (bits & STICKY),
                operator,
                what: What::Bits { bits, execute_some },
            });
        }
        for shift in copies {
            changes.push(Change {
                who: base,
                operator,
                what: What::Copy(shift),
            });
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::Chmod;

    #[test]
    fn permissions_change_as_in_bsd() {
        for (text, from, is_folder, expected) in [
            ("0755", 0o600, false, 0o755),
            ("4755", 0o600, false, 0o4755),
            ("0", 0o777, false, 0),
            ("u=rwX,go=rX", 0o600, false, 0o644),
            ("u=rwX,go=rX", 0o700, false, 0o755),
            ("u=rwX,go=rX", 0o600, true, 0o755),
            ("+x", 0o644, false, 0o755),
            ("a+x", 0o644, false, 0o755),
            ("go-rwx", 0o755, false, 0o700),
            ("go=", 0o755, false, 0o700),
            ("g=u", 0o740, false, 0o770),
            ("go=u-w", 0o700, false, 0o755),
            ("u+s", 0o755, false, 0o4755),
            ("g+s", 0o755, true, 0o2755),
            ("o+s", 0o755, true, 0o755),
            ("+t", 0o777, true, 0o1777),
            ("=rw", 0o777, false, 0o666),
            ("=rw,+X", 0o777, false, 0o777),
            ("=rw,+X", 0o644, false, 0o666),
            ("a=r", 0o4755, false, 0o444),
            ("u=rw,g=r,o=", 0o777, false, 0o640),
            ("-x", 0o755, false, 0o644),
            ("-X", 0o755, false, 0o644),
        ] {
            let found = Chmod::parse(text).unwrap().apply(from, is_folder);
            assert_eq!(found, expected, "{text} on {from:o}: {found:o}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "", "8", "0999", "10000", "u", "u=q", "x", "u=rw,", "a~r", "755x",
        ] {
            assert!(Chmod::parse(text).is_err(), "{text:?}");
        }
    }
}
