//! How long the engine takes over one sighting. `cargo bench --bench engine`.
//!
//! The sightings are made once; each round they come again, at a later time.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use doppelmac::engine::{Engine, Settings};
use doppelmac::model::{Port, PortId, Sighting, Span, Timestamp};
use doppelmac::wire::{Decoder, Options};
use traffic::{Kind, Traffic, lend};

mod traffic;

fn main() {
    divan::main();
}

/// The sightings of so many frames, of all kinds in turn.
fn sightings(hosts: u32, frames: usize) -> Vec<Sighting> {
    let mut traffic = Traffic::new(hosts);
    let mut decoder = Decoder::new(Options::default());
    let mut sightings = Vec::new();
    for kind in Kind::ALL.into_iter().cycle().take(frames) {
        let bytes = traffic.frame(kind);
        decoder.decode(&lend(&bytes, 1, 0), &mut |sighting| {
            sightings.push(*sighting);
        });
    }
    sightings
}

/// An engine that is given rounds of sightings, so far apart in time.
struct Rounds {
    engine: Engine,
    clock: Timestamp,
    step: Span,
}

impl Rounds {
    fn new(step: Span) -> Self {
        Rounds {
            engine: Engine::new(Settings::default()),
            clock: Timestamp::from_nanos(1_800_000_000_000_000_000),
            step,
        }
    }

    /// One round; `port` says where each comes in, if not where it was made.
    fn run(&mut self, sightings: &[Sighting], port: Option<Port>) {
        for sighting in sightings {
            self.clock = self.clock + self.step;
            let sighting = Sighting {
                first: self.clock,
                last: self.clock,
                port: port.unwrap_or(sighting.port),
                ..*sighting
            };
            self.engine.observe(&sighting);
        }
        black_box(self.engine.events().count());
    }
}

fn in_place(bencher: Bencher<'_, '_>, hosts: u32, frames: usize) {
    let sightings = sightings(hosts, frames);
    let mut rounds = Rounds::new(Span::from_millis(2));
    rounds.run(&sightings, None);
    bencher
        .counter(ItemsCount::new(sightings.len()))
        .bench_local(|| rounds.run(&sightings, None));
}

#[divan::bench]
fn few_stations(bencher: Bencher<'_, '_>) {
    in_place(bencher, 50, 9_000);
}

#[divan::bench]
fn hundred_thousand_stations(bencher: Bencher<'_, '_>) {
    in_place(bencher, 100_000, 900_000);
}

/// Every sighting is a station's first in a while, on another port than its last.
#[divan::bench]
fn transitions(bencher: Bencher<'_, '_>) {
    const STATIONS: u32 = 1_000;
    let mut traffic = Traffic::new(STATIONS);
    let mut decoder = Decoder::new(Options::default());
    let mut sightings = Vec::new();
    for _ in 0..STATIONS {
        let bytes = traffic.frame(Kind::Tcp);
        decoder.decode(&lend(&bytes, 1, 0), &mut |sighting| {
            sightings.push(*sighting);
        });
    }
    // A round lasts longer than the window in which moves count as flapping.
    let mut rounds = Rounds::new(Span::from_millis(400));
    let mut turn = 0;
    bencher.counter(ItemsCount::new(STATIONS)).bench_local(|| {
        turn = (turn + 1) % 2;
        rounds.run(&sightings, Some(Port::Capture(PortId(turn))));
    });
}
