//! The body of a hook.

use serde_json::Value;

use super::word::is_commit;
use super::{Trouble, form};

/// The JSON of a body, which may be in a form, as GitHub and Gitea send it unless they are told otherwise.
pub(super) fn json(body: &[u8], content_type: &str) -> Result<Value, Trouble> {
    let malformed = |what: String| Trouble::Malformed { what };
    let unwrapped;
    let mut json = body;
    // curl says that everything is a form.
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    if is_form && !body.starts_with(b"{") {
        unwrapped = form::field(body, "payload")
            .ok_or_else(|| malformed("the form has no field \"payload\"".to_owned()))?;
        json = &unwrapped;
    }
    let value: Value = serde_json::from_slice(json)
        .map_err(|error| malformed(format!("it is not JSON, line {}", error.line())))?;
    if !value.is_object() {
        return Err(malformed("it is not an object".to_owned()));
    }
    Ok(value)
}

/// The text at that place.
pub(super) fn text<'a>(value: &'a Value, at: &str) -> Result<&'a str, Trouble> {
    let found = value.pointer(at).and_then(Value::as_str);
    found.ok_or_else(|| missing(at, "a text"))
}

/// The text at that place, or nothing.
pub(super) fn text_or_none<'a>(value: &'a Value, at: &str) -> &'a str {
    value
        .pointer(at)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The number at that place.
pub(super) fn number(value: &Value, at: &str) -> Result<u64, Trouble> {
    let found = value.pointer(at).and_then(Value::as_u64);
    found.ok_or_else(|| missing(at, "a number"))
}

/// The whole name of the commit at that place, in small letters.
pub(super) fn commit(value: &Value, at: &str) -> Result<String, Trouble> {
    let commit = text(value, at)?.to_ascii_lowercase();
    if is_commit(&commit) {
        Ok(commit)
    } else {
        Err(missing(at, "a commit"))
    }
}

fn missing(at: &str, what: &str) -> Trouble {
    let at = at.trim_start_matches('/').replace('/', ".");
    Trouble::Malformed {
        what: format!("{at} is not {what}"),
    }
}
