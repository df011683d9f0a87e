//! Builds of Dockerfiles that another engine does: docker, podman or buildah.
//!
//! ```text
//! boatyard build --engine podman --jobs 2 -t app:1 .   ->   podman build --tag=app:1 --jobs=2 .
//! boatyard build --engine docker --jobs 2 -t app:1 .   ->   docker has no word for --jobs
//! ```
//! A flag that the engine lacks is refused by name, never left out. Sources: `docker buildx build`, buildx 0.24;
//! podman-build(1) of podman 4.3; buildah-build(1) of buildah 1.28.

mod argv;
mod order;

pub use argv::{NoWord, argv};
pub use order::{Engine, Order, Pull};
