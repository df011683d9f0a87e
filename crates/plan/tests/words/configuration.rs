//! What Docker writes into configurations beyond the OCI specification.

use boatyard_plan::image::{Healthcheck, RunConfig};

#[test]
fn what_docker_adds_survives() {
    let text = concat!(
        r#"{"Healthcheck":{"Test":["CMD","x"],"Interval":1,"Timeout":2,"StartPeriod":3,"StartInterval":4,"Retries":5},"#,
        r#""OnBuild":["RUN x"],"Shell":["/bin/bash","-c"],"ArgsEscaped":true}"#
    );
    let read: RunConfig = serde_json::from_str(text).unwrap();
    assert_eq!(
        read.healthcheck,
        Some(Healthcheck {
            test: vec!["CMD".to_owned(), "x".to_owned()],
            interval: 1,
            timeout: 2,
            start_period: 3,
            start_interval: 4,
            retries: 5,
        })
    );
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    assert_eq!(serde_json::to_string(&RunConfig::default()).unwrap(), "{}");
}
