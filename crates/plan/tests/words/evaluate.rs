//! Whole Dockerfiles: what is done, and what the image comes to.

use boatyard_plan::dockerfile::Op;
use boatyard_plan::dockerfile::evaluate::{Beginning, State};
use boatyard_plan::image::RunConfig;
use proptest::prelude::*;

use super::steps::steps;
use super::{case, explain, given};

#[test]
fn what_is_done() {
    let count = case::run("../words/steps", |text| match steps(text) {
        Ok(steps) => steps,
        Err(mistakes) => panic!("{text}\n{}", explain::mistakes(&mistakes, text)),
    });
    assert!(count > 80, "only {count} cases were found");
}

#[test]
fn what_is_refused() {
    let count = case::run("../words/refused", |text| match steps(text) {
        Ok(steps) => panic!("{text}\n{steps}"),
        Err(mistakes) => explain::mistakes(&mistakes, text),
    });
    assert!(count > 60, "only {count} cases were found");
}

/// The first stage of a Dockerfile, at its beginning.
fn begin(text: &str) -> (State, Vec<boatyard_plan::dockerfile::Instruction>) {
    let given = given::given(text);
    let (dockerfile, graph) = given.plan(text).unwrap();
    let state = State::begin(&Beginning {
        dockerfile: &dockerfile,
        graph: &graph,
        node: &graph.nodes[0],
        arguments: &given.arguments,
        config: &RunConfig::default(),
        scope: None,
    });
    (state, dockerfile.stages[0].instructions.clone())
}

#[test]
fn passwords_of_proxies_are_not_shown() {
    let (mut state, instructions) = begin(
        "#! arg http_proxy=http://me:hunter2@proxy\n#! arg TOKEN=hunter3\nFROM a\nARG TOKEN\nRUN x\n",
    );
    let mut ops = Vec::new();
    for instruction in &instructions {
        ops.push(state.step(instruction).unwrap());
    }
    let Some(Op::Run(run)) = ops.pop() else {
        panic!("the last instruction is RUN")
    };
    assert!(
        run.proxy
            .0
            .iter()
            .any(|(_, value)| value.contains("hunter2"))
    );
    assert!(run.env.iter().all(|(_, value)| !value.contains("hunter2")));
    assert!(!format!("{run:?}").contains("hunter2"));
    let end = state.finish();
    assert!(!format!("{end:?}").contains("hunter2"));
    assert!(!format!("{:?}", end.scope).contains("hunter3"));
}

#[test]
fn titles() {
    let text = "FROM a\nENV A=1\nrun echo \"$A\" '$A' $B\ncopy --from=b $A/x  \"y\"\nUSER ${X^^}\n";
    let (mut state, instructions) = begin(&text.replace("--from=b ", ""));
    let mut titles = Vec::new();
    for instruction in &instructions {
        titles.push(state.title(instruction));
        // The last one is wrong, and has a title all the same.
        let _ = state.step(instruction);
    }
    assert_eq!(
        titles,
        [
            "ENV A=1",
            "RUN echo \"1\" '$A' $B",
            "COPY 1/x  y",
            "USER ${X^^}",
        ]
    );
}

proptest! {
    #[test]
    fn the_same_lines_do_the_same(picks in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8), 1..8)) {
        let mut lines = Vec::new();
        for case in case::all("../words/steps").iter().chain(&case::all("../words/refused")) {
            let text = case.text();
            // Documents would swallow what comes after them.
            let whole = text.lines().filter(|line| !line.contains("<<") && !line.starts_with('#'));
            lines.extend(whole.map(str::to_owned));
        }
        let mut text = String::from("FROM a AS one\n");
        for (pick, cut) in &picks {
            let line = &lines[pick.index(lines.len())];
            // Some lose their end.
            let keep = line.chars().count() * (8 - usize::from(*cut)) / 8;
            text.extend(line.chars().take(keep));
            text.push('\n');
        }
        let (once, again) = (steps(&text), steps(&text));
        prop_assert_eq!(once, again);
    }
}
