//! `ConfigMap`s and Secrets that are made of words and files.

use k8s_openapi::ByteString;
use serde_json::{Map, Value, json};

use super::super::{Error, Files};
use super::file::{Generator, Kustomization};
use super::folder::join;

/// All that the file wants.
pub fn all(
    files: &Files,
    folder: &str,
    path: &str,
    wanted: &Kustomization,
) -> Result<Vec<Value>, Error> {
    let maps = wanted.config_map_generator.iter().map(|one| {
        let data = data(files, folder, path, one)?.into_iter();
        let data: Map<_, _> = data.map(|(key, text)| (key, text.into())).collect();
        Ok(object("ConfigMap", one, data))
    });
    let secrets = wanted.secret_generator.iter().map(|one| {
        let data = data(files, folder, path, one)?.into_iter();
        let data = data.map(|(key, text)| {
            let bytes = ByteString(text.into_bytes());
            (key, serde_json::to_value(bytes).unwrap_or_default())
        });
        let mut secret = object("Secret", one, data.collect());
        secret["type"] = one.kind.as_deref().unwrap_or("Opaque").into();
        Ok(secret)
    });
    maps.chain(secrets).collect()
}

fn object(kind: &str, wanted: &Generator, data: Map<String, Value>) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": wanted.name}});
    if let Some(namespace) = &wanted.namespace {
        object["metadata"]["namespace"] = namespace.as_str().into();
    }
    if !data.is_empty() {
        object["data"] = Value::Object(data);
    }
    object
}

fn data(
    files: &Files,
    folder: &str,
    by: &str,
    wanted: &Generator,
) -> Result<Vec<(String, String)>, Error> {
    let file = |name: &str| {
        let path = join(folder, name);
        files.get(&path).ok_or_else(|| Error::NotThere {
            file: path.clone(),
            by: by.to_owned(),
        })
    };
    let mut data = Vec::new();
    for name in &wanted.envs {
        let lines = file(name)?.lines().map(str::trim_start);
        let said = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in said {
            data.push(pair(line, by)?);
        }
    }
    for name in &wanted.files {
        let (key, path) = match name.split_once('=') {
            Some((key, path)) => (key, path),
            None => (name.rsplit('/').next().unwrap_or(name), name.as_str()),
        };
        data.push((key.to_owned(), file(path)?.clone()));
    }
    for literal in &wanted.literals {
        let (key, value) = pair(literal, by)?;
        data.push((key, unquoted(&value).to_owned()));
    }
    Ok(data)
}

fn pair(text: &str, by: &str) -> Result<(String, String), Error> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        // Its words may be a secret.
        _ => Err(Error::Unsupported {
            file: by.to_owned(),
            what: "a literal without NAME=".to_owned(),
        }),
    }
}

/// Without the quotes around all of it.
fn unquoted(text: &str) -> &str {
    let inside = ['"', '\''].into_iter().find_map(|quote| {
        let rest = text.strip_prefix(quote)?;
        rest.strip_suffix(quote)
    });
    inside.unwrap_or(text)
}
