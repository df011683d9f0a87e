//! Programs of others that answer the same questions: random cases are put to both.
//!
//! They come from the Python index. Where there is no Python, or the packages cannot be had, the tests say `not run`
//! and why. `BOATYARD_ORACLE_CASES` sets how many cases there are.

mod crondst;
mod getconf;
mod python;
mod random;
