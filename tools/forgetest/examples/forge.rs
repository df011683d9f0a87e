//! Keeps a forge up to try things on: prints where it is, who is there, and waits for the end of standard input.

use std::io::{self, Read as _};

use boatyard_forgetest::Forge;
use serde_json::json;

fn main() {
    let Some(forge) = Forge::start() else {
        return;
    };
    let ada = forge.user("ada");
    ada.post("/user/repos", &json!({"name": "shop"}));
    println!("{} has no pages; its API is below /api/v1", forge.url());
    println!("token of {}: {}", ada.name, ada.token);
    println!("git clone {}", ada.remote("ada/shop"));
    let _ = io::stdin().read(&mut [0]);
}
