//! All simple commands of a script.

use super::model::{Command, Item, Link, List, Pipeline, Simple, Word};

/// Where a simple command stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command can stand in all of these at once"
)]
pub struct Context {
    /// In a function's body.
    pub function: bool,
    /// In `$(...)`, backticks or a subshell.
    pub inner: bool,
    /// Its outcome is asked for: a condition, `||` after it, `!` before it.
    pub tested: bool,
    /// In the background.
    pub background: bool,
    /// In a loop.
    pub repeated: bool,
    /// In a branch of a condition or a case.
    pub branch: bool,
    /// Part of a pipe.
    pub piped: bool,
}

/// Calls `see` for every simple command in the order of the text, those in words included.
pub fn simples<'s>(list: &'s List, see: &mut dyn FnMut(&'s Simple, Context)) {
    walk(list, Context::default(), see);
}

fn walk<'s>(list: &'s List, context: Context, see: &mut dyn FnMut(&'s Simple, Context)) {
    for Item {
        first,
        rest,
        background,
        ..
    } in list
    {
        let mut here = context;
        here.background |= background.is_some();
        let one = |pipeline: &'s Pipeline,
                   next: Option<Link>,
                   see: &mut dyn FnMut(&'s Simple, Context)| {
            let mut here = here;
            here.tested |= pipeline.negated || next.is_some_and(|link| link == Link::Or);
            here.piped |= pipeline.commands.len() > 1;
            for inner in &pipeline.commands {
                command(inner, here, see);
            }
        };
        one(first, rest.first().map(|next| next.link), see);
        for (index, next) in rest.iter().enumerate() {
            one(
                &next.pipeline,
                rest.get(index + 1).map(|next| next.link),
                see,
            );
        }
    }
}

fn command<'s>(of: &'s Command, context: Context, see: &mut dyn FnMut(&'s Simple, Context)) {
    let branch = Context {
        branch: true,
        ..context
    };
    let tested = Context {
        tested: true,
        ..context
    };
    let inner = Context {
        inner: true,
        ..context
    };
    match of {
        Command::Simple(simple) => {
            see(simple, context);
            let values = simple.assignments.iter().map(|one| &one.value);
            let targets = simple.redirects.iter().map(|one| &one.target);
            for Word { commands, .. } in values.chain(&simple.words).chain(targets) {
                for list in commands {
                    walk(list, inner, see);
                }
            }
        }
        Command::If {
            branches,
            otherwise,
            ..
        } => {
            for (condition, body) in branches {
                walk(condition, tested, see);
                walk(body, branch, see);
            }
            if let Some(body) = otherwise {
                walk(body, branch, see);
            }
        }
        Command::Case { subject, arms, .. } => {
            for list in &subject.commands {
                walk(list, inner, see);
            }
            for arm in arms {
                walk(&arm.body, branch, see);
            }
        }
        Command::Loop {
            condition, body, ..
        } => {
            walk(condition, tested, see);
            walk(
                body,
                Context {
                    repeated: true,
                    ..context
                },
                see,
            );
        }
        Command::Group(list, _) => walk(list, context, see),
        Command::Subshell(list, _) => walk(list, inner, see),
        Command::Function { body, .. } => {
            command(
                body,
                Context {
                    function: true,
                    ..context
                },
                see,
            );
        }
        Command::Test(_) => {}
    }
}
