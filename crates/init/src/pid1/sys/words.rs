//! What the C library calls things.

use std::ffi::CStr;

/// An error in words, as `strerror(3)` has it.
pub fn of_error(errno: i32) -> String {
    // SAFETY: a number; the string is valid until the next call, and copied at once.
    unsafe { CStr::from_ptr(libc::strerror(errno)) }
        .to_string_lossy()
        .into_owned()
}
