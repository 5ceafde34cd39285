//! Frames in, events out: the stages of a run, joined.

use hashbrown::HashSet;

use crate::capture::Reorder;
use crate::engine::{Engine, Settings};
use crate::model::{Counts, Frame, Sighting, Span};
use crate::wire::{Decoder, Options, PortFrom};

/// Sightings that are judged together, so that their look-ups overlap.
const BATCH: usize = 32;

/// Seed of the content hashes of a file run. It is fixed, so that a capture that is read again
/// gives the same verdicts to the last one; who made the file can only hide his own frames with it.
const FILE_SEED: u64 = 0x6d61_6370_7069_6e67;

/// A sighting with the lane it came in on, which is what can be out of order with others.
pub(super) type Laned = (u16, Sighting);

/// The first half of a run: frames become sightings.
pub(super) struct Decoding {
    decoder: Decoder,
    /// Distinct sources of the outermost headers, when somebody wants to know.
    sources: Option<HashSet<u64, foldhash::fast::RandomState>>,
}

impl Decoding {
    /// Appends what one frame shows.
    #[inline]
    pub(super) fn decode(&mut self, frame: &Frame<'_>, into: &mut Vec<Laned>) {
        let lane = frame.port.0;
        self.decoder.decode(frame, &mut |sighting: &Sighting| {
            into.push((lane, *sighting));
        });
        if let Some(sources) = &mut self.sources
            && let Some(mac) = Decoder::outer_source(frame)
        {
            sources.insert(mac.to_bits());
        }
    }
}

/// The second half: sightings are put in order and judged.
pub(super) struct Judging {
    reorder: Reorder<Sighting>,
    pub(super) engine: Engine,
}

impl Judging {
    /// Says of how many interfaces frames may come out of time order.
    pub(super) fn expect_lanes(&mut self, lanes: usize) {
        self.reorder.expect(lanes);
    }

    /// Takes sightings in, in the order of the capture.
    pub(super) fn take(&mut self, sightings: &[Laned]) {
        if self.reorder.is_direct() {
            self.engine.observe_all(sightings, |(_, sighting)| sighting);
            return;
        }
        let engine = &mut self.engine;
        for &(lane, sighting) in sightings {
            self.reorder.push(sighting, sighting.first, lane, |due| {
                engine.observe_all(due, |(_, sighting)| sighting);
            });
        }
    }

    /// The end of the input: everything that still waits is judged.
    pub(super) fn finish(&mut self) {
        let engine = &mut self.engine;
        self.reorder
            .flush(|due| engine.observe_all(due, |(_, sighting)| sighting));
        engine.finish();
    }
}

/// Both halves of one run, one after the other.
///
/// Sightings wait in the reorder buffer, not frames: they are small and need no capture buffer.
/// Those that need not wait there are judged a batch at a time.
pub struct Pipeline {
    pub(super) decoding: Decoding,
    pub(super) judging: Judging,
    batch: Vec<Laned>,
}

impl Pipeline {
    /// A pipeline that judges by these settings. `reorder` is by how much frames of several
    /// interfaces may be out of time order; `count_sources` makes it count outermost sources.
    pub fn new(
        settings: Settings,
        port_from: PortFrom,
        reorder: Span,
        count_sources: bool,
    ) -> Self {
        let options = Options {
            seed: FILE_SEED,
            port_from,
        };
        Pipeline {
            decoding: Decoding {
                decoder: Decoder::new(options),
                sources: count_sources.then(HashSet::default),
            },
            judging: Judging {
                reorder: Reorder::new(reorder, 1),
                engine: Engine::new(settings),
            },
            batch: Vec::with_capacity(2 * BATCH),
        }
    }

    /// Says of how many interfaces frames may come out of time order.
    pub fn expect_lanes(&mut self, lanes: usize) {
        self.settle();
        self.judging.expect_lanes(lanes);
    }

    /// Takes in one frame. It may not be judged before [`Pipeline::settle`].
    #[inline]
    pub fn push(&mut self, frame: &Frame<'_>) {
        self.decoding.decode(frame, &mut self.batch);
        if self.batch.len() >= BATCH {
            self.settle();
        }
    }

    /// Judges what was only put together for a batch: do so before looking at the engine.
    #[inline]
    pub fn settle(&mut self) {
        self.judging.take(&self.batch);
        self.batch.clear();
    }

    /// The end of the input: everything that still waits is judged.
    pub fn finish(&mut self) {
        self.settle();
        self.judging.finish();
    }

    /// The engine, for its events and its census.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.judging.engine
    }

    /// What was counted, given the frames that the inputs hold: those of link types that are
    /// not read count as frames all the same.
    pub fn counts(&self, frames: u64) -> Counts {
        Counts {
            frames,
            ..self.decoding.decoder.counts.clone()
        }
    }

    /// How many distinct sources the outermost headers had; zero when nobody wanted to know.
    pub fn outer_sources(&self) -> u64 {
        self.decoding
            .sources
            .as_ref()
            .map_or(0, |sources| sources.len() as u64)
    }
}
