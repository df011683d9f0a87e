//! What the kernel says is resident of the program.

use std::fs;

/// Bytes of the program's file that are resident in mappings that nobody writes to.
fn resident() -> usize {
    let program = fs::read_link("/proc/self/exe").unwrap();
    let program = program.to_str().unwrap();
    let mut bytes = 0;
    let mut counts = false;
    for line in fs::read_to_string("/proc/self/smaps").unwrap().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match *words.as_slice() {
            [_, rights, .., file] if rights.len() == 4 => {
                counts = file == program && !rights.contains('w');
            }
            ["Rss:", kib, "kB"] if counts => bytes += kib.parse::<usize>().unwrap() * 1024,
            _ => {}
        }
    }
    bytes
}

#[test]
fn what_is_let_go_is_not_resident_and_still_runs() {
    let before = resident();
    boatyard_pages::divide();
    boatyard_pages::let_go();
    let after = resident();
    assert!(after > 0, "this runs");
    assert!(after < before / 2, "{after} of {before} bytes");
    // All of it is there when it is needed.
    let told = std::process::Command::new("/proc/self/exe")
        .arg("--list")
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
}
