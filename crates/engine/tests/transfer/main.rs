//! Copies into layers, over real folders and trees.

mod cases;
mod chmod;
mod landing;
mod links;
mod patterns;
mod refused;
mod world;
