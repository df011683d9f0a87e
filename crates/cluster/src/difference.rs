//! What an apply changes, as texts that people compare. Pure.

use serde_json::Value;

use crate::apply::Applied;
use crate::secret;

/// An object before and after, as YAML; what is not there is empty. Values of secrets are hidden, and marked where they
/// differ.
pub fn texts(applied: &Applied) -> (String, String) {
    let mut before = applied.before.clone();
    let mut after = applied.after.clone();
    secret::hide(before.as_mut(), &mut after);
    (before.as_ref().map(yaml).unwrap_or_default(), yaml(&after))
}

fn yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).expect("JSON is YAML")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Id;

    #[test]
    fn secrets_differ_without_being_shown() {
        let copy = "kubectl.kubernetes.io/last-applied-configuration";
        let secret = |a: &str, b: &str| {
            json!({
                "kind": "Secret", "data": {"a": a, "b": b}, "stringData": {"c": b},
                "metadata": {"annotations": {copy: b}},
            })
        };
        let applied = Applied {
            id: Id {
                kind: "Secret".to_owned(),
                name: "s".to_owned(),
            },
            before: Some(secret("c2FtZQ==", "b25l")),
            after: secret("c2FtZQ==", "dHdv"),
        };
        let shown = |new: &str| {
            format!(
                "data:\n  a: (hidden)\n  b: {new}\nkind: Secret\nmetadata:\n  annotations:\n    {copy}: {new}\n\
                 stringData:\n  c: {new}\n"
            )
        };
        let (before, after) = texts(&applied);
        assert_eq!(before, shown("(hidden)"));
        assert_eq!(after, shown("(hidden, changed)"));
    }
}
