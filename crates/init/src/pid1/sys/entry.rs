//! Where the process begins: at its first instruction, then at the C entry point.
//!
//! The recipe of what goes into images (`shipped/recipe.rs`) makes `boatyard_start` the first instruction. It blocks all
//! signals and goes on to the C library's `_start`, which takes its time before it calls `main`: a static glibc asks the
//! processor for its caches by some thirty `cpuid`, each of which leaves the virtual machine where there is one. A TERM that
//! comes meanwhile is dropped for a PID 1, and the container would be killed at the end of its grace.

use std::arch::global_asm;
use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::iter;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::atomic::{AtomicU64, Ordering};

use boatyard_init::environment::Environment;

use super::signals;
use crate::pid1::run;

/// What was blocked before the first instruction; all, which the kernel never says (it leaves out KILL and STOP), as long as
/// that did not run.
static BEFORE: AtomicU64 = AtomicU64::new(signals::ALL);

/// The set that it blocks.
static ALL: u64 = signals::ALL;

// Calls rt_sigprocmask(SIG_SETMASK, &ALL, &BEFORE, 8). The stack is not touched, and of what the kernel passes in registers
// the C library wants one: what to call at exit, which is kept.
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl boatyard_start",
    "boatyard_start:",
    "mov r9, rdx",
    "mov eax, {call}",
    "mov edi, {how}",
    "lea rsi, [rip + {all}]",
    "lea rdx, [rip + {before}]",
    "mov r10d, 8",
    "syscall",
    "mov rdx, r9",
    "jmp _start",
    call = const libc::SYS_rt_sigprocmask,
    how = const libc::SIG_SETMASK,
    all = sym ALL,
    before = sym BEFORE,
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".globl boatyard_start",
    "boatyard_start:",
    "mov x9, x0",
    "mov x8, {call}",
    "mov x0, {how}",
    "adrp x1, {all}",
    "add x1, x1, :lo12:{all}",
    "adrp x2, {before}",
    "add x2, x2, :lo12:{before}",
    "mov x3, 8",
    "svc 0",
    "mov x0, x9",
    "b _start",
    call = const libc::SYS_rt_sigprocmask,
    how = const libc::SIG_SETMASK,
    all = sym ALL,
    before = sym BEFORE,
);

// Elsewhere signals are blocked by `main`, somewhat later.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
global_asm!(".globl boatyard_start", ".set boatyard_start, _start");

/// Called by the C library. Arguments come from here and not from `std::env::args`, which is empty without the standard
/// library's main on C libraries other than glibc.
///
/// # Safety
/// `words` holds `count` pointers to strings that end in NUL, as the C standard promises.
#[unsafe(no_mangle)]
unsafe extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    let inherited = signals::block(BEFORE.load(Ordering::Relaxed));
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
