//! What init stands on before it starts anything.

use boatyard_init::exit;
use boatyard_init::persona::{Conduct, Moment, Place, Subreaper};

use super::family::Reach;
use super::say;
use super::sys::process;
use super::sys::signals::{self, Inherited, Signals};
use super::sys::terminal::Terminal;

/// What init found and set up before its first child.
pub struct Ground {
    /// Our process id.
    pub pid: i32,
    /// Who can be reached beside the main process.
    pub reach: Reach,
    /// Where signals come from.
    pub signals: Signals,
    /// The signal state that children get.
    pub inherited: Inherited,
    /// The terminal, if we have its foreground and children get it.
    pub terminal: Option<Terminal>,
}

impl Ground {
    /// Finds and sets up what the conduct needs. What failed has been told; the error is the exit code.
    pub fn prepare(conduct: &Conduct, inherited: Inherited) -> Result<Self, u8> {
        let pid = process::id();
        let reach = Reach::find(pid);
        adopt(conduct, pid)?;
        let signals = Signals::open().map_err(|error| {
            say::warn(format_args!("cannot listen for signals: {error}"));
            exit::SYSTEM
        })?;
        if conduct.forwards_faults {
            signals::block_faults();
        }
        let terminal = match conduct.place {
            Place::Group => Terminal::in_our_foreground(),
            Place::Session | Place::Same => None,
        };
        Ok(Self {
            pid,
            reach,
            signals,
            inherited,
            terminal,
        })
    }
}

/// Makes orphans ours where we are not PID 1, and ourselves end with our parent, as the conduct says.
fn adopt(conduct: &Conduct, pid: i32) -> Result<(), u8> {
    if let Some(signal) = conduct.parent_death
        && process::on_parent_death(signal).is_err()
    {
        say::warn("cannot ask for a signal when the parent dies");
        return Err(1);
    }
    if pid == 1 {
        return Ok(());
    }
    match conduct.subreaper {
        Subreaper::No => {
            if let Some(said) = conduct.voice.at(Moment::NotReaping) {
                say::said(&said);
            }
        }
        Subreaper::Yes => {
            if let Err(error) = process::become_subreaper() {
                say::warn(format_args!(
                    "orphans will not come to init, which is not PID 1: {error}"
                ));
            }
        }
    }
    Ok(())
}
