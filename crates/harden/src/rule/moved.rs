//! Start-up work of a container, moved into a Job.
//!
//! ```text
//! sh -c 'cd /app && flask db upgrade && exec gunicorn app'
//!   job:  cd /app && flask db upgrade        left:  cd /app && exec gunicorn app
//! ```

use std::ops::Range;

use super::job::job;
use super::s02::work;
use crate::edit::Edit;
use crate::kubernetes::{Container, Workload};
use crate::shell::{self, Command, Joined, Link, Pipeline, simples};
use crate::workspace::Workspace;
use crate::yaml::{edit, written};

/// What is done once, and what of the script is taken out for it.
#[derive(Debug, PartialEq, Eq)]
struct Split {
    job: String,
    cut: Range<usize>,
}

/// The edits that move the work of `container` into a Job, or why there are none.
pub(super) fn edits(
    workspace: &Workspace,
    workload: &Workload<'_>,
    container: &Container,
    payload: Option<usize>,
) -> Result<Vec<Edit>, &'static str> {
    let (file, text) = (workload.file(), workload.text());
    let mut command = container.node.list("command");
    command.extend(container.node.list("args"));
    let split = payload.map(|at| {
        let node = &command[at];
        let said = node.text().unwrap_or_default();
        split(said).map(|split| (split, written(text, node)))
    });
    let (words, taken) = match split {
        Some(Ok((split, Some(written)))) => {
            let cut = Edit::remove(
                file,
                written.origin(split.cut.start)..written.origin(split.cut.end),
            );
            // The same shell with the same flags.
            let mut words = container.words();
            if let Some(at) = payload {
                words[at] = split.job;
            }
            (words, cut)
        }
        Some(Ok((_, None))) => {
            return Err("the script is written with escapes, folded or behind an alias");
        }
        Some(Err(Whole::Depends(why))) => return Err(why),
        None | Some(Err(Whole::All)) if container.init => {
            (container.words(), without(workload, container)?)
        }
        None | Some(Err(Whole::All)) => return Err("nothing would be left to run here"),
    };
    let job = job(workspace, workload, container, &words)?;
    Ok(vec![taken, job])
}

/// Why a script is not split.
#[derive(Debug, PartialEq, Eq)]
enum Whole {
    /// All of it is done once.
    All,
    /// What is done once depends on something, or something on it.
    Depends(&'static str),
}

fn split(script: &str) -> Result<Split, Whole> {
    let depends = Err(Whole::Depends(
        "whether it is done depends on a condition: only you know which",
    ));
    let read = shell::parse(&Joined::plain(script, 0..script.len()));
    if !read.mistakes.is_empty() {
        return Err(Whole::Depends("the script cannot be read"));
    }
    let mut all: Vec<(&Pipeline, bool)> = Vec::new();
    for item in &read.items {
        let or = item.rest.iter().any(|one| one.link == Link::Or);
        let condition = or || item.background.is_some();
        let rest = item.rest.iter().map(|one| &one.pipeline);
        all.extend(
            std::iter::once(&item.first)
                .chain(rest)
                .map(|one| (one, condition)),
        );
    }
    let is_work = |pipeline: &Pipeline| {
        matches!(&pipeline.commands[..], [Command::Simple(simple)] if work(simple).is_some())
            && !pipeline.negated
    };
    let mut count = 0;
    simples(&read.items, &mut |simple, _| {
        count += usize::from(work(simple).is_some());
    });
    let Some(first) = all.iter().position(|(one, _)| is_work(one)) else {
        return depends;
    };
    let done: Vec<_> = all[first..]
        .iter()
        .take_while(|(one, _)| is_work(one))
        .collect();
    let last = first + done.len();
    // Work further down, in a branch, or with something in its place when it fails.
    if done.len() != count || done.iter().any(|(_, condition)| *condition) {
        return depends;
    }
    let Some((next, _)) = all.get(last) else {
        return Err(Whole::All);
    };
    Ok(Split {
        job: script[..all[last - 1].0.span.end].trim().to_owned(),
        cut: all[first].0.span.start..next.span.start,
    })
}

/// Takes an init container out.
fn without(workload: &Workload<'_>, container: &Container) -> Result<Edit, &'static str> {
    const SHARED: &str = "the init container is written in a way that is not edited";
    let (file, text) = (workload.file(), workload.text());
    let list = workload.pod.get("initContainers").ok_or(SHARED)?;
    let items = list.items();
    if items.len() == 1 {
        return edit::remove(file, text, &workload.pod, "initContainers").ok_or(SHARED);
    }
    let at = items
        .iter()
        .position(|item| item.span == container.node.span);
    edit::remove_item(file, text, &list, at.ok_or(SHARED)?).ok_or(SHARED)
}

#[cfg(test)]
mod tests {
    use super::{Split, Whole, split};

    #[test]
    fn scripts() {
        for (script, job, left) in [
            (
                "flask db upgrade && exec gunicorn a",
                "flask db upgrade",
                "exec gunicorn a",
            ),
            (
                "cd /app && flask db upgrade && exec gunicorn a",
                "cd /app && flask db upgrade",
                "cd /app && exec gunicorn a",
            ),
            (
                "set -e\npython manage.py migrate\n./manage.py loaddata x\nexec gunicorn a\n",
                "set -e\npython manage.py migrate\n./manage.py loaddata x",
                "set -e\nexec gunicorn a\n",
            ),
        ] {
            let Split { job: found, cut } = split(script).expect("it can be split");
            assert_eq!(found, job);
            let mut rest = script.to_owned();
            rest.replace_range(cut, "");
            assert_eq!(rest, left);
        }
        assert_eq!(split("cd /app && flask db upgrade"), Err(Whole::All));
        for script in [
            "flask db upgrade || true; exec gunicorn a",
            "if [ -n \"$M\" ]; then flask db upgrade; fi; exec gunicorn a",
            "flask db upgrade & exec gunicorn a",
            "flask db upgrade; gunicorn a & ./manage.py loaddata x",
        ] {
            assert!(matches!(split(script), Err(Whole::Depends(_))), "{script}");
        }
    }
}
