//! Options as the C library's `getopt_long` understands them, with its messages.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// The options of a program.
pub struct Options {
    /// Short options; a `:` after one says that it takes a value.
    pub short: &'static str,
    /// Long options and the short ones that they stand for; none where the program knows no long options.
    pub long: &'static [(&'static str, char)],
    /// Whether options may stand after the first other word.
    pub permutes: bool,
}

/// One option, with its value if it takes one.
pub type Given = (char, OsString);

/// The options in order and the other words, or the C library's message, without the program's name.
pub fn parse(
    words: Vec<OsString>,
    options: &Options,
) -> Result<(Vec<Given>, Vec<OsString>), String> {
    let mut rest: VecDeque<OsString> = words.into();
    let (mut given, mut others) = (Vec::new(), Vec::new());
    while let Some(word) = rest.pop_front() {
        let bytes = word.as_bytes();
        if bytes == b"--" {
            break;
        }
        match bytes {
            [b'-', b'-', long @ ..] if !options.long.is_empty() => {
                given.push(options.long(OsStr::from_bytes(long), &mut rest)?);
            }
            [b'-', short @ .., _] if !short.is_empty() || bytes.len() > 1 => {
                let short = bytes.get(1..).unwrap_or_default().to_vec();
                options.short(&short, &mut rest, &mut given)?;
            }
            _ => {
                others.push(word);
                if !options.permutes {
                    break;
                }
            }
        }
    }
    others.extend(rest);
    Ok((given, others))
}

impl Options {
    fn takes_value(&self, short: char) -> Option<bool> {
        let (_, after) = self.short.split_once(short).filter(|_| short != ':')?;
        Some(after.starts_with(':'))
    }

    fn short(
        &self,
        cluster: &[u8],
        rest: &mut VecDeque<OsString>,
        given: &mut Vec<Given>,
    ) -> Result<(), String> {
        let mut bytes = cluster.iter().copied();
        while let Some(byte) = bytes.next() {
            let short = char::from(byte);
            match self.takes_value(short) {
                None => return Err(format!("invalid option -- '{short}'")),
                Some(false) => given.push((short, OsString::new())),
                Some(true) => {
                    let here: Vec<u8> = bytes.collect();
                    let value = if here.is_empty() {
                        rest.pop_front()
                    } else {
                        Some(OsString::from_vec(here))
                    };
                    let missing = || format!("option requires an argument -- '{short}'");
                    given.push((short, value.ok_or_else(missing)?));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn long(&self, text: &OsStr, rest: &mut VecDeque<OsString>) -> Result<Given, String> {
        let bytes = text.as_bytes();
        let (name, value) = match bytes.iter().position(|&byte| byte == b'=') {
            Some(at) => (bytes.get(..at), bytes.get(at + 1..)),
            None => (Some(bytes), None),
        };
        let name = name.unwrap_or_default();
        let exact = self.long.iter().find(|(known, _)| known.as_bytes() == name);
        let begun: Vec<_> = self
            .long
            .iter()
            .filter(|(known, _)| known.as_bytes().starts_with(name))
            .collect();
        let &(known, short) = match (exact, begun.as_slice()) {
            (Some(exact), _) => exact,
            (None, [only]) => only,
            (None, []) => return Err(format!("unrecognized option '--{}'", text.display())),
            (None, several) => {
                let names: Vec<_> = several
                    .iter()
                    .map(|(known, _)| format!("'--{known}'"))
                    .collect();
                return Err(format!(
                    "option '--{}' is ambiguous; possibilities: {}",
                    text.display(),
                    names.join(" ")
                ));
            }
        };
        match (self.takes_value(short), value) {
            (Some(true), Some(value)) => Ok((short, OsString::from_vec(value.to_vec()))),
            (Some(true), None) => rest
                .pop_front()
                .map(|value| (short, value))
                .ok_or_else(|| format!("option '--{known}' requires an argument")),
            (_, Some(_)) => Err(format!("option '--{known}' doesn't allow an argument")),
            (_, None) => Ok((short, OsString::new())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_c_library() {
        let long = Options {
            short: "hr:v",
            long: &[("rewrite", 'r'), ("verbose", 'v'), ("version", 'V')],
            permutes: false,
        };
        let short = Options {
            short: "hr:v",
            long: &[],
            permutes: true,
        };
        for (options, line, expected) in [
            (&long, "-h -r 1 cmd -v", Ok("h r=1 | cmd -v")),
            (&long, "-hvr1 -- -v", Ok("h v r=1 | -v")),
            (&long, "--rew=2 --rewrite 3 x", Ok("r=2 r=3 | x")),
            (&long, "- -h", Ok("| - -h")),
            (
                &long,
                "--ver",
                Err("option '--ver' is ambiguous; possibilities: '--verbose' '--version'"),
            ),
            (
                &long,
                "--verbose=1",
                Err("option '--verbose' doesn't allow an argument"),
            ),
            (
                &long,
                "--rewrite",
                Err("option '--rewrite' requires an argument"),
            ),
            (&long, "--no", Err("unrecognized option '--no'")),
            (&long, "-r", Err("option requires an argument -- 'r'")),
            (&short, "cmd -v x -h", Ok("v h | cmd x")),
            (&short, "cmd -- -v", Ok("| cmd -v")),
            (&short, "--help", Err("invalid option -- '-'")),
            (&short, "-:", Err("invalid option -- ':'")),
        ] {
            let words = line.split(' ').map(OsString::from).collect();
            let told = parse(words, options).map(|(given, others)| {
                let given = given
                    .into_iter()
                    .map(|(short, value)| match value.to_str() {
                        Some("") => short.to_string(),
                        value => format!("{short}={}", value.unwrap()),
                    });
                let others = others.into_iter().map(|word| word.into_string().unwrap());
                given
                    .chain(["|".to_owned()])
                    .chain(others)
                    .collect::<Vec<_>>()
                    .join(" ")
            });
            assert_eq!(
                told.as_ref().map(String::as_str).map_err(String::as_str),
                expected,
                "{line}"
            );
        }
    }
}
