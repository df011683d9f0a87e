//! Calls that have no safe form, each behind a function that is safe to call.

/// Keeps the heap of a server small, which works in bursts (a list of thousands of objects) and then sleeps for hours: glibc's `malloc`
/// gives back what is free no more. One arena, since what many threads let go stays in theirs, and large pieces apart from it. With 1,000
/// environments on a cluster half is left of what is no file's.
///
/// Source: mallopt(3).
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "mallopt has no safe form")]
pub fn keep_heap_small() {
    /// Bytes: larger than what a request takes, smaller than a page of a list.
    const LARGE: libc::c_int = 64 * 1024;
    for (option, value) in [
        (libc::M_ARENA_MAX, 1),
        (libc::M_MMAP_THRESHOLD, LARGE),
        (libc::M_TRIM_THRESHOLD, LARGE),
    ] {
        // SAFETY: it takes numbers, and changes what later calls of malloc do. One that it does not know changes nothing.
        unsafe { libc::mallopt(option, value) };
    }
}

/// Nothing is to be said to other allocators.
#[cfg(not(target_env = "gnu"))]
pub fn keep_heap_small() {}

/// Gives back what is free in the heap, also between what is not, where hundreds of environments have come or gone at once.
///
/// Source: `malloc_trim(3)`.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "malloc_trim has no safe form")]
pub fn give_back_memory() {
    // SAFETY: it takes a number, the bytes to be left at the end of the heap, and moves nothing that is in use.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators give back by themselves.
#[cfg(not(target_env = "gnu"))]
pub fn give_back_memory() {}
