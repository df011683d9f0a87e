//! Words as Dockerfiles and shells read them back.

/// A value of `ENV` and `LABEL` in double quotes, in which nothing is expanded.
pub(super) fn value(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// A word of a shell.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// Words in the JSON form of instructions.
pub(super) fn json<S: AsRef<str>>(words: &[S]) -> String {
    let words = words
        .iter()
        .map(|word| serde_json::Value::from(word.as_ref()).to_string());
    format!("[{}]", words.collect::<Vec<_>>().join(", "))
}
