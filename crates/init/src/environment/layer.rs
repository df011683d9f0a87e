//! Folders whose files are variables (Buildpack API, "Environment Variable Modification Rules").
//!
//! ```text
//! env.launch/PATH.prepend     /layers/x/bin      put before PATH, with PATH.delim between
//! env.launch/LANG.default     C.UTF-8            only if LANG is not set
//! ```

use super::Environment;

/// A file of such a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFile {
    /// Its name: a variable's, with or without a suffix that says what is done.
    pub name: Vec<u8>,
    /// Its content to the byte.
    pub content: Vec<u8>,
}

/// Applies the files of one folder, in the order of their names.
pub fn apply(environment: &mut Environment, files: &[EnvFile]) {
    let mut files: Vec<&EnvFile> = files.iter().collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    let delimiter = |name: &[u8]| {
        let wanted = [name, b".delim"].concat();
        let file = files.iter().find(|file| file.name == wanted);
        file.map_or(&[][..], |file| &file.content)
    };
    for EnvFile { name, content } in &files {
        let (name, action) = match name.iter().position(|&byte| byte == b'.') {
            Some(at) => name.split_at(at),
            None => (name.as_slice(), &[][..]),
        };
        if name.is_empty() || name.contains(&b'=') || content.contains(&0) {
            continue;
        }
        let present = environment.get(name).filter(|value| !value.is_empty());
        match (action, present) {
            (b"" | b".override", _) | (b".append" | b".prepend", None) => {
                environment.set(name, content);
            }
            (b".append", Some(present)) => {
                let value = [present, delimiter(name), content].concat();
                environment.set(name, value);
            }
            (b".prepend", Some(present)) => {
                let value = [content, delimiter(name), present].concat();
                environment.set(name, value);
            }
            (b".default", _) => environment.set_default(name, content),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_buildpack_api_says() {
        let files = [
            ("A.append", "2"),
            ("A.delim", ":"),
            ("B.prepend", "0"),
            ("C.default", "never"),
            ("D.default", "new"),
            ("E", "over\n"),
            ("F.override", "over"),
            ("G.append", "alone"),
            ("G.delim", ","),
            ("H.unknown", "nothing"),
            ("EMPTY.prepend", "x"),
        ]
        .map(|(name, content)| EnvFile {
            name: name.into(),
            content: content.into(),
        });
        let entries = |text: &[&str]| Environment::new(text.iter().map(|e| (*e).into()).collect());
        let mut ours = entries(&["A=1", "B=1", "C=1", "E=1", "F=1", "EMPTY="]);
        apply(&mut ours, &files);
        let expected = [
            "A=1:2", "B=01", "C=1", "E=over\n", "F=over", "EMPTY=x", "D=new", "G=alone",
        ];
        assert_eq!(ours, entries(&expected));
    }
}
