//! Makes images and runs containers.
