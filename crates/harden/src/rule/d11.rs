//! D11: how system packages are installed.

use boatyard_plan::dockerfile::{Instruction, Kind, Stage};

use super::command::{Packages, all};
use super::left::left;
use super::{Fixing, Rule};
use crate::dockerfile::Dockerfile;
use crate::edit::Edit;
use crate::finding::Severity;
use crate::image::What;
use crate::report::Report;
use crate::shell::{Script, Word};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D11",
    severity: Severity::Warning,
    title: "system packages are installed the wrong way",
    why: "Without -y a build waits for an answer that nobody gives. Recommended packages and package lists that stay make the image larger \
          by tens of megabytes. An update in a layer of its own is kept while what comes after it changes, and then does not fit any more.",
    mend: "apt-get update && apt-get install -y --no-install-recommends ... && rm -rf /var/lib/apt/lists/*",
    fix: Fixing::Safe,
    same_as: "hadolint DL3009, DL3014, DL3015, DL3018, DL3027, DL3032, DL3040; trivy DS-0017, DS-0019, DS-0020, DS-0021, DS-0024, DS-0025, DS-0029; \
              checkov CKV_DOCKER_5 and CKV_DOCKER_9",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    left(&RULE, &What::SystemCache, workspace, report);
    for (document, dockerfile) in workspace.dockerfiles() {
        for (stage, instruction, script) in dockerfile.runs() {
            let mut here = Here {
                path: &document.path,
                dockerfile,
                stage,
                instruction,
                script,
                report,
            };
            here.check();
        }
    }
}

struct Here<'a> {
    path: &'a str,
    dockerfile: &'a Dockerfile,
    stage: &'a Stage,
    instruction: &'a Instruction,
    script: &'a Script,
    report: &'a mut Report,
}

impl<'a> Here<'a> {
    fn check(&mut self) {
        let commands = all(self.script);
        let packages: Vec<Packages<'a>> = commands
            .iter()
            .filter_map(|simple| Packages::of(simple))
            .collect();
        for one in &packages {
            match one.manager {
                "apt-get" | "apt" | "aptitude" => self.apt(one),
                "apk" if one.verb == "add" => self.apk(one),
                "yum" | "dnf" | "microdnf" | "zypper" if one.verb == "install" => self.answer(one),
                _ => {}
            }
        }
        let apt = |verb: &str| {
            packages
                .iter()
                .find(|one| one.manager.starts_with("apt") && one.verb == verb)
        };
        if let (Some(update), None, None) = (apt("update"), apt("install"), apt("upgrade"))
            && packages.iter().all(|one| {
                one.verb != "dist-upgrade" && one.verb != "full-upgrade" && one.verb != "build-dep"
            })
            && commands
                .iter()
                .filter(|simple| !simple.words.is_empty())
                .count()
                <= 2
        {
            let span = update.simple.span.clone();
            self.report
                .add(
                    &RULE,
                    self.path,
                    span,
                    format!("{} update has a layer of its own", update.manager),
                )
                .help("put it into the RUN that installs: update && install");
        }
        if let Some(install) = apt("install") {
            self.lists(install);
        }
    }

    fn apt(&mut self, one: &Packages<'a>) {
        let word = one
            .simple
            .words
            .iter()
            .find(|word| word.text.as_deref() == Some("apt"));
        if let Some(word) = word.filter(|_| one.manager == "apt") {
            self.report
                .add(
                    &RULE,
                    self.path,
                    word.span.clone(),
                    "apt is for people: its interface changes",
                )
                .help("write apt-get")
                .safe([Edit::replace(self.path, word.span.clone(), "apt-get")]);
        }
        if matches!(one.verb, "dist-upgrade" | "full-upgrade") {
            let span = one.simple.span.clone();
            self.report
                .add(
                    &RULE,
                    self.path,
                    span,
                    format!("{} {} changes the release", one.manager, one.verb),
                )
                .help("start from a newer base image");
        }
        if one.verb != "install" {
            return;
        }
        self.answer(one);
        let recommends = one.simple.words.iter().any(|word| {
            word.raw.starts_with("--no-install-recommends")
                || word.raw.contains("Install-Recommends=")
                || word.raw == "--install-recommends"
        });
        if !recommends
            && one.manager != "aptitude"
            && !configured(self.dockerfile, "Install-Recommends")
        {
            self.report
                .add(
                    &RULE,
                    self.path,
                    one.simple.span.clone(),
                    "recommended packages are installed, too",
                )
                .help("add --no-install-recommends, and name what you need of them")
                .suggested([Edit::insert(
                    self.path,
                    one.after_verb(),
                    " --no-install-recommends",
                )]);
        }
    }

