//! Comparing what is found with files of what is expected.

use std::path::Path;

/// Compares `found` with the file at `path`; writes the file where `UPDATE_EXPECTED` is set.
pub fn compare(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path, found).expect("the folder of cases can be written");
        return;
    }
    let expected = read(path);
    assert!(
        found == expected,
        "{} differs\n--- expected\n{expected}\n--- found\n{found}",
        path.display()
    );
}

/// The text of a case.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The value as people read JSON.
pub fn json(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plans can be written as JSON");
    text.push('\n');
    text
}
