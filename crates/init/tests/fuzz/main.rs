//! Every reader of `boatyard-init` gets damaged inputs: whatever is in a file or comes over a socket, PID 1 goes on.
//!
//! A few seconds by default. As long as you want, on all of it or on one reader:
//!
//! ```text
//! just fuzz 5000000 [READER]
//! ```
//! That is a build with optimisation and with overflow checks, and the variable `BOATYARD_FUZZ`. `BOATYARD_FUZZ_SEED=N` gives other inputs. An input that makes a reader fall is printed, with its seed.

mod damage;
mod names;
mod readers;
