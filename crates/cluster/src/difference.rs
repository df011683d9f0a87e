//! What an apply changes, as texts that people compare. Pure.

use serde_json::Value;

use crate::apply::Applied;

/// An object before and after, as YAML; what is not there is empty. Values of secrets are hidden, and marked where they
/// differ.
pub fn texts(applied: &Applied) -> (String, String) {
    let mut before = applied.before.clone();
    let mut after = applied.after.clone();
    if applied.id.kind == "Secret" {
        for field in ["data", "stringData"] {
            hide(before.as_mut(), &mut after, field);
        }
    }
    (before.as_ref().map(yaml).unwrap_or_default(), yaml(&after))
}

fn yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).expect("JSON is YAML")
}

fn hide(before: Option<&mut Value>, after: &mut Value, field: &str) {
    let fields = |value: &Value| value.get(field).cloned().unwrap_or_default();
    let old = before.as_deref().map(fields).unwrap_or_default();
    let mask = |values: Option<&mut Value>, differing: &str| {
        let values = values.and_then(|value| value.get_mut(field)?.as_object_mut());
        for (key, value) in values.into_iter().flatten() {
            let same = old.get(key) == Some(value);
            *value = if same { "(hidden)" } else { differing }.into();
        }
    };
    mask(Some(after), "(hidden, new)");
    mask(before, "(hidden)");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Id;

    #[test]
    fn secrets_differ_without_being_shown() {
        let secret = |a: &str, b: &str| json!({"kind": "Secret", "data": {"a": a, "b": b}});
        let applied = Applied {
            id: Id {
                kind: "Secret".to_owned(),
                name: "s".to_owned(),
            },
            before: Some(secret("c2FtZQ==", "b25l")),
            after: secret("c2FtZQ==", "dHdv"),
        };
        let (before, after) = texts(&applied);
        assert_eq!(
            before,
            "data:\n  a: (hidden)\n  b: (hidden)\nkind: Secret\n"
        );
        assert_eq!(
            after,
            "data:\n  a: (hidden)\n  b: (hidden, new)\nkind: Secret\n"
        );
    }
}
