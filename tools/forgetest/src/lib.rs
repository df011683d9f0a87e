//! A forge for tests.
//!
//! ```no_run
//! use boatyard_forgetest::Forge;
//! use serde_json::json;
//!
//! let Some(forge) = Forge::start() else { return }; // it has said why
//! let ada = forge.user("ada");
//! ada.post("/user/repos", &json!({"name": "shop"}));
//! println!("git push {}", ada.remote("ada/shop"));
//! ```
//!
//! It is a real Gitea: the program that `tools/forgetest/build` makes, with `SQLite`, on a port of the loopback device. Its hooks
//! go to the loopback device and nowhere else. What it has is in a temporary folder, and it ends with the thread that started it,
//! however that ends. It has the whole API, Git over HTTP and hooks, but no pages: the front end is not among Go's modules.
//!
//! | variable | means |
//! |---|---|
//! | `BOATYARD_FORGETEST` | the folder with the program, if it is not the one that `tools/forgetest/build` made |
//! | `BOATYARD_FORGETEST_CACHE` | where that one is kept |

mod forge;
mod http;
mod program;
mod settings;
mod user;

pub use forge::Forge;
pub use user::User;
