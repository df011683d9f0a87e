//! What happens in the world.

use boatyard_preview::phase::Event;
use proptest::prelude::*;

use super::forge::Mood;

/// How what a backend says arrives.
#[derive(Clone, Copy, Debug)]
pub enum Post {
    Once,
    Twice,
    /// Not at all: the controller is killed, and asks again.
    Lost,
    /// After whatever happens meanwhile.
    Late,
}

/// One thing that happens in the world.
#[derive(Clone, Debug)]
pub enum Act {
    /// Somebody pushes to that subject, which opens it.
    Push(usize, bool),
    /// Somebody closes that subject.
    Close(usize),
    /// From now on the forge answers like that.
    Forge(Mood),
    /// Somebody wants to see what that subject shows.
    Use(usize),
    /// An operator does that to the environment that has that place in the list.
    Operate(usize, Event),
    /// Somebody does something with a snapshot of one of those that are prepared.
    Keep(usize, Event),
    /// The backend gets on with its work, and what it says arrives so.
    Work(u8, Post),
    /// A process of an environment ends by itself.
    Crash(usize),
    /// The controller is killed once it has written so many decisions down, and comes back.
    Kill(usize),
    /// That many seconds pass.
    Wait(u64),
}

/// Of the few names some are there.
fn name() -> impl Strategy<Value = String> {
    (1..3_u8).prop_map(|number| format!("s{number}"))
}

/// Whatever happens.
pub fn act() -> impl Strategy<Value = Act> {
    let operation = prop_oneof![
        Just(Event::Reset),
        Just(Event::Remove),
        Just(Event::Undeploy),
        Just(Event::Stop),
        Just(Event::Start),
        Just(Event::Approve),
        Just(Event::Pin(true)),
        Just(Event::Pin(false)),
    ];
    let task = prop_oneof![
        2 => name().prop_map(Event::Save),
        2 => name().prop_map(Event::Restore),
        1 => name().prop_map(Event::Discard),
    ];
    let post = prop_oneof![
        12 => Just(Post::Once),
        1 => Just(Post::Twice),
        1 => Just(Post::Lost),
        2 => Just(Post::Late),
    ];
    prop_oneof![
        4 => (0..8_usize, any::<bool>()).prop_map(|(at, trusted)| Act::Push(at, trusted)),
        2 => (0..8_usize).prop_map(Act::Close),
        1 => prop_oneof![Just(Mood::Well), Just(Mood::Silent), Just(Mood::Empty), Just(Mood::Partial)].prop_map(Act::Forge),
        4 => (0..8_usize).prop_map(Act::Use),
        2 => (0..8_usize, operation).prop_map(|(at, event)| Act::Operate(at, event)),
        2 => (0..8_usize, task).prop_map(|(at, event)| Act::Keep(at, event)),
        10 => (any::<u8>(), post).prop_map(|(luck, post)| Act::Work(luck, post)),
        1 => (0..8_usize).prop_map(Act::Crash),
        1 => (0..4_usize).prop_map(Act::Kill),
        5 => (1..2000_u64).prop_map(Act::Wait),
    ]
}
