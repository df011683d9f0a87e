//! `RUN --mount`.

use super::mount_key::{Keys, Wrong};
use super::run::value;
use super::state::State;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::fields::fields;
use crate::dockerfile::{Flag, Mount, MountKind, Source, Word, expand, path};

impl State {
    /// Reads one; `before` are those in front of it.
    pub(super) fn mount(&self, flag: &Flag, before: &[Mount]) -> Result<Mount, Diagnostic> {
        let word = value(flag)?;
        let list = fields(&word.text).ok_or_else(|| {
            let help = "quote a whole field: --mount=type=bind,\"source=a,b\"";
            let message = "a quote in --mount is not closed, or stands within a field".to_owned();
            at(word, "", (message, Some(help.to_owned())))
        })?;
        let mut keys = Keys::default();
        for field in &list {
            let (key, text) = match field.split_once('=') {
                Some((key, text)) => (key, Some(text)),
                None => (field.as_str(), None),
            };
            let text = match text {
                None => None,
                // The graph of the stages is made before variables are known.
                Some(text) if key.eq_ignore_ascii_case("from") => Some(text.to_owned()),
                Some(text) => Some(self.field(word, field, text)?),
            };
            keys.take(key, text.as_deref())
                .map_err(|wrong| at(word, field, wrong))?;
        }
        let kind = keys.kind.clone().unwrap_or_else(|| "bind".to_owned());
        if let Some(wrong) = keys.strange(&kind) {
            return Err(at(word, "", wrong));
        }
        match kind.as_str() {
            "secret" => secret(keys, self.cwd()).map_err(|wrong| at(word, "", wrong)),
            "ssh" => Ok(ssh(keys, before)),
            kind => self.folder(kind, keys, word),
        }
    }

    /// The value of a field, expanded.
    fn field(&self, word: &Word, field: &str, text: &str) -> Result<String, Diagnostic> {
        expand::word(text, self.escape, &self.scope.env.lookup()).map_err(|mistake| {
            let help = mistake.help();
            at(word, field, (mistake.to_string(), help))
        })
    }

    fn folder(&self, kind: &str, keys: Keys, word: &Word) -> Result<Mount, Diagnostic> {
        let written = keys.target.unwrap_or_default();
        let target = path::join(self.cwd(), &written);
        if target == "/" {
            let message = if written.is_empty() {
                "a mount has no target".to_owned()
            } else {
                "a mount cannot be the root".to_owned()
            };
            return Err(at(
                word,
                "",
                (message, Some("write target=/some/folder".to_owned())),
            ));
        }
        let from = match keys.from.filter(|from| !from.is_empty()) {
            Some(from) => Some(self.names.source(&from, self.stage, &word.span)?),
            None => None,
        };
        let source = relative(&keys.source.unwrap_or_default());
        let kind = match kind {
            "cache" => MountKind::Cache {
                id: keys
                    .id
                    .filter(|id| !id.is_empty())
                    .unwrap_or_else(|| path::clean(&written)),
                sharing: keys.sharing.unwrap_or_default(),
                from,
                source,
                readonly: keys.readonly.unwrap_or(false),
                uid: keys.uid.unwrap_or(0),
                gid: keys.gid.unwrap_or(0),
                mode: keys.mode.unwrap_or(0o755),
            },
            "tmpfs" => MountKind::Tmpfs {
                size: keys.size.filter(|&size| size > 0),
            },
            _ => MountKind::Bind {
                from: from.unwrap_or(Source::Context),
                source,
                writable: !keys.readonly.unwrap_or(true),
            },
        };
        Ok(Mount { target, kind })
    }
}

fn secret(keys: Keys, cwd: &str) -> Result<Mount, Wrong> {
    let full = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (id, source, target) = (full(keys.id), full(keys.source), full(keys.target));
    if id.is_some() && source.is_some() {
        let message = "a secret has both an id and a source, which are the same".to_owned();
        return Err((message, Some("remove the source".to_owned())));
    }
    let id = match (id.or(source), &target) {
        (Some(id), _) => id,
        (None, Some(target)) => path::base(target).to_owned(),
        (None, None) => {
            let message = "a secret has neither an id nor a target".to_owned();
            return Err((message, Some("write id=NAME".to_owned())));
        }
    };
    if keys
        .env
        .as_ref()
        .is_some_and(|env| env.is_empty() || env.contains('='))
    {
        let message = "the key \"env\" of --mount is not the name of a variable".to_owned();
        return Err((message, Some("write env=NAME".to_owned())));
    }
    let target = target.map(|target| path::join(cwd, &target));
    let usual = format!("/run/secrets/{}", path::base(&id));
    let file = target
        .clone()
        .or_else(|| keys.env.is_none().then(|| usual.clone()));
    Ok(Mount {
        target: target.unwrap_or(usual),
        kind: MountKind::Secret {
            id,
            file,
            env: keys.env,
            required: keys.required.unwrap_or(false),
            uid: keys.uid.unwrap_or(0),
            gid: keys.gid.unwrap_or(0),
            mode: keys.mode.unwrap_or(0o400),
        },
    })
}

fn ssh(keys: Keys, before: &[Mount]) -> Mount {
    let is_agent = |mount: &&Mount| matches!(mount.kind, MountKind::Ssh { .. });
    let number = before.iter().filter(is_agent).count();
    let target = match keys.target.filter(|target| !target.is_empty()) {
        Some(target) => path::join("/", &target),
        None => format!("/run/buildkit/ssh_agent.{number}"),
    };
    Mount {
        target,
        kind: MountKind::Ssh {
            id: keys
                .id
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| "default".to_owned()),
            required: keys.required.unwrap_or(false),
            uid: keys.uid.unwrap_or(0),
            gid: keys.gid.unwrap_or(0),
            mode: keys.mode.unwrap_or(0o600),
        },
    }
}

/// A path relative to a root; nothing for the root itself.
fn relative(path: &str) -> String {
    path::join("/", path).trim_start_matches('/').to_owned()
}

/// What is wrong with `field`, at its place if the word stands on one line as it is.
fn at(word: &Word, field: &str, (message, help): Wrong) -> Diagnostic {
    let place = word.text.find(field).filter(|_| !field.is_empty());
    let span = match place {
        Some(start) if word.text.len() == word.span.len() => {
            word.span.start + start..word.span.start + start + field.len()
        }
        _ => word.span.clone(),
    };
    Diagnostic {
        message,
        span,
        label: String::new(),
        help,
    }
}
