//! Once it knows the stations, the way from a frame to the end of judgement allocates nothing.

use doppelmac::model::Span;
use doppelmac::run::{Pipeline, PortFrom, Settings};
use traffic::{Kind, Traffic, lend};

#[path = "../benches/traffic/mod.rs"]
mod traffic;

/// Stations that speak.
const HOSTS: u32 = 200;
/// Frames of each kind that are counted.
const FRAMES: usize = 20_000;

/// How often memory was asked for while the frames went through a pipeline that had seen as many
/// before, coming in on so many ports in turn.
fn allocations(kinds: &[Kind], ports: u16) -> u64 {
    let mut pipeline = Pipeline::new(
        Settings::default(),
        PortFrom::Auto,
        Span::from_secs(1),
        true,
    );
    pipeline.expect_lanes(usize::from(ports));
    let mut traffic = Traffic::new(HOSTS);
    let frames: Vec<Vec<u8>> = (0..2 * FRAMES)
        .map(|turn| traffic.frame(kinds[turn % kinds.len()]))
        .collect();
    let mut number = 0;
    let mut push = |pipeline: &mut Pipeline, bytes: &[u8]| {
        // A station stays on its port: stations take turns, and so do ports.
        let port = u16::try_from(number % u64::from(ports)).expect("below a u16");
        number += 1;
        pipeline.push(&lend(bytes, number, port));
    };
    let (early, late) = frames.split_at(FRAMES);
    for bytes in early {
        push(&mut pipeline, bytes);
    }
    let known = pipeline.engine().events().count();
    assert!(known >= HOSTS as usize, "the stations are known: {known}");

    let counted = allocation_counter::measure(|| {
        for bytes in late {
            push(&mut pipeline, bytes);
        }
    });
    let said: Vec<_> = pipeline.engine().events().map(|event| event.kind).collect();
    assert!(said.is_empty(), "nothing happened: {said:?}");
    counted.count_total
}

#[test]
fn a_known_station_costs_no_allocation_whatever_it_sends() {
    for kind in Kind::ALL {
        assert_eq!(allocations(&[kind], 1), 0, "{kind:?}");
    }
}

#[test]
fn mixed_traffic_costs_no_allocation() {
    assert_eq!(allocations(&Kind::ALL, 1), 0);
}

#[test]
fn several_ports_in_step_cost_no_allocation() {
    assert_eq!(allocations(&Kind::ALL, 4), 0);
}

#[test]
fn allocations_are_counted_at_all() {
    let counted = allocation_counter::measure(|| drop(Vec::<u8>::with_capacity(64)));
    assert_eq!(counted.count_total, 1);
}
