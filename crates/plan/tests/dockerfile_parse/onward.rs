//! What was read, written down again, is read as the same.

use boatyard_plan::dockerfile::{self, Dockerfile};

use crate::{case, draw};

/// Each instruction's line, then its documents: as it is kept in an image's history and in `ONBUILD` triggers.
fn print(dockerfile: &Dockerfile) -> String {
    let mut lines = vec![format!("# escape={}\n", dockerfile.directives.escape)];
    let stages = dockerfile.stages.iter();
    let all = stages.flat_map(|stage| std::iter::once(&stage.from).chain(&stage.instructions));
    for instruction in dockerfile.arguments.iter().chain(all) {
        lines.push(format!("{}\n", instruction.line));
        let inner = match &instruction.kind {
            dockerfile::Kind::OnBuild(inner) => inner,
            _ => instruction,
        };
        let heredocs = inner.heredocs.iter();
        lines.extend(heredocs.map(|one| format!("{}{}\n", one.text, one.name)));
    }
    lines.concat()
}

#[test]
fn lines_are_read_as_what_they_were_made_from() {
    for case in case::all("good") {
        let first = dockerfile::parse(&case.text()).expect("it is good");
        let text = print(&first);
        let second = dockerfile::parse(&text).unwrap_or_else(|mistakes| {
            panic!("{}: {text}\n{mistakes:?}", case.name);
        });
        assert_eq!(print(&second), text, "{}", case.name);
        let third = dockerfile::parse(&print(&second)).expect("it is what was read before");
        assert_eq!(
            draw::dockerfile(&second, &text),
            draw::dockerfile(&third, &text),
            "{}",
            case.name
        );
    }
}
