//! The configuration: what files mean, which value wins, what is shown, what templates make of it.

mod damaged;
mod files;
mod shown;
mod template;
