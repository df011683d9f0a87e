//! D23: order, and ports that cannot be.

use boatyard_plan::dockerfile::{Instruction, Kind};

use super::command::{Packages, all};
use super::d05::is_root;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D23",
    severity: Severity::Info,
    title: "sources before dependencies; ports that do not fit",
    why: "A step is done again when anything before it changed: with all sources copied first, every change of a line installs all dependencies \
          again. A port below 1024 needs a right that users do not have, and a PORT that is not the one exposed misleads whoever connects.",
    mend: "copy the requirement files, install, then copy the sources; expose the port that is listened on",
    fix: Fixing::Never,
    same_as: "",
    check,
};

/// Ports below this need `CAP_NET_BIND_SERVICE`.
const FIRST_FREE: u16 = 1024;

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for stage in &dockerfile.file.stages {
            let mut copied = false;
            for instruction in &stage.instructions {
                match &instruction.kind {
                    Kind::Copy(words) | Kind::Add(words)
                        if !instruction.flags.iter().any(|flag| flag.name == "from") =>
                    {
                        copied |= words
                            .iter()
                            .rev()
                            .skip(1)
                            .any(|word| matches!(word.text.as_str(), "." | "./"));
                    }
                    Kind::Run(_) if copied => {
                        let installs = dockerfile
                            .scripts(instruction)
                            .iter()
                            .flat_map(all)
                            .find(|simple| installs(simple));
                        if let Some(simple) = installs {
                            report.add(
                                &RULE,
                                &document.path,
                                simple.span.clone(),
                                "dependencies are installed again after every change of a source",
                            );
                            copied = false;
                        }
                    }
                    _ => {}
                }
            }
        }
        let made: Vec<&Instruction> = dockerfile.made().map(|(_, one)| one).collect();
        let user = made.iter().rev().find_map(|one| match &one.kind {
            Kind::User(word) => Some(word.text.as_str()),
            _ => None,
        });
        let exposed: Vec<_> = made
            .iter()
            .filter_map(|one| {
                if let Kind::Expose(ports) = &one.kind {
                    Some(ports)
                } else {
                    None
                }
            })
            .flatten()
            .collect();
        let number = |text: &str| text.split('/').next().unwrap_or(text).parse::<u16>().ok();
        for port in &exposed {
            let low = number(&port.text).filter(|number| *number < FIRST_FREE);
            if let (Some(low), Some(user)) = (low, user.filter(|user| !is_root(user))) {
                report
                    .add(
                        &RULE,
                        &document.path,
                        port.span.clone(),
                        format!("{user} may not listen on port {low}"),
                    )
                    .help("listen on a port from 1024 on");
            }
        }
        let said = made.iter().rev().find_map(|one| match &one.kind {
            Kind::Env(pairs) => pairs
                .iter()
                .find(|pair| pair.name.text == "PORT")
                .and_then(|pair| pair.value.as_ref()),
            _ => None,
        });
        if let Some(word) = said
            && let Some(port) = number(word.text.trim_matches(['"', '\'']))
            && !exposed.is_empty()
            && exposed
                .iter()
                .all(|one| number(&one.text).is_some_and(|one| one != port))
        {
            report
                .add(
                    &RULE,
                    &document.path,
                    word.span.clone(),
                    format!("PORT is {port}, and EXPOSE says {}", exposed[0].text),
                )
                .help("write one port everywhere");
        }
    }
}

/// Whether it installs what a file of the sources lists.
fn installs(simple: &crate::shell::Simple) -> bool {
    let Some(one) = Packages::of(simple) else {
        return false;
    };
    let listed = || {
        simple.words.iter().any(|word| {
            word.raw == "-r" || word.raw.starts_with("--requirement") || word.raw.starts_with("-r")
        })
    };
    match (one.manager, one.verb) {
        (_, "install") if one.is_pip() => listed(),
        ("npm" | "pnpm", "ci" | "install" | "i") | ("yarn", "install") => {
            one.names().is_empty() && !simple.flag('g', "global")
        }
        ("uv", "sync") | ("pipenv", "install" | "sync") | ("go", "mod") => true,
        _ => false,
    }
}
