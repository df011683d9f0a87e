//! What the kernel says is resident of the program.

use std::fs;
use std::os::unix::fs::FileExt as _;

/// The program's mappings that nobody writes to: where each is, and how many bytes of it are resident.
fn mappings() -> Vec<(u64, u64, usize)> {
    let program = fs::read_link("/proc/self/exe").unwrap();
    let program = program.to_str().unwrap();
    let mut all = Vec::new();
    let mut counts = false;
    for line in fs::read_to_string("/proc/self/smaps").unwrap().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match *words.as_slice() {
            [range, rights, .., file] if range.contains('-') => {
                counts = file == program && !rights.contains('w');
                let (from, to) = range.split_once('-').unwrap();
                let [from, to] = [from, to].map(|at| u64::from_str_radix(at, 16).unwrap());
                if counts {
                    all.push((from, to, 0));
                }
            }
            ["Rss:", kib, "kB"] if counts => {
                all.last_mut().unwrap().2 = kib.parse::<usize>().unwrap() * 1024;
            }
            _ => {}
        }
    }
    all
}

fn resident() -> usize {
    mappings().iter().map(|(.., resident)| resident).sum()
}

/// What stands in all of them.
fn bytes() -> Vec<u8> {
    let memory = fs::File::open("/proc/self/mem").unwrap();
    let mut all = Vec::new();
    for (from, to, _) in mappings() {
        let begin = all.len();
        all.resize(begin + usize::try_from(to - from).unwrap(), 0);
        memory.read_exact_at(&mut all[begin..], from).unwrap();
    }
    all
}

#[test]
fn what_is_let_go_is_not_resident_and_still_runs() {
    let whole = bytes();
    let before = resident();
    boatyard_pages::divide(boatyard_pages::SMALL);
    boatyard_pages::let_go();
    let after = resident();
    assert!(after > 0, "this runs");
    assert!(after < before / 2, "{after} of {before} bytes");
    // All of it is there when it is needed.
    assert!(bytes() == whole, "it reads as before");
}
