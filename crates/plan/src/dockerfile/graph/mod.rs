//! Which stages a build needs, in which order, and what each of them starts from and takes from.
//!
//! ```text
//! FROM golang AS build        0  needed: the target copies from it
//! FROM build AS test          1  not needed
//! FROM scratch                2  the target
//! COPY --from=build /app /
//! ```
//! A stage depends on the stage it starts from, on those it copies from and on those it mounts. All of them stand before it,
//! so that their order in the file is an order to build them in.

mod arguments;
mod names;
mod node;
mod plan;

pub use names::Names;
pub(in crate::dockerfile) use node::copied;
pub use node::{Base, Node, sources};
pub use plan::{Graph, Wanted, plan};
