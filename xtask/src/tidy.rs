//! All rules on one checkout.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::exception::{self, EXCEPTIONS};
use crate::finding::Finding;
use crate::graph::Graph;
use crate::rule;
use crate::tree::Tree;

/// The folder of the workspace this program was built from.
pub fn workspace() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Everything that is wrong in the checkout at `root`, sorted. Fails if it cannot be read or cargo does not answer.
pub fn check(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let tree = Tree::read(root).with_context(|| format!("cannot read {}", root.display()))?;
    let graph = Graph::read(root)?;
    let findings = [
        rule::declare::check(&tree),
        rule::dependency::check(&graph),
        rule::length::check(&tree),
        rule::link::check(&tree),
        rule::lints::check(&tree),
        rule::name::check(&tree),
        rule::purity::check(&tree),
        rule::readme::check(&tree),
        rule::shown::check(&tree),
        rule::trace::check(&tree),
        rule::unsafety::check(&tree),
    ];
    Ok(exception::apply(findings.concat(), EXCEPTIONS))
}
