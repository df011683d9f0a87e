//! What will happen: the project file, the build plan, the run plan, image configuration, diagnostics, events.
//!
//! PURE: no file system, processes, network, clock or randomness. Data in, data out.
//!
//! ```text
//! text --project::parse--> Project --build::plan--> BuildPlan    (stages, steps, images)
//!                                  '--run::plan---> RunPlan      (processes, order, ports)
//! ```

pub mod attest;
pub mod backing;
pub mod build;
pub mod detect;
pub mod diagnostic;
pub mod digest;
pub mod dockerfile;
pub mod document;
pub mod event;
pub mod failure;
pub mod handover;
pub mod image;
pub mod lock;
pub mod project;
pub mod reference;
pub mod release;
pub mod run;
pub mod s2i;
pub mod sbom;
pub mod secret;
pub mod sources;
pub mod variant;
pub mod verify;
