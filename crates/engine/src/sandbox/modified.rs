//! Modification times of folders that we put something into and take it out of again.

use std::os::fd::AsFd;

use rustix::fs::{Mode, OFlags, Timespec, Timestamps, UTIME_OMIT, fstat, futimens, openat};
use rustix::io;

/// When a folder was modified, before we put something into it and right after.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modified {
    before: Timespec,
    after: Timespec,
}

impl Modified {
    /// Does something in a folder, and notes its times.
    pub(super) fn by<T>(
        folder: impl AsFd,
        work: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<(T, Self)> {
        let before = time(&folder)?;
        let done = work()?;
        Ok((
            done,
            Self {
                before,
                after: time(&folder)?,
            },
        ))
    }

    /// Notes that we have done more there.
    pub(super) fn again(&mut self, folder: impl AsFd) {
        if let Ok(now) = time(folder) {
            self.after = now;
        }
    }

    /// Undoes it. The folder then looks as if we had never been there: it keeps the time at which somebody else
    /// changed it, if anybody did. Best effort.
    pub(super) fn undo(self, folder: impl AsFd, work: impl FnOnce()) {
        let now = time(&folder);
        work();
        let Ok(now) = now else { return };
        let untouched = (now.tv_sec, now.tv_nsec) == (self.after.tv_sec, self.after.tv_nsec);
        let unchanged = Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_OMIT,
        };
        let times = Timestamps {
            last_access: unchanged,
            last_modification: if untouched { self.before } else { now },
        };
        // The descriptor may be one that only names the folder.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let _ =
            openat(folder, ".", flags, Mode::empty()).and_then(|folder| futimens(folder, &times));
    }
}

fn time(folder: impl AsFd) -> io::Result<Timespec> {
    let status = fstat(folder)?;
    Ok(Timespec {
        tv_sec: status.st_mtime,
        tv_nsec: i64::try_from(status.st_mtime_nsec).unwrap_or(0),
    })
}