    /// `-y` for a manager that asks.
    fn answer(&mut self, one: &Packages<'a>) {
        let yes = |word: &Word| {
            let text = word.raw.as_str();
            matches!(
                text,
                "--yes" | "--assume-yes" | "--assumeyes" | "--non-interactive" | "--force-yes"
            ) || text.contains("Assume-Yes")
                || text == "-qq"
                || text.starts_with("-q=2")
                || (text.starts_with('-') && !text.starts_with("--") && text.contains('y'))
        };
        let quiet = one
            .simple
            .words
            .iter()
            .filter(|word| word.raw == "-q")
            .count()
            > 1;
        if one.simple.words.iter().any(yes)
            || quiet
            || configured(self.dockerfile, "Assume-Yes")
            || one.manager == "microdnf"
        {
            return;
        }
        let fed = self.script.items.iter().any(|item| {
            let pipelines =
                std::iter::once(&item.first).chain(item.rest.iter().map(|next| &next.pipeline));
            let mut all = pipelines.filter(|pipeline| pipeline.commands.len() > 1);
            all.any(|pipeline| {
                pipeline.span.start <= one.simple.span.start
                    && one.simple.span.end <= pipeline.span.end
            })
        });
        if fed {
            return;
        }
        let flag = if one.manager == "zypper" {
            " --non-interactive"
        } else {
            " -y"
        };
        let at = if one.manager == "zypper" {
            one.simple.words[one.at - 1].span.end
        } else {
            one.after_verb()
        };
        self.report
            .add(
                &RULE,
                self.path,
                one.simple.span.clone(),
                format!("{} install asks, and nobody answers", one.manager),
            )
            .help(format!("add{flag}"))
            .safe([Edit::insert(self.path, at, flag)]);
    }

    fn apk(&mut self, one: &Packages<'a>) {
        let updated = all(self.script).iter().any(|simple| {
            simple.program() == Some("rm")
                && simple
                    .words
                    .iter()
                    .any(|word| word.raw.contains("/var/cache/apk"))
        });
        if one.simple.flag('\0', "no-cache")
            || updated
            || self.mounts("/var/cache/apk")
            || self.mounts("/etc/apk/cache")
        {
            return;
        }
        self.report
            .add(
                &RULE,
                self.path,
                one.simple.span.clone(),
                "the index of packages stays in the layer",
            )
            .help("add --no-cache")
            .safe([Edit::insert(self.path, one.after_verb(), " --no-cache")]);
    }

    /// Package lists that stay.
    fn lists(&mut self, install: &Packages<'a>) {
        let text = |simple: &crate::shell::Simple| {
            simple
                .words
                .iter()
                .map(|word| word.raw.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let removed = all(self.script).iter().any(|simple| {
            let said = text(simple);
            said.contains("/var/lib/apt")
                && (simple.program() == Some("rm") || simple.program() == Some("find"))
        });
        let updates = all(self.script)
            .iter()
            .any(|simple| Packages::of(simple).is_some_and(|one| one.verb == "update"));
        if removed
            || !updates
            || self.mounts("/var/lib/apt")
            || !self.dockerfile.is_kept(self.stage)
        {
            return;
        }
        let (span, stops) = (install.simple.span.clone(), self.stops());
        let finding = self.report.add(
            &RULE,
            self.path,
            span,
            "the package lists stay in the layer",
        );
        finding.help("end with && rm -rf /var/lib/apt/lists/*");
        // The end has to be reached whenever the install was: a chain of && as the only item.
        let chained = self.script.items.last().filter(|item| {
            item.background.is_none()
                && item
                    .rest
                    .iter()
                    .all(|next| next.link == crate::shell::Link::And)
                && self.script.items.len() == 1
        });
        match chained {
            Some(item)
                if self.instruction.heredocs.is_empty() && self.script.mistakes.is_empty() =>
            {
                finding.safe([Edit::insert(
                    self.path,
                    item.span.end,
                    " && rm -rf /var/lib/apt/lists/*",
                )]);
            }
            _ if stops => {
                let end = self.script.items.last().map_or(0, |item| item.span.end);
                let line = "\nrm -rf /var/lib/apt/lists/*";
                finding.safe([Edit::insert(self.path, end, line)]);
            }
            _ => {
                finding.refuse(
                    "the commands are not one chain of &&, so it cannot be said where to clean up",
                );
            }
        }
    }

    /// Whether it is a document that ends at the first failure, so that another line at its end hides none.
    fn stops(&self) -> bool {
        let sets = |simple: &&crate::shell::Simple| {
            simple.program() == Some("set") && simple.flag('e', "errexit")
        };
        !self.instruction.heredocs.is_empty()
            && self.script.mistakes.is_empty()
            && all(self.script).first().is_some_and(sets)
    }

    fn mounts(&self, folder: &str) -> bool {
        mounts(self.instruction, folder)
    }
}

/// Whether a cache or another mount lies on `folder` or above it.
pub(super) fn mounts(instruction: &Instruction, folder: &str) -> bool {
    instruction
        .flags
        .iter()
        .filter(|flag| flag.name == "mount")
        .filter_map(|flag| flag.value.as_ref())
        .flat_map(|value| value.text.split(','))
        .filter_map(|field| field.split_once('='))
        .any(|(key, value)| {
            matches!(key, "target" | "dst" | "destination")
                && (folder.starts_with(value.trim_end_matches('/')) || value.starts_with(folder))
        })
}

/// Whether a file that is written here sets `option` of apt.
fn configured(dockerfile: &Dockerfile, option: &str) -> bool {
    dockerfile.instructions().any(|(_, instruction)| {
        let said = |text: &str| text.contains("apt.conf") && text.contains(option);
        matches!(instruction.kind, Kind::Run(_) | Kind::Copy(_))
            && (said(&instruction.line)
                || instruction
                    .heredocs
                    .iter()
                    .any(|heredoc| heredoc.text.contains(option)))
    })
}
