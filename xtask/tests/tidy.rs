//! The invariants hold in this checkout.

use std::fs;

use boatyard_plan::project;
use xtask::tidy;

#[test]
fn the_checkout_is_tidy() {
    let findings = tidy::check(&tidy::workspace()).expect("the checkout can be read");
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn the_examples_are_projects() {
    let examples = tidy::workspace().join("examples");
    let mut count = 0;
    for example in fs::read_dir(&examples).expect("there are examples") {
        let file = example.expect("it has a name").path().join("boatyard.toml");
        let text =
            fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = project::parse(&text);
        assert!(parsed.is_ok(), "{}: {:?}", file.display(), parsed.err());
        count += 1;
    }
    assert!(count >= 2, "the guestbook and the Django release");
}
