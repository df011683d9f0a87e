//! Networks of projects.
