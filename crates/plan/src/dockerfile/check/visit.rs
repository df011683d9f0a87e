//! The walk over a Dockerfile: every rule sees what it is about.

use super::facts::Facts;
use super::finding::{CheckFinding, Report};
use super::remark::Remark;
use super::scope::{self, Scope};
use super::settings::Settings;
use super::{
    casing, command, continuation, copy, description, from, port, secret, stage, variable,
};
use crate::dockerfile::{Dockerfile, Instruction, Kind, Variables};

/// Finds what is probably not meant, in the order of the text. `dockerfile` was read from `text`.
pub fn check(dockerfile: &Dockerfile, text: &str, facts: &Facts<'_>) -> Vec<CheckFinding> {
    let settings = Settings::of(dockerfile);
    let mut visit = Visit {
        text,
        facts,
        escape: dockerfile.directives.escape,
        capitals: casing::majority(dockerfile),
        globals: scope::globals(dockerfile, |name| facts.arguments.get(name)),
        defaults: scope::globals(dockerfile, |_| None),
        dockerfile,
        after: 0,
        report: Report::new(settings),
    };
    for argument in &dockerfile.arguments {
        let remark = visit.enter(argument);
        description::check(argument, None, &remark, &mut visit.report);
        continuation::check(argument, text, &mut visit.report);
    }
    let mut scopes: Vec<(Option<String>, Scope)> = Vec::new();
    for index in 0..dockerfile.stages.len() {
        let scope = visit.stage(index, &scopes);
        scopes.push((scope::name(&dockerfile.stages[index]), scope));
    }
    visit.report.finish()
}

impl Settings {
    /// What the directive at the top of `dockerfile` says.
    pub fn of(dockerfile: &Dockerfile) -> Self {
        let check = dockerfile.directives.check.as_ref();
        check
            .and_then(|word| Self::read(&word.text).ok())
            .unwrap_or_default()
    }
}

struct Visit<'a> {
    text: &'a str,
    facts: &'a Facts<'a>,
    escape: char,
    /// Whether most instructions are written in capitals.
    capitals: bool,
    /// Arguments that `FROM` can use.
    globals: Variables,
    /// The same, as if none were given.
    defaults: Variables,
    dockerfile: &'a Dockerfile,
    /// Where the instruction before ends.
    after: usize,
    report: Report,
}

impl<'a> Visit<'a> {
    /// What stands above `instruction`.
    fn enter(&mut self, instruction: &Instruction) -> Remark<'a> {
        let span = &instruction.span;
        let between = self.text.get(self.after..span.start);
        self.after = span.end;
        let remark = Remark::read(between.unwrap_or_default());
        self.report.enter(remark.settings.as_ref());
        remark
    }

    fn stage(&mut self, index: usize, scopes: &[(Option<String>, Scope)]) -> Scope {
        let stage = &self.dockerfile.stages[index];
        let remark = self.enter(&stage.from);
        casing::check(&stage.from, self.capitals, &mut self.report);
        casing::check_stage(stage, self.text, &mut self.report);
        continuation::check(&stage.from, self.text, &mut self.report);
        description::check(&stage.from, Some(stage), &remark, &mut self.report);
        stage::check(stage, scopes, &mut self.report);
        from::check(
            stage,
            &from::Arguments {
                dockerfile: self.dockerfile,
                globals: &self.globals,
                defaults: &self.defaults,
            },
            &mut self.report,
        );
        let escape = self.escape;
        let image =
            crate::dockerfile::expand::word(&stage.image.text, escape, &self.globals.lookup()).ok();
        let base = scope::base(scopes, image.as_deref());
        let mut scope = Scope::begin(index, base, image.as_deref(), self.facts);
        let mut last = command::Last::default();
        for instruction in &stage.instructions {
            let remark = self.enter(instruction);
            self.instruction(instruction, &remark, &mut scope, &mut last);
        }
        scope
    }

    fn instruction(
        &mut self,
        instruction: &Instruction,
        remark: &Remark<'_>,
        scope: &mut Scope,
        last: &mut command::Last,
    ) {
        let (escape, report) = (self.escape, &mut self.report);
        casing::check(instruction, self.capitals, report);
        continuation::check(instruction, self.text, report);
        command::check(instruction, scope, last, report);
        match &instruction.kind {
            Kind::Arg(pairs) => {
                description::check(instruction, None, remark, report);
                for pair in pairs {
                    secret::check("ARG", pair, report);
                    variable::check_argument(pair, scope, self.facts, escape, report);
                    scope.argument(pair, &self.globals, self.facts, escape);
                }
            }
            Kind::Env(pairs) => {
                variable::check(instruction, scope, escape, report);
                stage::check_legacy(instruction, pairs, report);
                for pair in pairs {
                    secret::check("ENV", pair, report);
                }
                scope.environment(pairs, escape);
            }
            Kind::Label(pairs) => {
                variable::check(instruction, scope, escape, report);
                stage::check_legacy(instruction, pairs, report);
            }
            Kind::Workdir(path) => {
                variable::check(instruction, scope, escape, report);
                stage::check_workdir(path, scope, escape, report);
                scope.workdir = true;
            }
            Kind::Copy(words) | Kind::Add(words) => {
                variable::check(instruction, scope, escape, report);
                copy::check(instruction, words, scope, (self.facts, escape), report);
            }
            Kind::Expose(ports) => port::check(ports, scope, escape, report),
            Kind::Shell(_) => scope.shell = true,
            Kind::Maintainer(_) => stage::check_maintainer(instruction, report),
            _ => variable::check(instruction, scope, escape, report),
        }
    }
}
