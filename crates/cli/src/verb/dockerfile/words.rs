//! Values of flags: from words to what they mean. Pure, but for variables that arrive as a function.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boatyard_engine::dockerfile::{Agents, Named, SecretSource, Secrets};
use boatyard_plan::dockerfile::Conditions;

use super::error::DockerfileWordsError as Error;
use crate::args::conditions::Conditions as Words;

/// A variable of ours.
pub type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// `--build-arg NAME[=VALUE]`: without a value it is that of our variable, and nothing where there is none.
pub fn arguments(words: &[String], variable: Variable<'_>) -> BTreeMap<String, String> {
    words
        .iter()
        .filter_map(|word| match word.split_once('=') {
            Some((name, value)) => Some((name.to_owned(), value.to_owned())),
            None => Some((word.clone(), variable(word)?)),
        })
        .collect()
}

/// `--add-host`, `--shm-size` and `--ulimit`
pub fn conditions(words: &Words) -> Result<Conditions, Error> {
    let found = Conditions::parse(&words.add_host, words.shm_size.as_deref(), &words.ulimit);
    found.map_err(|(flag, value, problem)| Error::Condition {
        flag,
        value: value.to_owned(),
        problem,
    })
}

/// `--label NAME[=VALUE]`
pub fn labels(words: &[String]) -> BTreeMap<String, String> {
    words
        .iter()
        .map(|word| word.split_once('=').unwrap_or((word, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// `--build-context NAME=CONTEXT`; paths start from `here`.
pub fn contexts(words: &[String], here: &Path) -> Result<BTreeMap<String, Named>, Error> {
    let context = |word: &String| {
        let wrong = |problem| Error::Flag {
            flag: "build-context",
            value: word.clone(),
            problem,
            form: "NAME=FOLDER, NAME=oci-layout://DIR[:TAG] or NAME=docker-image://IMAGE",
        };
        let (name, text) = word
            .split_once('=')
            .filter(|(name, text)| !name.is_empty() && !text.is_empty())
            .ok_or_else(|| wrong("no name"))?;
        let named = if let Some(image) = text.strip_prefix("docker-image://") {
            Named::Image(image.to_owned())
        } else if let Some(layout) = text.strip_prefix("oci-layout://") {
            let (path, tag) = tagged(layout, here);
            Named::Layout { path, name: tag }
        } else if text.contains("://") {
            return Err(wrong("contexts from elsewhere are not fetched"));
        } else {
            let path = here.join(text);
            if path.is_dir() {
                Named::Folder { path, ignore: None }
            } else if is_path(text) {
                return Err(wrong("there is no such folder"));
            } else {
                Named::Image(text.to_owned())
            }
        };
        Ok((name.to_owned(), named))
    };
    words.iter().map(context).collect()
}

/// A layout's folder and the name of the image in it: `DIR:TAG`, unless that is the name of a folder.
fn tagged(text: &str, here: &Path) -> (PathBuf, Option<String>) {
    let whole = here.join(text);
    match text.rsplit_once(':') {
        Some((folder, tag)) if !whole.exists() && !tag.contains('/') => {
            (here.join(folder), Some(tag.to_owned()))
        }
        _ => (whole, None),
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with(['.', '/', '~'])
}

/// `--secret id=ID[,src=FILE|,env=NAME][,type=file|env]`; without a source it is our variable ID if there is one, else
/// the file ID. Paths start from `here`.
pub fn secrets(words: &[String], here: &Path, variable: Variable<'_>) -> Result<Secrets, Error> {
    let secret = |word: &String| {
        let wrong = |problem| Error::Flag {
            flag: "secret",
            value: word.clone(),
            problem,
            form: "id=ID,src=FILE or id=ID,env=NAME",
        };
        let (mut id, mut kind, mut source, mut env) = (None, None, None, None);
        for field in word.split(',') {
            let (key, value) = field
                .split_once('=')
                .ok_or_else(|| wrong("a part has no \"=\""))?;
            let value = value.to_owned();
            match key.trim().to_lowercase().as_str() {
                "id" => id = Some(value),
                "type" if value == "file" || value == "env" => kind = Some(value),
                "type" => return Err(wrong("unknown type")),
                "src" | "source" => source = Some(value),
                "env" => env = Some(value),
                _ => return Err(wrong("unknown key")),
            }
        }
        let id = id
            .filter(|id| !id.is_empty())
            .ok_or_else(|| wrong("no id"))?;
        // `type=env,src=NAME` is an older way to write `env=NAME`.
        if kind.as_deref() == Some("env") && env.is_none() {
            env = source.take();
        }
        let found = match (source, env) {
            (Some(_), Some(_)) => return Err(wrong("both a file and a variable")),
            (Some(path), None) => SecretSource::File(here.join(path)),
            (None, Some(name)) => SecretSource::Variable(name),
            (None, None) if kind.as_deref() != Some("file") && variable(&id).is_some() => {
                SecretSource::Variable(id.clone())
            }
            (None, None) => SecretSource::File(here.join(&id)),
        };
        if let SecretSource::File(path) = &found
            && !path.is_file()
        {
            return Err(wrong("there is no such file"));
        }
        Ok((id, found))
    };
    words.iter().map(secret).collect()
}

/// `--ssh default|ID[=SOCKET]`
pub fn agents(words: &[String], here: &Path, variable: Variable<'_>) -> Result<Agents, Error> {
    use std::os::unix::fs::FileTypeExt as _;
    let agent = |word: &String| {
        let wrong = |problem| Error::Flag {
            flag: "ssh",
            value: word.clone(),
            problem,
            form: "default, or ID=SOCKET with the socket of an ssh agent",
        };
        let (id, socket) = match word.split_once('=') {
            Some((id, socket)) => (id, Some(here.join(socket))),
            None => (word.as_str(), None),
        };
        let socket = socket
            .or_else(|| variable("SSH_AUTH_SOCK").map(PathBuf::from))
            .ok_or_else(|| wrong("no agent runs: SSH_AUTH_SOCK is not set"))?;
        let is_socket = std::fs::metadata(&socket).is_ok_and(|found| found.file_type().is_socket());
        if !is_socket {
            return Err(wrong(
                "not the socket of an agent; keys are given to an agent (ssh-add)",
            ));
        }
        Ok((id.to_owned(), socket))
    };
    words.iter().map(agent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn arguments_without_a_value_are_ours() {
        let words = [
            "A=1".to_owned(),
            "B".to_owned(),
            "C".to_owned(),
            "D=".to_owned(),
        ];
        let variable = |name: &str| (name == "B").then(|| "2".to_owned());
        let found = arguments(&words, &variable);
        let expected = [("A", "1"), ("B", "2"), ("D", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(found, expected.into());
    }

    #[test]
    fn secrets_come_from_files_and_variables() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("token"), "x").expect("written");
        let path = SecretSource::File(folder.path().join("token"));
        let variable = |name: &str| (name == "TOKEN").then(|| "x".to_owned());
        for (word, expected) in [
            ("id=a,src=token", Some(path.clone())),
            ("type=file,id=a,source=token", Some(path.clone())),
            ("id=token", Some(path)),
            ("id=TOKEN", Some(SecretSource::Variable("TOKEN".to_owned()))),
            ("id=a,env=X", Some(SecretSource::Variable("X".to_owned()))),
            (
                "id=a,type=env,src=X",
                Some(SecretSource::Variable("X".to_owned())),
            ),
            ("src=token", None),
            ("id=a,src=missing", None),
            ("id=a,src=token,env=X", None),
            ("id=a,other=b", None),
        ] {
            let found = secrets(&[word.to_owned()], folder.path(), &variable).ok();
            let found = found
                .and_then(|mut found| found.pop_first())
                .map(|(_, source)| source);
            assert_eq!(found, expected, "{word}");
        }
    }

    #[test]
    fn contexts_have_names() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("sub")).expect("made");
        let of = |word: &str| {
            let found = contexts(&[word.to_owned()], folder.path()).ok()?;
            found.into_values().next()
        };
        let sub = Named::Folder {
            path: folder.path().join("sub"),
            ignore: None,
        };
        assert_eq!(of("a=sub"), Some(sub));
        assert_eq!(
            of("a=docker-image://b:1"),
            Some(Named::Image("b:1".to_owned()))
        );
        assert_eq!(of("a=b:1"), Some(Named::Image("b:1".to_owned())));
        let layout = |name: Option<&str>| Named::Layout {
            path: folder.path().join("sub"),
            name: name.map(str::to_owned),
        };
        assert_eq!(of("a=oci-layout://sub"), Some(layout(None)));
        assert_eq!(of("a=oci-layout://sub:1.2"), Some(layout(Some("1.2"))));
        assert_eq!(of("a=./missing"), None);
        assert_eq!(of("sub"), None);
        assert_eq!(of("a=ftp://x"), None);
        assert!(agents(&["default".to_owned()], folder.path(), &none).is_err());
    }
}
