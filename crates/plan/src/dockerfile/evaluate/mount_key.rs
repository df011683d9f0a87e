//! The keys of `RUN --mount`, read one by one.

use crate::dockerfile::CacheSharing;
use crate::dockerfile::bytes;
use crate::document::suggestion;

/// Types of mounts.
const TYPES: [&str; 5] = ["bind", "cache", "secret", "ssh", "tmpfs"];

/// All keys, their short forms after them.
const KEYS: [&str; 19] = [
    "type",
    "target",
    "dst",
    "destination",
    "source",
    "src",
    "from",
    "readonly",
    "ro",
    "readwrite",
    "rw",
    "id",
    "sharing",
    "required",
    "size",
    "env",
    "uid",
    "gid",
    "mode",
];

/// What is written in a mount, expanded.
#[derive(Debug, Default)]
pub(in crate::dockerfile) struct Keys {
    pub kind: Option<String>,
    pub target: Option<String>,
    pub source: Option<String>,
    pub from: Option<String>,
    pub readonly: Option<bool>,
    pub id: Option<String>,
    pub sharing: Option<CacheSharing>,
    pub required: Option<bool>,
    pub size: Option<u64>,
    pub env: Option<String>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub mode: Option<u32>,
}

/// A key that is wrong: what is wrong with it, and what to do.
pub(in crate::dockerfile) type Wrong = (String, Option<String>);

impl Keys {
    /// Takes `key[=value]`; `value` is expanded.
    pub fn take(&mut self, key: &str, value: Option<&str>) -> Result<(), Wrong> {
        let key = key.to_lowercase();
        let Some(value) = value else {
            match key.as_str() {
                "readonly" | "ro" => self.readonly = Some(true),
                "readwrite" | "rw" => self.readonly = Some(false),
                "required" => self.required = Some(true),
                known if KEYS.contains(&known) => {
                    let message = format!("the key \"{key}\" of --mount has no value");
                    return Err((message, Some(format!("write {key}=..."))));
                }
                _ => return Err(unknown(&key)),
            }
            return Ok(());
        };
        let text = || Some(value.to_owned());
        match key.as_str() {
            "type" => self.kind = Some(one_of("types", "type", value, TYPES)?),
            "target" | "dst" | "destination" => self.target = text(),
            "source" | "src" => self.source = text(),
            "from" => self.from = text(),
            "id" => self.id = text(),
            "env" => self.env = text(),
            "readonly" | "ro" => self.readonly = Some(truth(&key, value)?),
            "readwrite" | "rw" => self.readonly = Some(!truth(&key, value)?),
            "required" => self.required = Some(truth(&key, value)?),
            "sharing" => {
                let modes = ["shared", "private", "locked"];
                self.sharing = Some(match one_of("modes", "sharing", value, modes)?.as_str() {
                    "private" => CacheSharing::Private,
                    "locked" => CacheSharing::Locked,
                    _ => CacheSharing::Shared,
                });
            }
            "size" => {
                let help = "write a number of bytes, or with k, m or g: size=64m";
                self.size = Some(bytes(value).ok_or_else(|| bad(&key, value, help))?);
            }
            "uid" => self.uid = Some(number(&key, value)?),
            "gid" => self.gid = Some(number(&key, value)?),
            "mode" => {
                let mode = u32::from_str_radix(value, 8)
                    .ok()
                    .filter(|_| !value.starts_with('+'));
                let help = "write an octal number: mode=0755";
                self.mode = Some(mode.ok_or_else(|| bad(&key, value, help))?);
            }
            _ => return Err(unknown(&key)),
        }
        Ok(())
    }

    /// The keys that are there although `kind` does not know them.
    pub fn strange(&self, kind: &str) -> Option<Wrong> {
        let owned = kind == "cache" || kind == "secret" || kind == "ssh";
        let asked = kind == "secret" || kind == "ssh";
        let checks = [
            ("from", self.from.is_some() && asked),
            ("source", self.source.is_some() && kind == "ssh"),
            ("sharing", self.sharing.is_some() && kind != "cache"),
            ("required", self.required.is_some() && !asked),
            ("size", self.size.is_some() && kind != "tmpfs"),
            ("uid", self.uid.is_some() && !owned),
            ("gid", self.gid.is_some() && !owned),
            ("mode", self.mode.is_some() && !owned),
        ];
        let (key, _) = checks.into_iter().find(|(_, strange)| *strange)?;
        let known = match kind {
            "bind" => "target, source, from, readwrite",
            "cache" => "id, target, sharing, from, source, readonly, uid, gid, mode",
            "tmpfs" => "target, size",
            "secret" => "id, target, env, required, uid, gid, mode",
            _ => "id, target, required, uid, gid, mode",
        };
        Some((
            format!("a mount of type {kind} has no key \"{key}\""),
            Some(format!("keys of {kind}: {known}")),
        ))
    }
}

fn unknown(key: &str) -> Wrong {
    (
        format!("unknown key \"{key}\" of --mount"),
        suggestion("keys", key, KEYS),
    )
}

fn bad(key: &str, value: &str, help: &str) -> Wrong {
    (
        format!("the key \"{key}\" of --mount is \"{value}\""),
        Some(help.to_owned()),
    )
}

fn one_of<const N: usize>(
    what: &str,
    key: &str,
    value: &str,
    known: [&str; N],
) -> Result<String, Wrong> {
    let lower = value.to_lowercase();
    if known.contains(&lower.as_str()) {
        return Ok(lower);
    }
    Err((
        format!("the key \"{key}\" of --mount is \"{value}\""),
        suggestion(what, value, known),
    ))
}

/// Go's `strconv.ParseBool`.
fn truth(key: &str, value: &str) -> Result<bool, Wrong> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(bad(key, value, "write true or false")),
    }
}

fn number(key: &str, value: &str) -> Result<u32, Wrong> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    let number = value.parse().ok().filter(|_| digits);
    number.ok_or_else(|| bad(key, value, "write a number; names are not possible here"))
}
