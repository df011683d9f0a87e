//! The page of the tables.

use std::env;
use std::fmt::Write as _;
use std::fs;

use super::table::Table;
use super::{cron, several, single};

const PATH: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/reference/init-peers.md"
);

const HEAD: &str = "# boatyard-init beside other inits

What each does as PID 1 of a container, and which is right where they differ. The tests run every cell
(`crates/init/tests/pid1/peers`; versions of Debian 12, supercronic of Debian forky) and write this page:
`UPDATE_EXPECTED=1 cargo test -p boatyard-init --test pid1 peers`.
";

#[test]
fn the_page_is_the_tables() {
    let page = [
        HEAD.to_owned(),
        rendered(&single::TABLE),
        rendered(&several::TABLE),
        rendered(&cron::TABLE),
    ];
    let page = page.join("\n");
    if env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(PATH, page).unwrap();
        return;
    }
    let found = fs::read_to_string(PATH).unwrap_or_default();
    assert!(found == page, "UPDATE_EXPECTED=1 writes {PATH} anew");
}

fn rendered<const INITS: usize>(table: &Table<INITS>) -> String {
    let mut text = format!("## {}\n\n| |", table.title);
    for init in &table.inits {
        let _ = write!(text, " {} |", init.name);
    }
    text += " right, and why |\n|---|";
    text += &"---|".repeat(INITS + 1);
    text.push('\n');
    for row in table.rows {
        let why = if row.why.is_empty() { "all" } else { row.why };
        let _ = writeln!(
            text,
            "| {} | {} | {why} |",
            row.what,
            row.expected.join(" | ")
        );
    }
    text
}
