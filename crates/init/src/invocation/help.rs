//! What `--help` says.

/// The text of `--help`.
pub const HELP: &str = "\
usage: boatyard-init [FLAGS] start [ROLE]     run a role: the one named, else $ROLE, else the default
       boatyard-init [FLAGS] job NAME         run a job, or what is scheduled
       boatyard-init [FLAGS] exec -- CMD...   run a command
       boatyard-init [FLAGS] shell            run bash, or sh where there is no bash
       boatyard-init [FLAGS] CMD...           run /scripts/CMD if there is one, else CMD
       boatyard-init [FLAGS]                  run the default role, or a shell if there is none
       boatyard-init cron [FLAGS] [FILE]      run the jobs of a crontab, or the schedules (cron -help)
       boatyard-init config dump|get|check|render    the layered configuration (config --help)
       boatyard-init roles                    list the roles, one on a line

       boatyard-init ready | alive            ask the application's hook, else the role's probe
       boatyard-init setup | migrate | verify run the application's hook
       boatyard-init assemble | run           in an S2I image: build or run the application, with its hooks
       boatyard-init jobs CATEGORY [--on-error stop|continue] [--timeout SECS] [--overlap skip|wait|fail|allow]
                     [--allow-missing]        run the scripts of a category
       boatyard-init wait-for [--timeout TIME] TARGET... [-- CMD...]
                                              wait (60s) for tcp://HOST:PORT, http://HOST/PATH or file:///PATH,
                                              then run CMD
       boatyard-init status [--json]          say what the role that runs here does
       boatyard-init signal NAME              have the init of that role take a signal for received: NAME or a number
       boatyard-init restart SERVICE [--no-wait]
                                              end a service of that role, start it again, and wait until it is ready
       boatyard-init check                    say what in this image cannot be used
       boatyard-init doctor                   say what this container permits
       boatyard-init --version | --help

flags:
  -g, --group      forward signals to the process group of the main process
  --target WHO     forward signals to WHO: main (default), group, or all processes of the container
  -r FROM:TO       forward the signal FROM as TO, or not at all if TO is 0 (may be repeated)
  --grace SECS     kill what has not stopped SECS seconds after a stop was asked for
  -e CODE          exit with 0 where the main process exits with CODE (may be repeated)
  --stop-ok        exit with 0 where the main process dies of the stop signal after a stop was asked for
  --from-app       run it with the environment of the role that runs here (also after exec, shell, job and jobs)
  --log FORM       write each line of the main process whole: raw, prefix (with the role) or json
  --probes WHERE   answer /ready and /alive over HTTP at HOST:PORT, :PORT or a socket's path, from the hooks or the
                   role's probe
  --probe-timeout SECS
                   how long those who probe wait (1)
  --syslog PATH    listen for syslog at PATH (default: /dev/log where it can be made), and write it to standard output;
                   off: do not
  --keep-fds N,... | none
                   close all inherited descriptors but these, the standard ones and passed sockets (default: keep all)
  --compat powershift
                   hooks behave and speak as powershift's
";
