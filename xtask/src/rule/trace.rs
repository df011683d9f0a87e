//! No traces: marks of unfinished work, and paths that exist on one machine only.

use crate::finding::Finding;
use crate::tree::Tree;

/// Marks of unfinished work. Written in two parts, or this file would find itself.
const MARKS: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    // Of a merge.
    concat!("<<<<", "<<< "),
    concat!(">>>>", ">>> "),
];

/// Beginnings of paths of somebody's machine.
const PLACES: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/."),
    concat!("/home/run", "ner"),
];

/// Marks and places in any text file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|(path, _)| path.as_str() != "Cargo.lock")
        .flat_map(|(path, text)| {
            text.lines().enumerate().filter_map(move |(index, line)| {
                let message = if let Some(mark) = MARKS.iter().find(|mark| line.contains(**mark)) {
                    format!("\"{mark}\": do it, or open an issue")
                } else {
                    let place = PLACES.iter().find(|place| line.contains(**place))?;
                    format!("\"{place}\": a path of somebody's machine")
                };
                Some(Finding::line("trace", path, index + 1, message))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{MARKS, PLACES, check};
    use crate::tree::Tree;

    #[test]
    fn marks_and_places() {
        let mark = format!("// {} later\n", MARKS[0]);
        let place = format!("\nlet a = \"{}x\";\n", PLACES[0]);
        let findings = check(&Tree::of(&[
            ("a.rs", &mark),
            ("b.py", &place),
            ("c.rs", "/tmp/x\n"),
        ]));
        assert_eq!(findings.len(), 2);
        assert_eq!(
            (findings[1].path.as_str(), findings[1].line),
            ("b.py", Some(2))
        );
    }
}
