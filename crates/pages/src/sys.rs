//! The pages of the program itself.
#![expect(
    unsafe_code,
    reason = "neither the list of the segments nor advice on memory has a safe form"
)]

use std::ffi::{c_int, c_void};
use std::ptr;

/// Into how many mappings a segment is divided at most: a process may have some 65,000, and each takes 200 bytes of the kernel.
const WINDOWS: usize = 4096;

/// Divides the program into mappings of so many `pages`, so that a page that is touched brings few others along: the fewer, the less is
/// resident; the more, the less is waited for. Where the page cache holds the file in large folios, kernels since Linux 6.18 map a whole
/// folio when one of its pages is touched, up to all of the file; and any kernel maps 64 kB. Both end where a mapping ends.
///
/// Every second mapping is left out of core dumps, since equal neighbours would be one; dumps hold no pages of files
/// anyway.
pub fn divide(pages: usize) {
    each_segment(&|page, from, length| {
        let least = length.div_ceil(page.saturating_mul(WINDOWS).max(1));
        let window = page.saturating_mul(pages.max(least)).max(1);
        for at in (0..length).step_by(window.saturating_mul(2)) {
            advise(from + at, window.min(length - at), libc::MADV_DONTDUMP);
        }
    });
}

/// Unmaps what was read and run so far, of which a wait needs little. The pages stay in the page cache as long as the
/// kernel finds memory for them, and what is needed again is mapped again when it is touched.
pub fn let_go() {
    each_segment(&|_, from, length| advise(from, length, libc::MADV_DONTNEED));
}

/// What is done with a segment: called with the size of a page, the first address of a page, and a length.
type OfSegment<'a> = &'a dyn Fn(usize, usize, usize);

/// Calls it for each segment of the program that nobody writes to.
fn each_segment(mut act: OfSegment<'_>) {
    let data = (&raw mut act).cast::<c_void>();
    // SAFETY: `of_program` has the signature that is asked for, and gets a pointer to what it takes it for.
    unsafe { libc::dl_iterate_phdr(Some(of_program), data) };
}

/// Called with each object in memory, the program first; ends there.
///
/// # Safety
/// `object` describes an object in memory, as the C library promises, and `data` points to an [`OfSegment`].
unsafe extern "C" fn of_program(
    object: *mut libc::dl_phdr_info,
    _size: usize,
    data: *mut c_void,
) -> c_int {
    // SAFETY: sysconf takes one number.
    let Ok(page) = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }) else {
        return 1;
    };
    // SAFETY: the object and what `data` points to are valid during the call; the object has this many headers at that
    // address.
    let (act, base, headers) = unsafe {
        let object = &*object;
        if object.dlpi_phdr.is_null() {
            return 1;
        }
        let count = usize::from(object.dlpi_phnum);
        (
            *data.cast::<OfSegment<'_>>(),
            object.dlpi_addr,
            std::slice::from_raw_parts(object.dlpi_phdr, count),
        )
    };
    for header in headers {
        if header.p_type != libc::PT_LOAD || header.p_flags & libc::PF_W != 0 {
            continue;
        }
        let start = base.wrapping_add(header.p_vaddr);
        let (Ok(start), Ok(length)) = (usize::try_from(start), usize::try_from(header.p_memsz))
        else {
            continue;
        };
        let from = start - start.checked_rem(page).unwrap_or(0);
        let end = start.saturating_add(length);
        act(page, from, end - from);
    }
    1
}

/// Advises the kernel on pages of the program: on the first and as many as have a byte of this length. If it takes no advice, all stays as it is.
fn advise(from: usize, length: usize, advice: c_int) {
    // SAFETY: the callers pass a part of a private mapping of the program's file that was never written to, and advice
    // that changes no byte of it: what is let go is read from the file again.
    unsafe { libc::madvise(ptr::with_exposed_provenance_mut(from), length, advice) };
}
