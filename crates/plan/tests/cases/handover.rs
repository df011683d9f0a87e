//! Words for other engines.

use boatyard_plan::failure::Failure as _;
use boatyard_plan::handover::{Engine, Order, Pull, argv};

const ENGINES: [Engine; 3] = [Engine::Docker, Engine::Podman, Engine::Buildah];

fn words(text: &str) -> Vec<String> {
    text.split('|').map(str::to_owned).collect()
}

fn order() -> Order {
    Order {
        context: ".".to_owned(),
        ..Order::default()
    }
}

#[test]
fn what_all_have() {
    let order = Order {
        file: Some("a/Dockerfile".to_owned()),
        tags: words("app:1|app:2"),
        target: Some("last".to_owned()),
        build_args: words("A=1|B"),
        build_contexts: words("c=../c"),
        secrets: words("id=t,src=t"),
        ssh: words("default"),
        labels: words("a=b c"),
        platform: Some("linux/arm64".to_owned()),
        network: Some("none"),
        conditions: vec![
            ("add-host", "db:10.0.0.7".to_owned()),
            ("memory", "2g".to_owned()),
        ],
        outputs: words("type=tar,dest=x.tar|out"),
        iidfile: Some("id".to_owned()),
        no_cache: true,
        quiet: true,
        ..order()
    };
    let common = "--file=a/Dockerfile|--tag=app:1|--tag=app:2|--target=last|--build-arg=A=1|--build-arg=B|\
                  --build-context=c=../c|--secret=id=t,src=t|--ssh=default|--label=a=b c|--platform=linux/arm64|\
                  --network=none|--add-host=db:10.0.0.7|--memory=2g|--iidfile=id|--no-cache|--quiet|--output=type=tar,dest=x.tar|--output=out";
    let around = [
        ("docker|build|", "|."),
        ("podman|build|", "|--pull=missing|."),
        ("buildah|build|--layers|", "|--pull=false|."),
    ];
    for (engine, (before, after)) in ENGINES.into_iter().zip(around) {
        let found = argv(engine, &order).expect("all have these words");
        assert_eq!(found.join("|"), format!("{before}{common}{after}"));
    }
}

/// A flag, how it is said, and what it is for docker, podman and buildah. An empty word: it has none.
type Row = (&'static str, fn(&mut Order), [&'static str; 3]);

const ROWS: [Row; 16] = [
    (
        "pull",
        |order| order.pull = Pull::Always,
        ["--pull", "--pull=always", "--pull-always"],
    ),
    (
        "pull=never",
        |order| order.pull = Pull::Never,
        ["", "--pull=never", "--pull-never"],
    ),
    (
        "jobs",
        |order| order.jobs = Some(2),
        ["", "--jobs=2", "--jobs=2"],
    ),
    (
        "squash",
        |order| order.squash = true,
        ["", "--squash", "--squash"],
    ),
    ("push", |order| order.push = true, ["--push", "", ""]),
    ("check", |order| order.check = true, ["--check", "", ""]),
    (
        "no-cache-filter",
        |order| order.no_cache_filter = words("a|b"),
        ["--no-cache-filter=a,b", "", ""],
    ),
    (
        "metadata-file",
        |order| order.metadata_file = Some("m".to_owned()),
        ["--metadata-file=m", "", ""],
    ),
    (
        "secret ...,env=NAME",
        |order| order.secrets = words("id=a,env=B"),
        ["--secret=id=a,env=B", "", ""],
    ),
    (
        "output type=oci",
        |order| order.outputs = words("type=oci,dest=x"),
        ["--output=type=oci,dest=x", "", ""],
    ),
    (
        "cache-to dir",
        |order| order.cache_to = words("dir"),
        ["--cache-to=type=local,dest=dir", "", ""],
    ),
    (
        "cache-from",
        |order| order.cache_from = words("type=registry,ref=host/a"),
        [
            "--cache-from=type=registry,ref=host/a",
            "--cache-from=host/a",
            "--cache-from=host/a",
        ],
    ),
    (
        "cache-to mounts=...",
        |order| order.cache_to = words("type=local,dest=a,mounts=true"),
        ["", "", ""],
    ),
    (
        "sbom",
        |order| order.docker = vec![("sbom", "true".to_owned())],
        ["--sbom=true", "", ""],
    ),
    (
        "compression",
        |order| order.ours = vec!["compression"],
        ["", "", ""],
    ),
    ("json", |order| order.ours = vec!["json"], ["", "", ""]),
];

#[test]
fn what_some_have() {
    for (flag, say, expected) in ROWS {
        let mut order = order();
        say(&mut order);
        for (engine, word) in ENGINES.into_iter().zip(expected) {
            match argv(engine, &order) {
                Ok(found) => {
                    assert!(
                        !word.is_empty() && found.contains(&word.to_owned()),
                        "{flag}: {found:?}"
                    );
                }
                Err(error) => {
                    let message = format!("{} has no word for --{flag}", engine.program());
                    assert_eq!((error.to_string().as_str(), word), (message.as_str(), ""));
                    assert!(error.help().is_some());
                }
            }
        }
    }
}
