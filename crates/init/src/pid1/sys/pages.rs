//! The pages of the program itself.

use std::ffi::{c_int, c_void};
use std::ptr;

/// Unmaps what was read and run during the start, of which the loops need little. The pages stay in the page cache as
/// long as the kernel finds memory for them, and what is needed again is mapped again when it is touched.
///
/// Only segments of the file that nobody writes to are let go.
pub fn let_go() {
    // SAFETY: `of_program` has the signature that is asked for and reads only what it is given.
    unsafe { libc::dl_iterate_phdr(Some(of_program), ptr::null_mut()) };
}

/// Called with each object in memory, the program first; ends there.
///
/// # Safety
/// `object` describes an object in memory, as the C library promises.
unsafe extern "C" fn of_program(
    object: *mut libc::dl_phdr_info,
    _size: usize,
    _data: *mut c_void,
) -> c_int {
    // SAFETY: sysconf takes one number.
    let Ok(page) = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }) else {
        return 1;
    };
    // SAFETY: the object is valid during the call, and has this many headers at that address.
    let (base, headers) = unsafe {
        let object = &*object;
        if object.dlpi_phdr.is_null() {
            return 1;
        }
        let count = usize::from(object.dlpi_phnum);
        (
            object.dlpi_addr,
            std::slice::from_raw_parts(object.dlpi_phdr, count),
        )
    };
    for header in headers {
        if header.p_type != libc::PT_LOAD || header.p_flags & libc::PF_W != 0 {
            continue;
        }
        let start = base.wrapping_add(header.p_vaddr);
        let skipped = start.checked_rem(page).unwrap_or(0);
        let (Ok(from), Ok(length)) = (
            usize::try_from(start.wrapping_sub(skipped)),
            usize::try_from(header.p_memsz.wrapping_add(skipped)),
        ) else {
            continue;
        };
        // SAFETY: a private mapping of a file that was never written to: the next access reads the same bytes from
        // the file. If the call fails, all stays as it is.
        unsafe {
            libc::madvise(
                ptr::with_exposed_provenance_mut(from),
                length,
                libc::MADV_DONTNEED,
            )
        };
    }
    1
}
