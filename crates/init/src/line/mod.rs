//! Command lines: run without a shell where that makes no difference, else given to one so that it does not stay.
//!
//! ```text
//! gunicorn -w "${WORKERS:-1}" app:app     native: words, quotes, ${VAR}, ${VAR:-word}; no shell is started
//! A=b flask run > /tmp/log                one simple command: sh -c 'A=b exec flask run > /tmp/log'
//! flask db upgrade && gunicorn app:app    anything else: sh -c LINE
//! export A=b C="$HOME/c"                  a file of such lines: evaluated without a shell
//! ```

mod exec;
mod expand;
mod outside;
mod parse;
mod reserved;
mod script;
mod shell;
mod word;

pub use exec::with_exec;
pub use expand::native;
pub use outside::Outside;
pub use script::{Fault, evaluate};
pub use shell::Shell;
