//! The backend of a cluster, with a keeper, on an API server that follows a script: what goes wrong with the server and its watches,
//! what others do there, and a thousand environments at once. The same backend on a real API server is in crates/cli/tests/deploy.

mod api;
mod deaf;
mod deploys;
mod others;
mod repository;
mod rows;
mod story;
mod swept;
mod thousand;
mod watches;
mod yard;
