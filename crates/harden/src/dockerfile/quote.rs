//! What instructions say, as it is written.

/// A value of `ENV` and `LABEL` in double quotes, in which nothing is expanded.
pub fn value(text: &str) -> String {
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

/// Words in the JSON form: `["a", "b"]`.
pub fn json<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| serde_json::Value::from(word.as_ref()).to_string())
        .collect();
    format!("[{}]", words.join(", "))
}

/// The instruction that makes a user of Debian's or Red Hat's; `home`: `--create-home` or `--no-create-home`.
pub fn account(name: &str, (uid, gid): (u32, u32), home: &str) -> String {
    format!(
        "RUN groupadd --gid {gid} {name} && useradd --no-log-init {home} --uid {uid} --gid {gid} {name}"
    )
}
