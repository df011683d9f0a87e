//! D16: everything is copied, and nothing is left out.

use boatyard_plan::dockerfile::Kind;

use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::{Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "D16",
    severity: Severity::Warning,
    title: "COPY . without a .dockerignore",
    why: "The whole folder goes into the image: .git with its history, tests, virtual environments, files with passwords. And each change of \
          any of them does all later steps again.",
    mend: "write a .dockerignore, or name what is needed",
    fix: Fixing::Suggested,
    same_as: "",
    check,
};

/// What no image needs.
const IGNORE: &str = "\
# What the image does not need.
.git
.github
.gitlab-ci.yml
**/.env
**/.env.*
!**/.env.example
**/__pycache__
**/*.pyc
**/.venv
**/venv
**/node_modules
**/.pytest_cache
**/.mypy_cache
**/.ruff_cache
.dockerignore
Dockerfile*
*.Dockerfile
compose*.y*ml
docker-compose*.y*ml
";

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        if has_ignore(workspace, document) {
            continue;
        }
        for (_, instruction) in dockerfile.instructions() {
            let (Kind::Copy(words) | Kind::Add(words)) = &instruction.kind else {
                continue;
            };
            let from = instruction.flags.iter().any(|flag| flag.name == "from");
            let excludes = instruction.flags.iter().any(|flag| flag.name == "exclude");
            let all = words
                .iter()
                .rev()
                .skip(1)
                .find(|word| matches!(word.text.as_str(), "." | "./" | "/" | "*"));
            if let Some(word) = all.filter(|_| !from && !excludes) {
                let path = format!("{}.dockerignore", document.folder());
                report
                    .add(
                        &RULE,
                        &document.path,
                        word.span.clone(),
                        "all of the folder is copied, and there is no .dockerignore",
                    )
                    .suggested([Edit::insert(&path, 0, IGNORE)]);
                break;
            }
        }
    }
}

/// Whether there is one beside the Dockerfile, for it alone, or in a folder above: the context may be any of them.
fn has_ignore(workspace: &Workspace, document: &Document) -> bool {
    let own = format!("{}.dockerignore", document.path);
    let mut folders: Vec<&str> = document.folder().split_inclusive('/').collect();
    loop {
        let path = format!("{}.dockerignore", folders.concat());
        if workspace.paths.contains(&path) || workspace.paths.contains(&own) {
            return true;
        }
        if folders.pop().is_none() {
            return false;
        }
    }
}
