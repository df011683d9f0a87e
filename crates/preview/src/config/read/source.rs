//! Where a secret is: `{ env = "NAME" }`, `{ file = "PATH" }` or, if it has to be, `{ value = "..." }`.

use boatyard_plan::document::{Findings, Section};

use crate::config::{Concealed, Source};

/// The secret at `key`. One that is written down plainly is a mistake, so that nobody does it without knowing.
pub(super) fn read(table: &Section<'_>, key: &str, findings: &mut Findings) -> Option<Source> {
    let path = table.path(key);
    if table.value(key)?.as_str().is_some() {
        findings
            .value(&path, format!("{key} is written in the file itself"))
            .with_label("whoever reads the file has it")
            .with_help(format!(
                "write {key} = {{ env = \"NAME\" }} or {{ file = \"PATH\" }}, or {{ value = \"...\" }} if the file is secret"
            ));
        return None;
    }
    let inner = table.section(key, findings)?;
    inner.only(&["env", "file", "value"], findings);
    let text = |name: &str, findings: &mut Findings| {
        let text = inner.string(name, findings)?;
        if text.is_empty() {
            findings
                .value(&inner.path(name), format!("{name} is empty"))
                .with_label("there is no secret");
        }
        Some(text)
    };
    let mut found = Vec::new();
    found.extend(text("env", findings).map(Source::Env));
    found.extend(text("file", findings).map(Source::File));
    found.extend(text("value", findings).map(|text| Source::Value(Concealed::new(text))));
    if found.len() > 1 || found.is_empty() && inner.entries().is_empty() {
        findings
            .value(&path, format!("{key} names {} places", found.len()))
            .with_label("expected one of env, file and value");
    }
    found.pop()
}
