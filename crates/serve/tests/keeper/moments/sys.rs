//! The disk as SQLite sees it, between it and the real one: <https://www.sqlite.org/vfs.html>. The server's own code is as it is;
//! a process that registers this has it wherever it opens a database.
#![expect(
    unsafe_code,
    reason = "SQLite calls its file systems through tables of C functions"
)]

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use rusqlite::ffi;

use super::fate::{self, Write};
use super::power;

static REAL: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// The functions of a file that is open: first ours, which is where SQLite looks.
#[repr(C)]
struct Methods {
    ours: ffi::sqlite3_io_methods,
    real: ffi::sqlite3_io_methods,
    path: PathBuf,
}

/// From now on every database of this process is on this disk.
pub fn register() {
    // SAFETY: the default file system is there for as long as the process, and so is the copy, which is leaked. All that it has
    // besides `open` and `delete` are the real one's functions, which find what they need in `pAppData`, which is copied, too.
    unsafe {
        let real = ffi::sqlite3_vfs_find(ptr::null());
        assert!(!real.is_null(), "SQLite has a file system");
        REAL.store(real, Ordering::SeqCst);
        let ours = ffi::sqlite3_vfs {
            zName: c"watched".as_ptr(),
            pNext: ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            ..*real
        };
        let registered = ffi::sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 1);
        assert_eq!(registered, ffi::SQLITE_OK);
    }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let real = REAL.load(Ordering::SeqCst);
    // SAFETY: SQLite gives us what it would give the real one, which we hand on. A file that is open has functions; those that
    // we put in their place live for ever, and know the real ones.
    unsafe {
        let opened = (*real).xOpen.expect("it opens files")(real, name, file, flags, out);
        if opened == ffi::SQLITE_OK && !name.is_null() && !(*file).pMethods.is_null() {
            let path = path(name);
            power::open(&path);
            let real = *(*file).pMethods;
            let ours = ffi::sqlite3_io_methods {
                xWrite: Some(write),
                xTruncate: Some(truncate),
                xSync: Some(sync),
                ..real
            };
            let methods = Box::into_raw(Box::new(Methods { ours, real, path }));
            (*file).pMethods = methods.cast();
        }
        opened
    }
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    is_synced: c_int,
) -> c_int {
    let real = REAL.load(Ordering::SeqCst);
    fate::moment();
    // SAFETY: as SQLite asks us.
    let deleted = unsafe {
        power::forget(&path(name));
        (*real).xDelete.expect("it deletes files")(real, name, is_synced)
    };
    fate::moment();
    deleted
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    data: *const c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: the file is one of ours, and half of what SQLite gives is there if all of it is.
    let write = |amount| unsafe {
        let real = methods(file).real.xWrite.expect("it writes");
        real(file, data, amount, offset)
    };
    match fate::write() {
        Write::Whole => write(amount),
        Write::Half => {
            write(amount / 2);
            fate::end()
        }
        Write::Fails { is_begun: true } => {
            write(amount / 2);
            ffi::SQLITE_IOERR_WRITE
        }
        Write::Fails { is_begun: false } => ffi::SQLITE_FULL,
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    fate::moment();
    // SAFETY: the file is one of ours.
    unsafe { methods(file).real.xTruncate.expect("it truncates")(file, size) }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    if !fate::sync() {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    // SAFETY: the file is one of ours.
    let (done, path) = unsafe {
        let methods = methods(file);
        let sync = methods.real.xSync.expect("it syncs");
        (sync(file, flags), &methods.path)
    };
    fate::synced(path);
    done
}

/// # Safety
/// The file was opened by `open`.
unsafe fn methods<'a>(file: *mut ffi::sqlite3_file) -> &'a Methods {
    // SAFETY: what `open` put there begins with what SQLite knows of, and lives for ever.
    unsafe { &*(*file).pMethods.cast() }
}

/// # Safety
/// The name is a string of C.
unsafe fn path(name: *const c_char) -> PathBuf {
    // SAFETY: as for this function.
    let name = unsafe { CStr::from_ptr(name) };
    Path::new(OsStr::from_bytes(name.to_bytes())).to_owned()
}
