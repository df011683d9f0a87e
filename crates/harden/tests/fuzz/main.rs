//! Every reader of `check` gets damaged files: nothing panics, no place leaves the text, nothing of a file is lost.
//!
//! A few seconds by default, of the same inputs each time. As many as you want:
//!
//! ```text
//! just fuzz-check 10000000
//! ```
//! That is a build with optimisation and the variable `BOATYARD_FUZZ`. `BOATYARD_FUZZ_SEED=N` gives other inputs. An input
//! that makes a reader fall is printed, with its seed.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the number of inputs is a variable; what fell and how many were read is printed"
)]

#[path = "../case/mod.rs"]
mod case;
mod chance;

use std::collections::BTreeMap;
use std::env;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use boatyard_harden::check::check;
use boatyard_harden::conceal;
use boatyard_harden::dockerfile::Dockerfile;
use boatyard_harden::edit::{self, Edit};
use boatyard_harden::finding::Finding;
use boatyard_harden::fix::fix;
use boatyard_harden::format;
use boatyard_harden::shell::{self, Joined, simples};
use boatyard_harden::workspace::{Content, Workspace};
use boatyard_harden::yaml::{Node, Value};
use chance::Chance;

/// Inputs where nobody says how many.
const USUAL: u64 = 3_000;
/// One input of so many is mended as well: that reads a file many times.
const MENDED: usize = 32;

