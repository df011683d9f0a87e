//! The rules: one file each, `check` in every one.

pub mod declare;
pub mod dependency;
pub mod length;
pub mod link;
pub mod lints;
pub mod name;
pub mod purity;
pub mod readme;
pub mod shown;
pub mod trace;
pub mod unsafety;
