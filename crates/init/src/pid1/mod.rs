//! Acting as the first process: thin layers over the system, without choices of their own.

mod answer;
mod command;
mod config;
mod cron;
mod family;
mod inlet;
mod main_process;
mod outlet;
mod path;
mod pause;
mod run;
mod say;
mod scrape;
mod spawn;
mod sys;
mod watch;
