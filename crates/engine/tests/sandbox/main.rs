//! Sandboxes, on the real kernel.

mod root;

use boatyard_engine::host::{self, Options};
use boatyard_engine::sandbox::{Program, Sandbox, Spec, Stdio, helper_main_if_asked};

fn main() {
    helper_main_if_asked();
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let root = scratch.path().join("root");
    root::build(&root);
    let host = host::enter(&Options::default()).expect("this machine permits sandboxes");
    let program = Program::new(["sh", "-c", "exit 7"]);
    let stdio = [Stdio::Null, Stdio::Inherit, Stdio::Inherit];
    let mut running = Sandbox::default()
        .spawn(&host, &Spec::new(&root, program), stdio)
        .expect("it starts");
    assert_eq!(running.wait().expect("it ends").code, 7);
    println!("a program runs in a sandbox ... ok");
}
