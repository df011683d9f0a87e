# What CI runs, as recipes that anyone can run: `just` lists them, `just ci` is all of it.

# the list of recipes
default:
    @just --list

# everything CI runs, from a clean checkout
ci:
    .ci/run

# format the code
fmt:
    cargo fmt --all

# the format, checked
fmt-check:
    cargo fmt --all --check

# clippy; warnings are errors
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# all tests
test:
    cargo xtask test

# a forge for tests, built once from Go modules; five minutes
forgetest:
    tools/forgetest/build

# Kubernetes for tests, built once from Go modules; ten minutes
kubetest:
    tools/kubetest/build

# the invariants of ARCHITECTURE.md, held by a machine
tidy:
    cargo xtask tidy

# the guestbook, from source to http://127.0.0.1:8080
guestbook:
    cargo run --release -- -C examples/guestbook up

# every system call of a build killed or failing; an hour
faults:
    FAULTS=all cargo test --release -p boatyard --test faults -- --nocapture

# each fault of watches and calls on the way to a real API server; six minutes
faults-cluster:
    FAULTS=all cargo test -p boatyard --test deploy faulted -- --nocapture

# CASES inputs for each property of the Dockerfile language: parser, checks, expansion, patterns
fuzz-dockerfile CASES:
    PROPTEST_CASES={{CASES}} cargo test --release -p boatyard-plan --test dockerfile_parse --test dockerfile_check --test words -- mutate:: expand:: ignore:: walk::

# the tests of the examples themselves
examples:
    cd examples/guestbook && PYTHONPATH=. python3 -m pytest -q
    cd examples/django-release && PYTHONPATH=src python3 -m pytest -q

# the pictures of the documentation: every page of the server, in Chromium
pictures:
    BOATYARD_TEST_PICTURES={{justfile_directory()}}/docs/pictures cargo test -p boatyard-serve --test web every_page

# the figures of BENCHMARKS.md: base, start, rebuild, scaling
bench NAME:
    bench/{{NAME}}

# damaged inputs for all readers of boatyard-init, with overflow checks; or for one of them
fuzz COUNT="1000000" READER="":
    CARGO_PROFILE_DEV_OPT_LEVEL=2 BOATYARD_FUZZ={{COUNT}} cargo test --target-dir target/fuzz -p boatyard-init --test fuzz -- --nocapture {{READER}}

# damaged files for all readers of `check`, and its fixes
fuzz-check COUNT="1000000":
    CARGO_PROFILE_DEV_OPT_LEVEL=2 BOATYARD_FUZZ={{COUNT}} cargo test --target-dir target/fuzz -p boatyard-harden --test fuzz -- --nocapture
