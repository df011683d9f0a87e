//! A registry that gives tokens: what they are asked for, and what happens when they allow less.

mod distribution;
mod image;
mod token;

use std::fs;

use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use boatyard_store::registry::{self, Credentials, Options, RegistryError};
use distribution::{Registry, options};
use image::image;
use token::{Policy, TokenServer};

/// The scope that a mount needs besides those of a push.
const SOURCE: &str = "repository:team/app:pull";

#[test]
fn a_mount_needs_the_right_to_read_the_source() {
    let test = "a_mount_needs_the_right_to_read_the_source";
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().to_path_buf();
    let Some(tokens) = TokenServer::start(&folder) else {
        println!("not run: {test}: no openssl");
        return;
    };
    let settings = tokens.settings(&folder);
    let Some(registry) = Registry::start_in(test, home, &settings) else {
        return;
    };
    let store = Store::open(&folder.join("store")).unwrap();
    let (manifest, layer) = image(&store, &"text ".repeat(1000));
    let logins = folder.join("config.json");
    let login = format!(
        "{{\"auths\":{{\"127.0.0.1:{}\":{{\"auth\":\"bWU6c2VjcmV0\"}}}}}}",
        registry.port
    );
    fs::write(&logins, login).unwrap();
    let known = Options {
        credentials: Credentials {
            files: vec![logins],
            ..Credentials::default()
        },
        ..options()
    };
    let push = |name: &Reference, options: &Options| {
        registry::push(&store, &manifest, name, options, &|_| {})
    };
    let asked = || std::mem::take(&mut *tokens.asked.lock().unwrap());
    let words = |scopes: &[&str]| scopes.iter().map(|&scope| scope.to_owned()).collect();

    // Nobody in particular may not.
    let refused = push(&registry.name("team/app:1"), &options()).unwrap_err();
    let is_refused = matches!(refused, RegistryError::Unauthorized { .. });
    assert!(is_refused, "{refused}");
    asked();

    push(&registry.name("team/app:1"), &known).unwrap();
    assert_eq!(asked(), [words(&["repository:team/app:pull,push"])]);
    store.tag(&registry.name("team/app:1"), &manifest).unwrap();
    // What has nothing to do with it is not asked for.
    let (other, _) = image(&store, "another");
    store.tag(&registry.name("team/other:1"), &other).unwrap();

    // Whoever has not the layer itself can only have mounted it.
    let blob = store.blob_path(&layer.blob.digest);
    let away = folder.join("away");
    fs::rename(&blob, &away).unwrap();
    push(&registry.name("team/copy:1"), &known).unwrap();
    let both = words(&[SOURCE, "repository:team/copy:pull,push"]);
    assert_eq!(asked(), [both]);
    fs::rename(&away, &blob).unwrap();

    // A token that does not hold the source, and a server that gives none then: it is uploaded.
    for (policy, name) in [
        (Policy::Without(SOURCE), "team/less:1"),
        (Policy::NothingWith(SOURCE), "team/none:1"),
    ] {
        *tokens.policy.lock().unwrap() = policy;
        let name = registry.name(name);
        push(&name, &known).unwrap();
        let into = Store::open(&folder.join(format!("into-{}", name.repository.len()))).unwrap();
        let pulled = registry::pull(&into, &name, &known, &|_| {});
        assert_eq!(pulled.unwrap(), manifest, "{policy:?}");
        let asked = asked();
        assert!(
            asked.iter().any(|scopes| scopes.contains(SOURCE)),
            "{asked:?}"
        );
    }
    // No right to the repository itself is an error with its name.
    *tokens.policy.lock().unwrap() = Policy::Without("repository:team/mine:pull,push");
    let refused = push(&registry.name("team/mine:1"), &known).unwrap_err();
    assert!(refused.to_string().contains("push team/mine"), "{refused}");
}
