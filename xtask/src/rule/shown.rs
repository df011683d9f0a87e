//! What a page of rows promises is shown by tests that are there.
//!
//! A page `docs/reference/CRATE-rows.md` has a table of what is promised and the tests that show it, behind a number or not;
//! each `BINARY MODULE::NAME` of that crate, or `CRATE/BINARY MODULE::NAME` of another one; `src` stands for tests in sources.

use crate::finding::Finding;
use crate::tree::Tree;

/// Rows without a test, out of order, or with one that is nowhere.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let pages = tree.with_extension("md").filter_map(|(path, text)| {
        let name = path.strip_prefix("docs/reference/")?;
        Some((path, name.strip_suffix("-rows.md")?, text))
    });
    pages
        .flat_map(|(path, of, text)| {
            let rows = text.lines().enumerate();
            let rows =
                rows.filter(|(_, line)| line.starts_with("| ") && !line.ends_with("| tests |"));
            rows.enumerate().flat_map(move |(index, (line, row))| {
                let wrong = wrong(tree, of, index + 1, row);
                wrong
                    .into_iter()
                    .map(move |message| Finding::line("shown", path, line + 1, message))
            })
        })
        .collect()
}

fn wrong(tree: &Tree, of: &str, number: usize, row: &str) -> Vec<String> {
    let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
    let mut wrong = Vec::new();
    let tests = match cells.as_slice() {
        [first, _, tests] => {
            if *first != number.to_string() {
                wrong.push(format!("this is row {number}"));
            }
            tests
        }
        [_, tests] => tests,
        _ => {
            return vec![
                "a row has these cells: number (or none), what is promised, tests".to_owned(),
            ];
        }
    };
    let tests: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
    if tests.is_empty() {
        wrong.push("no test shows it".to_owned());
    }
    let missing = tests.iter().filter(|test| !is_there(tree, of, test));
    wrong.extend(missing.map(|test| format!("there is no test {test}")));
    wrong
}

/// Whether the file that a test's modules name has a function of its name.
fn is_there(tree: &Tree, of: &str, test: &str) -> bool {
    let Some((binary, path)) = test.split_once(' ') else {
        return false;
    };
    let (krate, binary) = binary.split_once('/').unwrap_or((of, binary));
    let (modules, name) = path.rsplit_once("::").unwrap_or(("", path));
    let modules = modules.replace("::", "/");
    let folder = match binary {
        "src" => format!("crates/{krate}/src"),
        binary => format!("crates/{krate}/tests/{binary}"),
    };
    let files = if modules.is_empty() {
        [format!("{folder}.rs"), format!("{folder}/main.rs")]
    } else {
        [
            format!("{folder}/{modules}.rs"),
            format!("{folder}/{modules}/mod.rs"),
        ]
    };
    let function = format!("fn {name}(");
    let mut texts = files.iter().filter_map(|file| tree.files.get(file));
    texts.any(|text| text.contains(&function))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tree::Tree;

    #[test]
    fn rows_and_their_tests() {
        let rows = [
            ("| 1 | a | `life it_ends` |", 0),
            (
                "| 1 | a | `pid1 codes::known`, `src read::fields`, `other/life goes_on` |",
                0,
            ),
            ("| 1 | a | `pid1 codes::unknown`, `life nothing` |", 2),
            ("| 2 | a | `life it_ends` |", 1),
            ("| 1 | a | none |", 1),
            ("| a | `life it_ends` |", 0),
            ("| 1 | a |", 1),
            ("| a |", 1),
        ];
        for (row, expected) in rows {
            let page = format!("| # | what | tests |\n|---|---|---|\n{row}\n");
            let tree = Tree::of(&[
                ("docs/reference/init-rows.md", &page),
                ("crates/init/tests/life.rs", "fn it_ends() {}"),
                ("crates/init/tests/pid1/codes.rs", "fn known() {}"),
                ("crates/init/src/read.rs", "fn fields() {}"),
                ("crates/other/tests/life/main.rs", "fn goes_on() {}"),
            ]);
            assert_eq!(check(&tree).len(), expected, "{row}: {:?}", check(&tree));
        }
    }
}
