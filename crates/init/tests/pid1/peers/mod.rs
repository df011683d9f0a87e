//! Other inits and ours in the same tables: what each does, which is right where they differ, and why. Every cell is run;
//! `docs/reference/init-peers.md` is the tables as they stand here, and `UPDATE_EXPECTED=1` writes it anew.

mod cron;
mod ending;
mod given;
mod page;
mod run;
mod sent;
mod several;
mod single;
mod table;
