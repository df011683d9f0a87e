//! Secrets are not shown. Pure.

use serde_json::Value;

/// The fields of a Secret that hold its values.
const FIELDS: &[&str] = &["data", "stringData"];
/// `kubectl apply` keeps a copy of all of it here.
const COPY: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// In their place.
pub const HIDDEN: &str = "(hidden)";
/// What is shorter is found in other words, too.
const SHORT: usize = 6;

fn is_secret(object: &Value) -> bool {
    object.get("kind").is_some_and(|kind| kind == "Secret")
}

/// The values of `object`, if it is a Secret, as its fields say them.
pub fn values(object: &Value) -> Vec<String> {
    let fields = FIELDS.iter().filter(|_| is_secret(object));
    fields
        .filter_map(|field| object.get(field)?.as_object())
        .flat_map(|values| values.values())
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .filter(|value| !value.is_empty())
        .collect()
}

/// `text` without `values`.
pub fn masked(text: &str, values: &[String]) -> String {
    let mut longest: Vec<&str> = values.iter().map(String::as_str).collect();
    longest.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let mut text = text.to_owned();
    for value in longest {
        text = without(&text, value);
    }
    text
}

fn without(text: &str, value: &str) -> String {
    let alone = |at: usize| {
        let word = |one: Option<char>| one.is_some_and(char::is_alphanumeric);
        let end = at + value.len();
        !word(text[..at].chars().next_back()) && !word(text[end..].chars().next())
    };
    let mut masked = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices(value) {
        if value.len() >= SHORT || alone(at) {
            masked.push_str(&text[from..at]);
            masked.push_str(HIDDEN);
            from = at + value.len();
        }
    }
    masked + &text[from..]
}

/// Hides the values of a Secret before and after a change, and marks those that differ.
pub fn hide(before: Option<&mut Value>, after: &mut Value) {
    if !is_secret(after) {
        return;
    }
    let old = before.as_deref().cloned().unwrap_or_default();
    for field in FIELDS {
        mask(after, &old, field);
    }
    mask_copy(after, &old);
    if let Some(before) = before {
        for field in FIELDS {
            mask(before, &old, field);
        }
        mask_copy(before, &old);
    }
}

fn mask(object: &mut Value, old: &Value, field: &str) {
    let values = object.get_mut(field).and_then(Value::as_object_mut);
    for (key, value) in values.into_iter().flatten() {
        let same = old.get(field).and_then(|old| old.get(key)) == Some(value);
        *value = if same { HIDDEN } else { "(hidden, changed)" }.into();
    }
}

fn mask_copy(object: &mut Value, old: &Value) {
    let path = ["metadata", "annotations"];
    let annotations = |object: &Value| {
        let found = path.iter().try_fold(object, |value, key| value.get(key));
        found.and_then(|all| all.get(COPY)).cloned()
    };
    let Some(copy) = annotations(object) else {
        return;
    };
    let same = annotations(old) == Some(copy);
    object["metadata"]["annotations"][COPY] =
        if same { HIDDEN } else { "(hidden, changed)" }.into();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_quotes_is_masked() {
        let secret = json!({
            "kind": "Secret", "data": {"a": "aHVudGVyMg=="}, "stringData": {"b": "hunter2", "c": 5, "d": "", "e": "pass"},
        });
        let values = values(&secret);
        let said = ".stringData.c: expected string, got &value{Value:5}; hunter2 and xhunter2x in password, \"pass\" 15";
        assert_eq!(
            masked(said, &values),
            ".stringData.c: expected string, got &value{Value:(hidden)}; (hidden) and x(hidden)x in password, \"(hidden)\" 15"
        );
        let map = json!({"kind": "ConfigMap", "data": {"a": "hunter2"}});
        assert!(super::values(&map).is_empty());
    }
}
