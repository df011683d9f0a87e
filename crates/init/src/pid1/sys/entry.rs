//! The C entry point.

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::iter;
use std::os::unix::ffi::OsStrExt as _;

use boatyard_init::environment::Environment;

use super::signals;
use crate::pid1::run;

/// Called by the C library. Arguments come from here and not from `std::env::args`, which is empty without the standard
/// library's main on C libraries other than glibc.
///
/// # Safety
/// `words` holds `count` pointers to strings that end in NUL, as the C standard promises.
#[unsafe(no_mangle)]
unsafe extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    let inherited = signals::block();
    let arguments = (0..usize::try_from(count).unwrap_or(0))
        .map(|index| {
            // SAFETY: index < count, so the pointer is there and points to a string that ends in NUL and lives as long
            // as the process.
            let word = unsafe { CStr::from_ptr(*words.add(index)) };
            OsString::from(OsStr::from_bytes(word.to_bytes()))
        })
        .collect();
    c_int::from(run::run(arguments, &environment(), inherited))
}

unsafe extern "C" {
    /// The environment, as the C library keeps it.
    static environ: *const *const c_char;
}

fn environment() -> Environment {
    let mut index = 0;
    let entries = iter::from_fn(|| {
        // SAFETY: environ is an array of pointers to strings that end in NUL, and ends in a null pointer, behind which
        // this does not read: it stops there. Nothing has changed the environment since the start.
        unsafe {
            if environ.is_null() {
                return None;
            }
            let entry = *environ.add(index);
            if entry.is_null() {
                return None;
            }
            index += 1;
            Some(CStr::from_ptr(entry).to_bytes().to_vec())
        }
    });
    Environment::new(entries.fuse().collect())
}
