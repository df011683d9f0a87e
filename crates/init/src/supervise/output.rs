//! Where the output of a service goes.

use std::path::{Path, PathBuf};

/// What stands for nowhere.
const NOWHERE: &str = "null";

/// Where standard output and standard error of a service go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// To our own, line by line.
    #[default]
    Ours,
    /// Nowhere.
    Nowhere,
    /// To the end of this file, as they are.
    File(PathBuf),
}

impl Output {
    /// What is written in a contract: `null`, or the absolute path of a file.
    pub fn parse(text: &str) -> Option<Self> {
        let path = Path::new(text);
        if text == NOWHERE {
            Some(Self::Nowhere)
        } else if path.is_absolute() && !text.ends_with('/') && !text.contains('\0') {
            Some(Self::File(path.to_owned()))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Output;

    #[test]
    fn is_a_file_or_nowhere() {
        for (text, expected) in [
            ("null", Some(Output::Nowhere)),
            ("/dev/shm/log", Some(Output::File("/dev/shm/log".into()))),
            ("/", None),
            ("/var/log/", None),
            ("log", None),
            ("/a\0b", None),
            ("", None),
        ] {
            assert_eq!(Output::parse(text), expected, "{text:?}");
        }
    }
}
