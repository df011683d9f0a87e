//! Secrets on command lines, wherever a command line stands.

use boatyard_plan::secret::{Given, in_command};

use crate::yaml::Node;

/// The secrets in the words of a command, which is a line or a list; with the node that each is in, and its place in what that says.
pub(super) fn in_node(command: &Node) -> Vec<(Node, Given)> {
    let nodes = if command.is_list() {
        command.items()
    } else {
        vec![command.clone()]
    };
    in_nodes(&nodes)
}

/// The same for a list of words.
pub(super) fn in_nodes(nodes: &[Node]) -> Vec<(Node, Given)> {
    let mut line = String::new();
    let mut starts = Vec::new();
    for node in nodes {
        starts.push(line.len());
        line.push_str(node.text().unwrap_or_default());
        line.push('\n');
    }
    let place = |mut given: Given| {
        let at = starts.partition_point(|start| *start <= given.span.start) - 1;
        let start = starts[at];
        for span in [&mut given.span, &mut given.word] {
            *span = span.start - start..span.end - start;
        }
        (nodes[at].clone(), given)
    };
    in_command(&line).into_iter().map(place).collect()
}
