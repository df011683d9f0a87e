//! Projects that are drawn: each number chooses among what may stand at a place.

use std::fmt::Write as _;

/// Numbers that choose.
pub struct Draw<'a> {
    choices: std::iter::Cycle<std::slice::Iter<'a, u16>>,
}

impl<'a> Draw<'a> {
    /// Those numbers, again and again; at least one.
    pub fn new(choices: &'a [u16]) -> Self {
        Self {
            choices: choices.iter().cycle(),
        }
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(*self.choices.next().expect("there is at least one number")) % count
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    /// The text of a project file without mistakes.
    pub fn project(&mut self) -> String {
        let mut text = String::new();
        let name = self.one(&["shop", "2048", "a", "guest-book", LONG]);
        let _ = writeln!(text, "[project]\nname = \"{name}\"\n[image]");
        text.push_str(self.one(&[
            "",
            "user = { name = \"root\", uid = 0, gid = 0 }\n",
            "user = { name = \"x\", uid = 1000, gid = 100 }\nenv = { HOME = \"/app\" }\n",
            "prefix = \"registry.example.com:5000/team/x\"\n",
        ]));
        let roles = self.roles();
        let names: Vec<String> = (0..roles.len()).map(|n| ROLES[n].to_owned()).collect();
        if self.below(2) == 0 {
            let _ = writeln!(text, "[service.app]\nroles = {names:?}\n[service.other]");
        }
        for role in roles {
            text.push_str(&role);
        }
        self.work(&mut text);
        for backing in ["postgres", "redis"] {
            if self.below(2) == 0 {
                let on_cluster = self.one(&[
                    "",
                    "cluster = \"kept\"\nclass = \"fast\"\n",
                    "cluster = \"scratch\"\nsize = \"100Mi\"\n",
                ]);
                let name = match (backing, self.below(4)) {
                    ("redis", 0) => "cache",
                    _ => backing,
                };
                let _ = writeln!(text, "[backing.{name}]\nkind = \"{backing}\"\n{on_cluster}");
            }
        }
        self.deploy(&mut text, &names);
        text
    }

    fn roles(&mut self) -> Vec<String> {
        let mut roles = Vec::new();
        for (index, name) in ROLES[..self.below(ROLES.len() + 1)].iter().enumerate() {
            let port = [80, 8000, 8001, 8002][index];
            let mut text = format!("[role.{name}]\n");
            text.push_str(self.one(&[
                "command = \"gunicorn app:app\"\n",
                "command = [\"celery\", \"-A\", \"x\", \"worker\"]\n",
                "command = \"celery -A x beat -s /tmp/beat\"\n",
                "command = \"nginx -g 'daemon off;'\"\n",
            ]));
            let listens = self.below(3) > 0;
            if listens {
                let _ = writeln!(text, "port = {port}");
            }
            let asked = if listens {
                [
                    "",
                    "http:///healthz?full=1",
                    "tcp://",
                    "http://:9999/up",
                    "check it",
                ]
            } else {
                [
                    "",
                    "celery inspect ping",
                    "tcp://:9000",
                    "http://:9000/",
                    "true",
                ]
            };
            for key in ["ready", "alive"] {
                let said = asked[self.below(asked.len())];
                if !said.is_empty() {
                    let _ = writeln!(text, "{key} = \"{said}\"");
                }
            }
            text.push_str(self.one(&[
                "",
                "stop = { grace = \"5m\", delay = \"20s\" }\n",
                "stop = { grace = \"99999999h\" }\n",
                "stop = { grace = \"0s\" }\n",
            ]));
            text.push_str(self.one(&[
                "",
                "env = { A = \"yes\", B = \"0o17\", C = \"a: b\", D = \"two\\nlines\", E = \" x\\t\" }\n",
                "env = { SECRET_KEY = \"abc\", API_TOKEN = \"x\", WORKERS = \"4\" }\n",
                "env = { TEMPLATE = \"{{ .Values.x }}\", URL = \"http://x/?a=b&c\" }\n",
            ]));
            text.push_str(self.one(&[
                "",
                "resources = { cpu = \"500m\", memory = \"1Gi\" }\n",
                "resources = { cpu-limit = \"2\", memory-limit = \"2Gi\" }\n",
            ]));
            text.push_str(self.one(&["", "writable = [\"/app/cache\", \"/tmp\"]\n"]));
            text.push_str(self.one(&["", "singleton = true\n", "singleton = false\n"]));
            if !text.contains("singleton = true") && !text.contains("beat") {
                text.push_str(self.one(&[
                    "",
                    "replicas = 1\n",
                    "replicas = 5\n",
                    "replicas = 0\n",
                ]));
            }
            if listens && self.below(3) == 0 {
                let _ = writeln!(text, "host = \"{name}.example.com\"");
            }
            roles.push(text);
        }
        roles
    }

    fn work(&mut self, text: &mut String) {
        for name in &JOBS[..self.below(JOBS.len() + 1)] {
            let _ = writeln!(text, "[job.{name}]\ncommand = \"flask db upgrade\"");
            text.push_str(self.one(&[
                "",
                "when = \"before-deploy\"\n",
                "when = \"after-deploy\"\n",
                "resources = { memory = \"2Gi\" }\n",
            ]));
        }
        for name in ["tidy", "web", "migrate"] {
            if self.below(2) == 0 {
                continue;
            }
            let cron = self.one(&[
                "0 3 * * *",
                "@daily",
                "*/5 8-18 * jan mon-friday",
                "0 0 L * *",
            ]);
            let _ = writeln!(
                text,
                "[schedule.{name}]\ncron = \"{cron}\"\ncommand = \"flask tidy\""
            );
            text.push_str(self.one(&[
                "",
                "timezone = \"Europe/Paris\"\noverlap = \"queue\"\n",
                "overlap = \"allow\"\ntimeout = \"5m\"\nretries = 3\nretry-delay = \"1m\"\n",
            ]));
        }
    }

    fn deploy(&mut self, text: &mut String, roles: &[String]) {
        text.push_str("[deploy]\n");
        for line in [
            "namespace = \"shop\"\n",
            "host = \"shop.example.com\"\n",
            "ingress-class = \"nginx\"\n",
            "ingress-namespace = \"ingress\"\n",
            "tls-secret = \"wildcard\"\n",
            "pull-secret = \"registry\"\n",
            "secrets = [\"mail\"]\n",
            "env = { LEVEL = \"on\", DB_PASSWORD = \"abc\" }\n",
            "egress = [443]\n",
        ] {
            if self.below(3) == 0 {
                text.push_str(line);
            }
        }
        if self.below(3) == 0 {
            let _ = writeln!(
                text,
                "[deploy.volume.media]\npath = \"/app/media\"\nof = {:?}\nshared = {}",
                &roles[..roles.len().min(2)],
                self.below(2) == 0
            );
        }
    }
}

const ROLES: [&str; 4] = [
    "web",
    "worker-2",
    "beat",
    "b-very-long-name-of-a-role-that-goes-on-and-on-to-the-end",
];
const JOBS: [&str; 3] = [
    "migrate",
    "report",
    "a-very-long-name-of-a-job-that-goes-on-and-on-to-the-end",
];
const LONG: &str = "a-very-long-name-of-a-project-that-goes-on-and-on-to-the-end-of";
