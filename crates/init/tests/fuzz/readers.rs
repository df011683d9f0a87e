//! The readers, and what holds for whatever they get.

use boatyard_init::config::{BUILT_IN, Config, Form, dump, expand, parse as parse_ini};
use boatyard_init::contract;
use boatyard_init::control;
use boatyard_init::cron::{Reading, Rules, Stars, parse as parse_crontab, parse_duration};
use boatyard_init::environment::{Environment, take_over, variables};
use boatyard_init::line::{Shell, evaluate, native};
use boatyard_init::log::syslog::message;
use boatyard_init::probe::{Progress, Target, read};
use boatyard_init::procfile;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::damage::damaged;

#[test]
fn crontab() {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let reading = Reading {
        // Few zones: reading them from the disk again and again would be the test.
        zone: &|name| (name == "UTC").then_some(TimeZone::UTC),
        stars: Stars::Alone,
        rules: Rules::default(),
    };
    let good = [
        "CRON_TZ=UTC\nA='b c'\n*/5 1-7/2 * jan,mar mon#2 run\n# boatyard: timeout=1h30m retries=2\n@every 5m x\n",
        "0 59 23 LW 12 5L 2024-2030/2 y % z\n0 0 31W 2 ? never\n@midnight e\nSHELL=/bin/bash\n",
        "30 2 * * 0-7 a\n*/15 */2 1,15 * fri b\n@reboot c\n# boatyard: overlap=queue splay=9s retry-delay=1m\n* * * * * d\n",
    ];
    let words = [
        "*",
        "*/",
        "-",
        ",",
        "#",
        "L",
        "W",
        "LW",
        "?",
        "@",
        "@every ",
        "60",
        "0",
        "99999999999999999999",
        "\n",
        " ",
        "\t",
        "=",
        "\"",
        "'",
        "%",
        "\\",
        "CRON_TZ=",
        "# boatyard: ",
        "overlap=",
        "timeout=",
        "1h",
        "sun",
        "december",
        "2099",
        "\r\n",
    ];
    damaged("crontab", &good, &words, |bytes| {
        match parse_crontab(bytes, &reading) {
            Ok(table) => {
                for job in table.jobs {
                    let zone = job.zone.unwrap_or(TimeZone::UTC);
                    let next = job.schedule.next(now, &zone);
                    assert!(next.is_none_or(|next| next > now));
                }
            }
            Err(mistakes) => {
                let lines = bytes.split(|&byte| byte == b'\n').count();
                assert!(!mistakes.is_empty());
                assert!(
                    mistakes
                        .iter()
                        .all(|mistake| (1..=lines).contains(&mistake.line))
                );
            }
        }
    });
}

#[test]
fn duration() {
    let good = ["1h30m", "90s", "2d", "1.5s", "250ms"];
    damaged(
        "duration",
        &good,
        &["h", "m", "9999999999999999999", ".", "-", "s"],
        |bytes| {
            let _ = parse_duration(&String::from_utf8_lossy(bytes));
        },
    );
}

const INI: &str = "# c\n[DEFAULT]\nname: base\n[db]\nhost = localhost\n  more\n\n  lines\nport=5432\n[web]\nnames = a, b\n; end\n";

#[test]
fn ini() {
    let words = [
        "[",
        "]",
        "=",
        ":",
        "#",
        ";",
        "\n",
        "\r",
        " ",
        "\t",
        "[DEFAULT]",
        "[db]\n",
        "\u{feff}",
        "%",
        "é",
    ];
    damaged(
        "ini",
        &[INI, "[a]\nb = c\n d\n"],
        &words,
        |bytes| match parse_ini(bytes) {
            Ok(file) => {
                let config = Config::new(vec![("f".to_owned(), file)]);
                let form = Form {
                    origin: true,
                    ..Form::default()
                };
                let _ = dump(&config, form);
            }
            Err(faults) => assert!(!faults.is_empty()),
        },
    );
}

#[test]
fn template() {
    let config = Config::new(vec![("f".to_owned(), parse_ini(INI.as_bytes()).unwrap())]);
    let good: Vec<&str> = BUILT_IN.iter().map(|(_, text)| *text).collect();
    let words = [
        "{{", "}}", "{%", "%}", "|", ".", "db.host", "if ", "for ", "end", "\n", "\"",
    ];
    damaged("template", &good, &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Err(unfit) = expand(&text, &config) {
            assert!(unfit.line >= 1 && unfit.line <= text.split('\n').count());
        }
    });
}

fn before() -> Environment {
    Environment::new(vec![
        b"A=b".to_vec(),
        b"HOME=/".to_vec(),
        b"ODD=\xff".to_vec(),
    ])
}

#[test]
fn env_script() {
    let good = [
        "# c\nexport A=b\nB=\"$A ${C:-d}\"\nunset A\nPATH=$HOME/bin:${PATH}\n",
        "A='x y' B=$A\nexport A B\nC=${D:+e}${E-f}${F:=g}\n",
    ];
    let words = [
        "$", "${", "}", ":-", ":=", ":?", "'", "\"", "\\", "\n", ";", "#", "export ", "unset ",
        "(", "`", "\\\n", "=", "~",
    ];
    damaged("env_script", &good, &words, |bytes| {
        let _ = evaluate(&String::from_utf8_lossy(bytes), &before());
    });
}

#[test]
fn env_dump() {
    damaged(
        "env_dump",
        &["A=b\0C=d\0PWD=/\0", "BASH_FUNC_f%%=() {\n}\0X=\0"],
        &["\0", "=", "_="],
        |bytes| {
            let _ = take_over(&before(), bytes);
        },
    );
}

