//! The backing services that Boatyard knows how to run: their packages, command, environment for the application.
