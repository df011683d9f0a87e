//! Copies into layers, over real folders and trees.

mod archives;
mod cases;
mod chmod;
mod git;
mod hostile;
mod landing;
mod links;
mod patterns;
mod property;
mod refused;
mod reuse;
mod server;
mod tar;
mod url;
mod world;
