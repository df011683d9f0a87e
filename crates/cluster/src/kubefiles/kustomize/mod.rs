//! A part of kustomize: what it makes of a folder, as kubectl 1.36 does it.
//!
//! ```text
//! resources + generated -> patches -> namespace -> names -> labels -> annotations -> images -> references to what has another name now
//! ```
//! Here: files and folders of this folder as `resources`, generators of literals, files and variables without a mark in the name,
//! patches that are lists of operations (RFC 6902), `namePrefix`, `nameSuffix`, `labels`, `commonLabels`, `commonAnnotations`, `images`. All
//! else is a mistake that is told by its name.

mod file;
mod folder;
mod generate;
mod image;
mod label;
mod patch;
mod reference;

pub use folder::built;
