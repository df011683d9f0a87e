//! Acting as the first process: thin layers over the system, without choices of their own.

mod answer;
mod command;
mod family;
mod main_process;
mod path;
mod pause;
mod run;
mod say;
mod spawn;
mod sys;
mod watch;
