//! `boatyard render compose` and `render quadlet`.

mod boatyard;

use boatyard::Boatyard;

const FILE: &str = "[project]\nname = \"shop\"\n[role.web]\ncommand = \"serve\"\nport = 8080\n[schedule.tidy]\ncron = \"@daily\"\ncommand = \"tidy\"\n[backing.postgres]\n";

#[test]
fn files_are_printed_and_written() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", FILE);
    let printed = boatyard.run(["render", "compose", "--tag", "v1"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    for part in ["image: shop/shop:v1\n", "\n  cron:\n", "\n  postgres:\n"] {
        assert!(printed.out.contains(part), "{part}: {}", printed.out);
    }
    assert!(printed.err.contains("boatyard build"), "{}", printed.err);
    let written = boatyard.run(["render", "compose", "--tag", "v1", "-o", "out"]);
    let path = boatyard.project().join("out/compose.yaml");
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        printed.out,
        "{}",
        written.err
    );

    let named = boatyard.run(["render", "quadlet", "--tag", "v1"]);
    assert!(named.out.starts_with("# shop.network\n"), "{}", named.out);
    let written = boatyard.run(["render", "quadlet", "--tag", "v1", "-o", "units"]);
    let lines: Vec<&str> = written.out.lines().collect();
    let expected = [
        "shop.network",
        "shop-postgres.volume",
        "shop-postgres.container",
        "shop-web.container",
        "shop-tidy.timer",
        "shop-tidy.container",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, name) in lines.iter().zip(expected) {
        assert!(line.ends_with(name), "{line}");
    }
    let found = boatyard.run(["check", "out", "units"]);
    assert_eq!(found.code, 0, "{}", found.out);
}
