//! JSON Schema (draft 2020-12), as much of it as our schema uses. A keyword that is not known here is an error, so that
//! nothing is left unchecked in silence. Patterns are anchored at the start and made of classes, `+`, `*` and literals.

use serde_json::Value;

/// Every place where `value` does not fit `schema`, with the reason. `root` is the document that `$ref` points into.
pub fn mistakes(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let keywords = schema.as_object().expect("a schema is an object");
    let mut found = Vec::new();
    for (keyword, wanted) in keywords {
        let mut wrong = |fits: bool, reason: &str| {
            if !fits {
                found.push(format!("{at}: {reason}"));
            }
        };
        match keyword.as_str() {
            "type" => wrong(has_type(wanted, value), &format!("is not of type {wanted}")),
            "const" => wrong(value == wanted, &format!("is not {wanted}")),
            "enum" => wrong(
                list(wanted).contains(value),
                &format!("is none of {wanted}"),
            ),
            "minimum" => wrong(
                value.is_null() || value.as_u64() >= wanted.as_u64(),
                "is too small",
            ),
            "maximum" => wrong(
                value.is_null() || value.as_u64() <= wanted.as_u64(),
                "is too large",
            ),
            "minItems" => wrong(
                list(value).len() as u64 >= wanted.as_u64().expect("a number"),
                "has too few items",
            ),
            "uniqueItems" => {
                let items = list(value);
                wrong(
                    items
                        .iter()
                        .enumerate()
                        .all(|(n, item)| !items[..n].contains(item)),
                    "repeats itself",
                );
            }
            "pattern" => {
                let pattern = wanted.as_str().expect("a pattern is a string");
                wrong(
                    value.as_str().is_some_and(|text| fits(pattern, text)),
                    &format!("does not fit {pattern}"),
                );
            }
            "$ref" => {
                let pointer = wanted
                    .as_str()
                    .and_then(|target| target.strip_prefix('#'))
                    .expect("a local reference");
                let target = root
                    .pointer(pointer)
                    .unwrap_or_else(|| panic!("{pointer} is not in the schema"));
                found.extend(mistakes(root, target, value, at));
            }
            "oneOf" => {
                let fitting = list(wanted)
                    .iter()
                    .filter(|one| mistakes(root, one, value, at).is_empty())
                    .count();
                wrong(
                    fitting == 1,
                    &format!("fits {fitting} alternatives instead of one"),
                );
            }
            "items" => {
                for (n, item) in list(value).iter().enumerate() {
                    found.extend(mistakes(root, wanted, item, &format!("{at}/{n}")));
                }
            }
            "description"
            | "title"
            | "$schema"
            | "$id"
            | "$defs"
            | "required"
            | "properties"
            | "additionalProperties" => {}
            unknown => panic!("the schema uses {unknown}, which is not checked here"),
        }
    }
    if let Some(object) = value.as_object() {
        for name in schema.get("required").map(list).unwrap_or_default() {
            if !object.contains_key(name.as_str().expect("a name")) {
                found.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, value) in object {
            let at = format!("{at}/{name}");
            match (
                schema.pointer("/properties").and_then(|all| all.get(name)),
                schema.get("additionalProperties"),
            ) {
                (Some(property), _) => found.extend(mistakes(root, property, value, &at)),
                (None, Some(Value::Bool(false))) => found.push(format!("{at}: is not known")),
                (None, Some(other)) => found.extend(mistakes(root, other, value, &at)),
                (None, None) => {}
            }
        }
    }
    found
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    };
    match wanted {
        Value::String(name) => is(name),
        names => list(names).iter().filter_map(Value::as_str).any(is),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// `^`, then pieces (`[a-z0-9-]` or a character) each with an optional `+` or `*`, then an optional `$`. Repetition takes
/// all it can get.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pattern = pattern
        .strip_prefix('^')
        .expect("patterns begin at the start");
    let mut rest = text;
    while !pattern.is_empty() && pattern != "$" {
        let end = if pattern.starts_with('[') {
            pattern.find(']').expect("a class ends") + 1
        } else {
            1
        };
        let (piece, tail) = pattern.split_at(end);
        let repeat = tail.chars().next().filter(|c| matches!(c, '+' | '*'));
        pattern = &tail[repeat.map_or(0, char::len_utf8)..];
        let many = rest.chars().take_while(|&c| in_class(piece, c)).count();
        let taken = match repeat {
            Some('*') => many,
            _ if many == 0 => return false,
            Some(_) => many,
            None => 1,
        };
        rest = &rest[rest
            .char_indices()
            .nth(taken)
            .map_or(rest.len(), |(at, _)| at)..];
    }
    pattern.is_empty() || rest.is_empty()
}

fn in_class(piece: &str, c: char) -> bool {
    let Some(class) = piece
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return piece.starts_with(c);
    };
    let class: Vec<char> = class.chars().collect();
    (0..class.len()).any(|n| match class[n..] {
        [from, '-', to, ..] => (from..=to).contains(&c),
        [one, ..] => one == c,
        [] => false,
    })
}
