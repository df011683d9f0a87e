//! Dockerfiles and what is read in them, or what is said about their mistakes. The cases are in good/ and bad/, a file for
//! each area; `UPDATE_EXPECTED=1 cargo test -p boatyard-plan --test dockerfile_parse` writes what is expected anew: review
//! it like code.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests of a pure crate read their cases from files"
)]

mod case;
mod draw;
mod explain;
mod linear;
mod mutate;
mod onward;

use boatyard_plan::dockerfile;

#[test]
fn good_files_are_read() {
    let count = case::run("good", |text| match dockerfile::parse(text) {
        Ok(dockerfile) => draw::dockerfile(&dockerfile, text),
        Err(mistakes) => panic!("{text}\n{}", explain::mistakes(&mistakes, text)),
    });
    assert!(count > 100, "only {count} cases were found");
}

#[test]
fn bad_files_are_explained() {
    let count = case::run("bad", |text| match dockerfile::parse(text) {
        Ok(dockerfile) => panic!("{text}\n{}", draw::dockerfile(&dockerfile, text)),
        Err(mistakes) => explain::mistakes(&mistakes, text),
    });
    assert!(count > 80, "only {count} cases were found");
}
