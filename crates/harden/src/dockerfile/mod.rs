//! A Dockerfile with the scripts in it and the stages that lead to its image.

mod argument;
mod file;
mod image;
mod quote;
mod start;

pub use argument::{arguments, exec};
pub use file::{Dockerfile, Placed, Read};
pub use image::{Family, Name, family};
pub use quote::{account, json, value};
pub use start::{Program, Start, without_init};
