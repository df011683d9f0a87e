//! Images that are built, as files that can be checked: what an image is set to do reads like a Dockerfile, and what is in its
//! layers or its history and should not be has a place of its own.
//!
//! ```text
//! image:shop/app:1                            USER, ENV, ENTRYPOINT, CMD, ... as lines of a Dockerfile
//! image:shop/app:1 history 3                  a step that says a secret
//! image:shop/app:1 layer 2 /home/app/.netrc       a file, also one that a later layer removes
//! ```
//! So the rules about Dockerfiles hold for images too, under the same names.

mod describe;
mod file;
mod history;
mod secret;

pub use describe::{Image, Layer, workspace};
pub use file::{File, Found, What, look, wants};

/// What paths of such places begin with.
pub(crate) const PREFIX: &str = "image:";

/// Rules that hold for images. Others are about files that an image was made from.
pub(crate) const HELD: [&str; 13] = [
    "D01", "D02", "D03", "D04", "D05", "D06", "D08", "D10", "D11", "D13", "D15", "D18", "D25",
];
