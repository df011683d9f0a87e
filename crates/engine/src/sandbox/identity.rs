//! Becoming the program's user, and giving up everything else.

use rustix::fs::{FileType, fchown, fstat};
use rustix::process::{
    Resource, Rlimit, chdir, getegid, geteuid, getrlimit, setrlimit, setsid, umask,
};
use rustix::thread::{
    CapabilitySet, Gid, Uid, UnshareFlags, set_no_new_privs, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};

use super::error::{Errno, SandboxError};
use super::order::Identities;
use super::spec::{Caps, Program, User};
use super::{capability, filter, limit};
use crate::sys;

/// Open files a program may have: enough for servers, and no more than this, since old programs loop over all.
const OPEN_FILES: u64 = 1_048_576;

/// How a program is restricted.
#[derive(Debug)]
pub(super) struct Confinement {
    user: User,
    bounds: CapabilitySet,
    no_new_privileges: bool,
    identities: Identities,
    /// Whether we hold every capability around us. If not, what is refused was out of reach for the program too.
    privileged: bool,
}

impl Confinement {
    /// What is due to a program.
    pub(super) fn of(program: &Program, identities: Identities, privileged: bool) -> Self {
        Self {
            user: program.user.clone(),
            bounds: capability::bounds(program),
            no_new_privileges: program.caps != Caps::Build,
            identities,
            privileged,
        }
    }

    /// Restricts this process, and makes it the user's. Irreversible.
    pub(super) fn apply(&self) -> Result<(), SandboxError> {
        let confine = |what: &str, cause: Errno| SandboxError::Confine {
            what: what.to_owned(),
            cause,
        };
        own_streams(self.user.uid);
        if self.no_new_privileges {
            set_no_new_privs(true).map_err(|error| confine("no new privileges", error.into()))?;
        }
        if self.identities == Identities::Single {
            take_name(&self.user).map_err(|error| self.identity_error(error))?;
        }
        self.forbid_calls()?;
        let bounded = capability::bound(self.bounds);
        if self.privileged {
            bounded.map_err(|error| confine("capability bounds", error.into()))?;
        }
        if self.identities == Identities::Many {
            become_user(&self.user).map_err(|error| self.identity_error(error.into()))?;
        }
        capability::keep(self.user.uid, self.bounds)
            .map_err(|error| confine("capabilities", error.into()))
    }

    fn forbid_calls(&self) -> Result<(), SandboxError> {
        // Without CAP_SYS_ADMIN a filter needs no-new-privileges; whoever took the one away put a filter of his own.
        if !self.privileged && !self.no_new_privileges {
            return Ok(());
        }
        let program = filter::program(self.identities == Identities::Single);
        sys::seccomp::install(&program).map_err(|error| SandboxError::Confine {
            what: "seccomp".to_owned(),
            cause: error.into(),
        })
    }

    fn identity_error(&self, cause: Errno) -> SandboxError {
        SandboxError::Identity {
            uid: self.user.uid,
            gid: self.user.gid,
            cause,
        }
    }
}

/// Session, working directory, file mode mask and limits.
pub(super) fn settle(program: &Program) -> Result<(), SandboxError> {
    if !program.terminal {
        // It fails only for the leader of a group, and then we have what we want: nobody else is in it.
        let _ = setsid();
    }
    umask(rustix::fs::Mode::from_raw_mode(0o022));
    for (resource, wanted) in [(Resource::Nofile, OPEN_FILES), (Resource::Core, 0)] {
        if !limit::has(&program.limits, resource) {
            lower(resource, wanted);
        }
    }
    limit::apply(&program.limits)?;
    chdir(&program.cwd).map_err(|error| SandboxError::Directory {
        cwd: program.cwd.clone(),
        cause: error.into(),
    })
}

/// Sets a soft limit, and the hard one if that is not higher already, as far as this machine permits: raising hard
/// limits needs `CAP_SYS_RESOURCE`, which containers and this process may not have.
fn lower(resource: Resource, wanted: u64) {
    let hard = getrlimit(resource)
        .maximum
        .map_or(wanted, |hard| hard.min(wanted));
    let maximum = if resource == Resource::Core {
        getrlimit(resource).maximum
    } else {
        Some(hard)
    };
    // Lowering is always permitted.
    let _ = setrlimit(
        resource,
        Rlimit {
            current: Some(hard),
            maximum,
        },
    );
}

/// Gives pipes and sockets among the standard streams to the user, so that he can open `/dev/stdout`.
fn own_streams(uid: u32) {
    let (stdin, stdout, stderr) = (
        rustix::stdio::stdin(),
        rustix::stdio::stdout(),
        rustix::stdio::stderr(),
    );
    for stream in [stdin, stdout, stderr] {
        let private = fstat(stream).is_ok_and(|status| {
            matches!(
                FileType::from_raw_mode(status.st_mode),
                FileType::Fifo | FileType::Socket
            )
        });
        if private {
            let _ = fchown(stream, Some(Uid::from_raw(uid)), None);
        }
    }
}

fn become_user(user: &User) -> rustix::io::Result<()> {
    // The first one is among them, as runc has it: a set-group-id program keeps it that way.
    let others = user.groups.iter().filter(|&&group| group != user.gid);
    let groups: Vec<Gid> = std::iter::once(&user.gid)
        .chain(others)
        .copied()
        .map(Gid::from_raw)
        .collect();
    match set_thread_groups(&groups) {
        // In a user namespace that may not have groups there are none to give up.
        Err(rustix::io::Errno::PERM) if user.groups.is_empty() => {}
        done => done?,
    }
    let gid = Gid::from_raw(user.gid);
    set_thread_res_gid(gid, gid, gid)?;
    let uid = Uid::from_raw(user.uid);
    set_thread_res_uid(uid, uid, uid)
}

/// With one identity around us, another user namespace lets it be called by the user's number: programs that refuse to
/// be root (`PostgreSQL`) accept that, and what belongs to the one identity is then the user's.
fn take_name(user: &User) -> Result<(), Errno> {
    let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
    if (uid, gid) == (user.uid, user.gid) {
        return Ok(());
    }
    sys::namespace::unshare(UnshareFlags::NEWUSER)?;
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("{} {uid} 1", user.uid))?;
    std::fs::write("/proc/self/gid_map", format!("{} {gid} 1", user.gid))?;
    Ok(())
}
