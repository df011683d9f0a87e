//! A table: inits are columns, behaviours are rows, and each cell is what is observed.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::container::Container;

/// An init.
pub struct Init {
    /// What it is called.
    pub name: &'static str,
    /// Where it is in the container, and on the host if it is not ours.
    pub program: &'static str,
    /// Its arguments before those of the main process.
    pub flags: &'static [&'static str],
}

/// A behaviour.
pub struct Row<const INITS: usize> {
    /// In words for the reader of the page.
    pub what: &'static str,
    /// Runs an init and tells what it does.
    pub observe: fn(&Container, &Init) -> String,
    /// What each does, in the order of the inits; ours is the first.
    pub expected: [&'static str; INITS],
    /// Which is right, and why, where they differ.
    pub why: &'static str,
}

/// A table of a page.
pub struct Table<const INITS: usize> {
    /// Above it.
    pub title: &'static str,
    pub inits: [Init; INITS],
    pub rows: &'static [Row<INITS>],
}

impl<const INITS: usize> Table<INITS> {
    /// Runs every row on every init that is on this machine, each in a container of its own.
    pub fn check(&self, is_there: fn(&Init) -> bool, make: fn() -> Option<Container>) {
        for row in self.rows {
            let differs = row.expected.iter().any(|cell| *cell != row.expected[0]);
            assert_eq!(differs, !row.why.is_empty(), "{}: the reason", row.what);
        }
        let failures = AtomicUsize::new(0);
        thread::scope(|scope| {
            for (index, init) in self.inits.iter().enumerate() {
                let failures = &failures;
                scope.spawn(move || {
                    if index > 0 && !is_there(init) {
                        return tell(&format!("not run: there is no {}", init.name));
                    }
                    for row in self.rows {
                        let Some(container) = make() else {
                            return;
                        };
                        let observe = AssertUnwindSafe(|| (row.observe)(&container, init));
                        let found = catch_unwind(observe).unwrap_or("nothing: see above".into());
                        if found != row.expected[index] {
                            failures.fetch_add(1, Ordering::Relaxed);
                            tell(&format!(
                                "{}: {}\n  expected {:?}\n  found    {found:?}",
                                init.name, row.what, row.expected[index]
                            ));
                        }
                    }
                });
            }
        });
        assert_eq!(failures.into_inner(), 0, "cells that are not as expected");
    }
}

/// Whether it is where Debian installs it.
pub fn is_installed(init: &Init) -> bool {
    Path::new(init.program).exists()
}

fn tell(line: &str) {
    // Not by eprintln, which the test harness keeps to itself.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
