//! `boatyard completions SHELL`

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::answer;
use crate::args::Arguments;
use crate::stopped::Stopped;

/// Writes the script.
pub fn run(shell: Shell) -> Result<(), Stopped> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "boatyard", &mut script);
    answer::bytes(&script)
}
