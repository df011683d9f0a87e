//! The page of what is promised names tests: they are there, and no row is without.

use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/reference/init-rows.md");

/// The file of a test (`pid1 signals::name`, `life name`) and its function.
fn place(test: &str) -> (String, &str) {
    let (binary, path) = test.split_once(' ').expect("a binary and a path");
    match path.rsplit_once("::") {
        Some((modules, name)) => (format!("{binary}/{}.rs", modules.replace("::", "/")), name),
        None if Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests")
            .join(binary)
            .is_dir() =>
        {
            (format!("{binary}/main.rs"), path)
        }
        None => (format!("{binary}.rs"), path),
    }
}

#[test]
fn each_has_tests_that_are_there() {
    let rows = PAGE
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| #"));
    for (index, row) in rows.enumerate() {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [number, _, tests] = cells.as_slice() else {
            panic!("{row}");
        };
        assert_eq!(*number, (index + 1).to_string());
        let tests: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "{row}");
        for test in tests {
            let (file, name) = place(test);
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests")
                .join(&file);
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{test}: {file}: {error}"));
            assert!(
                text.contains(&format!("fn {name}(")),
                "row {number}: {file} has no {name}"
            );
        }
    }
}
