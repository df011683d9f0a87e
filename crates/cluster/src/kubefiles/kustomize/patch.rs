//! Patches: lists of operations (RFC 6902), of which `replace` also adds, as kustomize's does.

use serde_json::Value;

use super::super::{Error, Files};
use super::file::{Patch, Target};
use super::folder::{Found, join, read, text};

/// Carries out `patch`, which the file at `by` has, on those of `all` that it is for. None of them may be one.
pub fn apply(
    files: &Files,
    folder: &str,
    by: &str,
    patch: &Patch,
    all: &mut [Found],
) -> Result<(), Error> {
    let elsewhere = patch.path.as_ref().map(|name| join(folder, name));
    let (file, words) = match (&patch.words, &elsewhere) {
        (Some(words), _) => (by, words),
        (None, Some(file)) => {
            let words = files.get(file).ok_or_else(|| Error::NotThere {
                file: file.clone(),
                by: by.to_owned(),
            })?;
            (file.as_str(), words)
        }
        (None, None) => return Ok(()),
    };
    let refused = |what: &str| Error::Unsupported {
        file: file.to_owned(),
        what: what.to_owned(),
    };
    let (Value::Array(operations), Some(target)) = (read(file, words)?, &patch.target) else {
        return Err(refused(
            "a patch that is no list of operations with a target",
        ));
    };
    let name = target.name.as_deref().unwrap_or_default();
    if name.contains(['*', '+', '?', '(', '[', '|', '^', '$', '\\']) {
        return Err(refused("a patch for all names that fit a pattern"));
    }
    for found in all.iter_mut().filter(|found| is(found, target)) {
        for operation in &operations {
            operate(&mut found.value, operation).map_err(|why| Error::Patch {
                file: file.to_owned(),
                why,
            })?;
        }
    }
    Ok(())
}

fn is(found: &Found, target: &Target) -> bool {
    let value = &found.value;
    let version = text(value, "/apiVersion");
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let fits =
        |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|one| one == found);
    fits(&target.group, group)
        && fits(&target.version, version)
        && fits(&target.kind, text(value, "/kind"))
        && target
            .name
            .as_ref()
            .is_none_or(|name| found.names.contains(name))
}

fn operate(value: &mut Value, operation: &Value) -> Result<(), String> {
    let said = |key: &str| operation.get(key).and_then(Value::as_str);
    let op = said("op").unwrap_or_default();
    let path = said("path").ok_or_else(|| "an operation has no path".to_owned())?;
    let lost = |path: &str| format!("there is no {path}");
    let new = || operation.get("value").cloned().unwrap_or_default();
    let from = || said("from").ok_or_else(|| format!("{op} has no from"));
    match op {
        "add" => add(value, path, new()).ok_or_else(|| lost(path)),
        "replace" => {
            if let Some(there) = value.pointer_mut(path) {
                *there = new();
                return Ok(());
            }
            // Of a list nothing is replaced that is not there.
            let (parent, _) = path.rsplit_once('/').unwrap_or_default();
            match value.pointer(parent) {
                Some(Value::Object(_)) => add(value, path, new()).ok_or_else(|| lost(path)),
                _ => Err(lost(path)),
            }
        }
        "remove" => remove(value, path).map(drop).ok_or_else(|| lost(path)),
        "move" => {
            let from = from()?;
            let taken = remove(value, from).ok_or_else(|| lost(from))?;
            add(value, path, taken).ok_or_else(|| lost(path))
        }
        "copy" => {
            let from = from()?;
            let found = value.pointer(from).cloned();
            let found = found.ok_or_else(|| lost(from))?;
            add(value, path, found).ok_or_else(|| lost(path))
        }
        "test" => match value.pointer(path) {
            Some(found) if *found == new() => Ok(()),
            _ => Err(format!("{path} is something else than the patch expects")),
        },
        op => Err(format!("there is no operation {op:?}")),
    }
}

/// The parent of what is at `path`, and its key there.
fn parent<'a>(value: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let (parent, key) = path.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    Some((value.pointer_mut(parent)?, key))
}

fn add(value: &mut Value, path: &str, new: Value) -> Option<()> {
    let (parent, key) = parent(value, path)?;
    match parent {
        Value::Object(map) => drop(map.insert(key, new)),
        Value::Array(list) if key == "-" => list.push(new),
        Value::Array(list) => {
            let at: usize = key.parse().ok()?;
            if at > list.len() {
                return None;
            }
            list.insert(at, new);
        }
        _ => return None,
    }
    Some(())
}

fn remove(value: &mut Value, path: &str) -> Option<Value> {
    let (parent, key) = parent(value, path)?;
    match parent {
        Value::Object(map) => map.remove(&key),
        Value::Array(list) => {
            let at: usize = key.parse().ok()?;
            (at < list.len()).then(|| list.remove(at))
        }
        _ => None,
    }
}
