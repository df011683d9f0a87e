//! What the C library calls things.

use std::ffi::CStr;

use boatyard_init::signal::Signal;

/// A signal in words, as `strsignal(3)` has it.
pub fn of_signal(signal: Signal) -> String {
    // SAFETY: a number; the string is valid until the next call, and copied at once.
    unsafe {
        let words = libc::strsignal(signal.number());
        if words.is_null() {
            return signal.to_string();
        }
        CStr::from_ptr(words).to_string_lossy().into_owned()
    }
}

/// An error in words, as `strerror(3)` has it.
pub fn of_error(errno: i32) -> String {
    // SAFETY: a number; the string is valid until the next call, and copied at once.
    unsafe { CStr::from_ptr(libc::strerror(errno)) }
        .to_string_lossy()
        .into_owned()
}
