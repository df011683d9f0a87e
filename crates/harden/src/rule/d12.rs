//! D12: versions of packages are not said.

use super::command::{Packages, all};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D12",
    severity: Severity::Info,
    title: "packages are installed without a version",
    why: "The next build gets whatever is newest then: what was tested is not what is shipped, and a build of last month cannot be made again.",
    mend: "say a version, or install from a lock file",
    fix: Fixing::Never,
    same_as: "hadolint DL3008, DL3013, DL3016, DL3018, DL3028, DL3033, DL3041, DL3062",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for (_, _, script) in dockerfile.runs() {
            for simple in all(script) {
                let Some(one) = Packages::of(simple) else {
                    continue;
                };
                let free: Vec<&str> = one
                    .names()
                    .into_iter()
                    .map(|(name, _)| name)
                    .filter(|name| is_free(&one, name))
                    .collect();
                if free.is_empty() {
                    continue;
                }
                let some = if free.len() > 3 {
                    format!("{} and {} more have", free[..3].join(", "), free.len() - 3)
                } else {
                    format!(
                        "{} {}",
                        free.join(", "),
                        if free.len() == 1 { "has" } else { "have" }
                    )
                };
                report.add(
                    &RULE,
                    &document.path,
                    simple.span.clone(),
                    format!("{}: {some} no version", one.manager),
                );
            }
        }
    }
}

/// Whether `name` is a package without a version. What is expanded, a file or an address is not judged.
fn is_free(one: &Packages<'_>, name: &str) -> bool {
    let name = name.trim_matches(['"', '\'']);
    if name.contains(['$', '`', '*', '{', '('])
        || name.contains("://")
        || name.starts_with(['.', '/', '-'])
    {
        return false;
    }
    match (one.manager, one.verb) {
        ("apt-get" | "apt" | "aptitude", "install") => {
            !name.contains(['=', '/']) && extension(name) != "deb"
        }
        ("apk", "add") => !name.contains(['=', '<', '>', '~', '@']) && !name.contains('/'),
        ("pip" | "pip2" | "pip3" | "uv", "install") => {
            // Another version of the installer itself is no other application.
            !name.contains(['=', '<', '>', '~', '@', '/']) && !is_wheel(name)
        }
        ("npm" | "pnpm", "install" | "i" | "add") => {
            // A scope begins with the sign that stands before a version, too.
            !name.trim_start_matches('@').contains('@') && is_global(one)
        }
        ("gem", "install") => {
            !name.contains(':') && !one.simple.flag('v', "version") && extension(name) != "gem"
        }
        ("go", "install") => {
            name.contains('.') && (!name.contains('@') || name.ends_with("@latest"))
        }
        _ => false,
    }
}

fn extension(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn is_wheel(name: &str) -> bool {
    matches!(extension(name), "whl" | "gz" | "zip" | "txt")
}

/// A project's own dependencies have a lock file.
fn is_global(one: &Packages<'_>) -> bool {
    one.simple.flag('g', "global")
}
