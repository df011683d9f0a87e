//! The graph beyond what the steps show.

use boatyard_plan::dockerfile::graph::Base;

use super::given::given;

#[test]
fn stages_that_a_trigger_may_need() {
    let text = "FROM a AS one\nFROM --platform=arm64 one AS two\nFROM $NOTHING AS three\nFROM three AS four\n\
                FROM b\nCOPY --from=later x y\nFROM c AS target\nFROM d AS later\n#! target target\n";
    let (_, graph) = given(text).plan(text).unwrap();
    let stages: Vec<usize> = graph.nodes.iter().map(|node| node.stage).collect();
    assert_eq!((stages, graph.target), (vec![5], 5));
    let spare: Vec<usize> = graph.spare.iter().map(|node| node.stage).collect();
    // The third is empty, the fourth is on it, the fifth points down.
    assert_eq!(spare, [0, 1, 6]);
    let two = graph.node(1).unwrap();
    assert_eq!(two.base, Base::Stage(0));
    assert_eq!(two.platform.architecture, "amd64");
    assert_eq!(graph.node(5).unwrap().title, "target");
    assert_eq!(graph.node(2), None);
}

#[test]
fn what_a_wrong_name_may_mean() {
    let text = "FROM a AS build\nFROM b AS tools\nFROM c\n";
    let (_, graph) = given(text).plan(text).unwrap();
    for (name, before, expected) in [
        ("buidl", 2, Some("did you mean \"build\"?")),
        ("tool", 2, Some("did you mean \"tools\"?")),
        ("tool", 1, Some("known stages: build")),
        ("tool", 0, None),
    ] {
        assert_eq!(
            graph.names.suggestion(name, before).as_deref(),
            expected,
            "{name}"
        );
    }
}

#[test]
fn a_thousand_stages_are_no_work() {
    let stages = (1..1000).map(|number| {
        let before = number - 1;
        format!("FROM s{before} AS s{number}\nCOPY --from={before} a b\n")
    });
    let text: String = std::iter::once("FROM scratch AS s0\n".to_owned())
        .chain(stages)
        .collect();
    let (_, graph) = given(&text).plan(&text).unwrap();
    assert_eq!(graph.nodes.len(), 1000);
}
