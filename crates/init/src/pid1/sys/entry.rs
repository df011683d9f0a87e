//! The C entry point.

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt as _;

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
    c_int::from(run::run(arguments, inherited))
}