#[test]
fn exec_d() {
    let good = [
        "A = \"b\"\n'C' = 'd'\n",
        "# c\nM = \"\"\"\nx\\\n  y\"\"\"\nU = \"\\u00e9\\U0001F600\"\n",
    ];
    let words = [
        "\"", "'", "\"\"\"", "'''", "\\", "\\u", "\\U", "=", "\n", "#", ".", "[", "{", "\r",
    ];
    damaged("exec_d", &good, &words, |bytes| {
        let _ = variables(bytes);
    });
}

#[test]
fn command_line() {
    let good = [
        "gunicorn -w \"${W:-1}\" -b '0.0.0.0:'$PORT app:app",
        "exec sh -c 'a; b' && c | d > e",
        "A=b nginx -g \"daemon off;\"",
    ];
    let words = [
        "$", "${", "}", "\"", "'", "\\", " ", "&&", "|", ">", "(", "*", "~", "#", "exec ", "\n",
    ];
    damaged("command_line", &good, &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let variable = |name: &str| (name == "PORT").then(|| b"80 80".to_vec());
        for shell in [Shell::There, Shell::Missing] {
            let _ = native(&text, variable, shell);
        }
    });
}

#[test]
fn procfile_and_contract() {
    let words = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "null",
        "true",
        "-1",
        "1e999",
        "\\u0000",
        "\"roles\"",
        "\"command\"",
        "\"stop\"",
        "\"supervise\"",
        "\"after\"",
        "\"sockets\"",
        "\"ready\"",
        "main",
        "\n",
    ];
    let good = [
        r#"{"version":1,"project":"p","service":"s","default_role":"web","roles":{"web":{"command":"a","ready":"tcp://:1","stop":{"signal":"TERM","grace_secs":1}}}}"#,
        r#"{"version":1,"project":"p","service":"s","roles":{"w":{"command":["a"],"supervise":{"stop_delay_secs":2,"main":{"sockets":["tcp://127.0.0.1:1"]},"services":{"x":{"command":"b","habits":{"after":["main"],"env":{"A":"b"}}}}}}}}"#,
        r#"{"version":1,"project":"p","service":"s","jobs":{"j":{"command":"c"}},"schedules":{"n":{"cron":"0 3 * * *","command":["d","e"]}}}"#,
    ];
    damaged("contract", &good, &words, |bytes| {
        // What is taken can be written and is the same when it is read again.
        if let Ok(contract) = contract::parse(bytes) {
            let written = serde_json::to_vec(&contract).unwrap();
            assert_eq!(contract::parse(&written).unwrap(), contract);
        }
    });
    damaged(
        "procfile",
        &["web: gunicorn app\nworker: celery -A x worker\n# c\n"],
        &words,
        |bytes| {
            let _ = procfile::parse(&String::from_utf8_lossy(bytes));
        },
    );
}

#[test]
fn requests_of_probes_and_others() {
    let good = [
        "GET /ready HTTP/1.1\r\nHost: pod:8081\r\nUser-Agent: kube-probe\r\n\r\n",
        "GET /alive?x=1 HTTP/1.0\r\n\r\n",
        "HEAD / HTTP/1.1\nHost: x\n\n",
    ];
    let words = [
        "\r\n",
        "\n",
        "\r\n\r\n",
        "GET ",
        "POST ",
        " HTTP/1.1",
        "/ready",
        "%00",
        "?",
        "Content-Length: 99999999999\r\n",
        " ",
    ];
    damaged("probe_request", &good, &words, |bytes| {
        // More bytes never make a decided request undecided.
        let whole = read(bytes);
        for end in [bytes.len() / 2, bytes.len().saturating_sub(1)] {
            assert!(read(&bytes[..end]) == Progress::Incomplete || whole != Progress::Incomplete);
        }
    });
    let good = [
        "GET /status HTTP/1.1\r\nHost: init\r\n\r\n",
        "POST /signal/RTMIN+3 HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "POST /restart/nginx%20%C3%A9 HTTP/1.1\r\n\r\n",
    ];
    let words = [
        "POST ",
        "/signal/",
        "/restart/",
        "%2F",
        "%",
        "\u{e9}",
        "/status",
        "9",
        "65",
        "-1",
        "RTMAX-",
        "SIG",
        "\r\n\r\n",
    ];
    damaged("control_request", &good, &words, |bytes| {
        if let control::Progress::Asked(request) = control::read(bytes) {
            let again = control::read(request.text().as_bytes());
            assert_eq!(again, control::Progress::Asked(request));
        }
    });
    damaged(
        "probe_target",
        &["http://:8080/path", "tcp://[::1]:1", "pg_isready -q"],
        &["http://", "tcp://", ":", "[", "]", "/"],
        |bytes| {
            let _ = Target::parse(&String::from_utf8_lossy(bytes), Some(80));
        },
    );
}

#[test]
fn syslog() {
    let good = [
        "<13>Feb  5 17:32:18 host backup[12]: disk is full",
        "<165>1 2003-10-11T22:14:15.003Z host app 12 ID47 [x@1 a=\"b\\\"c\"] \u{feff}text",
        "<34>su: failed",
    ];
    let words = [
        "<", ">", "<999>", "1 ", "-", "[", "]", "\"", "\\", "\0", "\n", ": ", "\u{feff}",
    ];
    damaged("syslog", &good, &words, |bytes| {
        assert!(message(bytes, b"host").text.len() <= bytes.len());
    });
}