#[test]
fn damaged_files_are_read() {
    let count = number("BOATYARD_FUZZ", USUAL);
    let seed = number("BOATYARD_FUZZ_SEED", 0);
    let good = good();
    assert!(
        good.len() > 100,
        "the cases of the rules are what is damaged"
    );
    let mut kinds = [0_u64; 5];
    for index in 0..count {
        let mut chance = Chance::new(seed.wrapping_mul(1 << 40).wrapping_add(index));
        let (name, text) = chance.input(&good);
        let mend = chance.below(MENDED) == 0;
        let run = AssertUnwindSafe(|| read(&name, &text, mend));
        match catch_unwind(run) {
            Ok(kind) => kinds[kind] += 1,
            Err(panic) => {
                println!("input {index} of seed {seed}, {name}: {text:?}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    let [docker, scripts, composes, manifests, other] = kinds;
    println!(
        "{count} inputs from seed {seed}: {docker} Dockerfiles, {scripts} scripts, {composes} Compose files, {manifests} manifests, {other} others"
    );
    assert!(docker.min(scripts).min(composes).min(manifests) > 0);
}

/// Inputs that once made a reader fall.
#[test]
fn what_fell_is_read() {
    // A mend that is possible only once another one is made.
    let text = "FROM python:3.12-sl]im-b\u{feff}ookorm\nCMD [\"pyworm\nCMD [\"pyt  hon\"\u{feff}\", \"-u\",\\ \"-B";
    assert_eq!(read("b/Dockerfile", text, true), 0);
}

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// All files of all cases: name, text.
fn good() -> Vec<(String, String)> {
    let cases = case::all().into_iter().map(|(_, file)| {
        let text = std::fs::read_to_string(file).unwrap();
        case::Case::read(&text).files
    });
    cases
        .flatten()
        .filter(|(name, _)| !name.starts_with("image:"))
        .collect()
}

/// Reads, checks and perhaps mends one file; says what kind it was.
fn read(name: &str, text: &str, mend: bool) -> usize {
    let files = BTreeMap::from([(name.to_owned(), text.to_owned())]);
    let workspace = case::workspace(&files);
    let found = check(&workspace);
    for finding in &found {
        place(text, &finding.span);
        let shown = conceal::line(text, finding.rule.id, &finding.span);
        assert_eq!(shown.len(), text.len(), "what is shown has other places");
    }
    let kind = whole(&workspace, text);
    if mend {
        // What is told of it.
        let all: Vec<&Finding> = found.iter().collect();
        let _ = (
            format::json(&found, &workspace),
            format::sarif(&found, &workspace),
        );
        let once = fix(workspace, true);
        let _ = conceal::both((text, &all), (&once.workspace.documents[0].text, &[]));
        let twice = fix(once.workspace, true);
        assert!(
            twice.files.is_empty(),
            "a second fix changes {:?}",
            twice.files
        );
    }
    kind
}

/// What was read, printed at its places, is the text: no part is lost and none is there twice.
fn whole(workspace: &Workspace, text: &str) -> usize {
    let document = &workspace.documents[0];
    for mistake in &document.mistakes {
        place(text, &mistake.span);
    }
    match &document.content {
        Content::Dockerfile(dockerfile) => {
            instructions(dockerfile, text, document.mistakes.is_empty());
            0
        }
        Content::Script(_) => {
            script(text);
            1
        }
        Content::Compose(yaml) => {
            leaves(&yaml.root, text);
            2
        }
        Content::Manifests(list) => {
            for yaml in list {
                leaves(&yaml.root, text);
            }
            3
        }
        Content::Project(_) | Content::Found(_) | Content::Template | Content::Other => 4,
    }
}

fn instructions(dockerfile: &Dockerfile, text: &str, is_read: bool) {
    let file = &dockerfile.file;
    let stages = file
        .stages
        .iter()
        .flat_map(|stage| std::iter::once(&stage.from).chain(&stage.instructions));
    let all = file.arguments.iter().chain(stages);
    let mut spans: Vec<Range<usize>> = all.map(|it| it.span.clone()).collect();
    spans.sort_by_key(|span| span.start);
    same(text, &spans);
    if !is_read {
        return;
    }
    // Between instructions are comments, lines that are continued with nothing, and nothing.
    let mut at = 0;
    for span in spans
        .iter()
        .cloned()
        .chain(std::iter::once(text.len()..text.len()))
    {
        for line in text[at..span.start].lines() {
            let line = line.trim_start_matches('\u{feff}').trim();
            let line = line.trim_end_matches(dockerfile.escape());
            assert!(
                line.is_empty() || line.starts_with('#'),
                "{line:?} belongs to no instruction"
            );
        }
        at = span.end;
    }
}

fn script(text: &str) {
    let script = shell::parse(&Joined::plain(text, 0..text.len()));
    same(text, &script.comments);
    // Comments may lie in words: `$(a # b` is one.
    let mut spans = Vec::new();
    simples(&script.items, &mut |simple, context| {
        place(text, &simple.span);
        if !context.inner {
            spans.extend(simple.words.iter().map(|word| word.span.clone()));
        }
    });
    spans.sort_by_key(|span| (span.start, span.end));
    same(text, &spans);
}

fn leaves(root: &Node, text: &str) {
    let mut spans = Vec::new();
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        if node.aliased {
            continue;
        }
        match &*node.value {
            Value::Scalar(..) => spans.push(node.span.clone()),
            Value::Sequence(items, _) => left.extend(items),
            Value::Mapping(entries, _) => {
                left.extend(entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
            }
        }
    }
    spans.sort_by_key(|span| (span.start, span.end));
    same(text, &spans);
}

/// Puts what is at `spans` in its own place.
fn same(text: &str, spans: &[Range<usize>]) {
    for two in spans.windows(2) {
        assert!(two[0].end <= two[1].start, "{two:?} overlap");
    }
    let edits: Vec<Edit> = spans
        .iter()
        .map(|span| {
            place(text, span);
            Edit::replace("", span.clone(), &text[span.clone()])
        })
        .collect();
    let printed = edit::apply(text, &edits).expect("places overlap");
    // An edit's lines end as those of the file do, which a file that has both kinds would notice.
    let mixed = text.contains("\r\n");
    assert!(mixed || printed == text, "printed: {printed:?}");
}

fn place(text: &str, span: &Range<usize>) {
    assert!(
        text.get(span.clone()).is_some(),
        "{span:?} is no part of the text"
    );
}
