//! Frames in, events out: the stages of a run, joined.

use std::hash::{BuildHasher, Hasher};

use hashbrown::HashSet;

use crate::capture::Reorder;
use crate::engine::{Engine, Settings};
use crate::model::{Counts, Frame, Sighting, Span};
use crate::wire::{Decoder, MAX_TUNNELS, Options, PortFrom};

/// Frames that are decoded before they are judged.
const BATCH: usize = 32;

/// Decoder, reorder buffer and engine of one run.
///
/// Sightings wait in the reorder buffer, not frames: they are small and need no capture buffer.
/// Those that need not wait there are judged a batch at a time.
pub struct Pipeline {
    decoder: Decoder,
    batch: Vec<Sighting>,
    reorder: Reorder<Sighting>,
    /// The engine, for its events and its census.
    pub engine: Engine,
    /// Distinct sources of the outermost headers, when somebody wants to know.
    sources: Option<HashSet<u64, foldhash::fast::RandomState>>,
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
        // The standard library's random state is the one source of a random seed at hand.
        let seed = std::hash::RandomState::new().build_hasher().finish();
        Pipeline {
            decoder: Decoder::new(Options { seed, port_from }),
            batch: Vec::with_capacity(BATCH + MAX_TUNNELS),
            reorder: Reorder::new(reorder, 1),
            engine: Engine::new(settings),
            sources: count_sources.then(HashSet::default),
        }
    }

    /// Says of how many interfaces frames may come out of time order.
    pub fn expect_lanes(&mut self, lanes: usize) {
        self.settle();
        self.reorder.expect(lanes);
    }

    /// Takes in one frame. It may not be judged before [`Pipeline::settle`].
    #[inline]
    pub fn push(&mut self, frame: &Frame<'_>) {
        let batch = &mut self.batch;
        if self.reorder.is_direct() {
            self.decoder
                .decode(frame, &mut |sighting: &Sighting| batch.push(*sighting));
            if batch.len() >= BATCH {
                self.settle();
            }
        } else {
            let (reorder, engine) = (&mut self.reorder, &mut self.engine);
            self.decoder.decode(frame, &mut |sighting: &Sighting| {
                reorder.push(*sighting, sighting.first, frame.port.0, |due| {
                    engine.observe_all(due, |(_, sighting)| sighting);
                });
            });
        }
        if let Some(sources) = &mut self.sources
            && let Some(mac) = Decoder::outer_source(frame)
        {
            sources.insert(mac.to_bits());
        }
    }

    /// Judges what was only put together for a batch: do so before looking at the engine.
    #[inline]
    pub fn settle(&mut self) {
        self.engine.observe_all(&self.batch, |sighting| sighting);
        self.batch.clear();
    }

    /// The end of the input: everything that still waits is judged.
    pub fn finish(&mut self) {
        self.settle();
        let engine = &mut self.engine;
        self.reorder
            .flush(|due| engine.observe_all(due, |(_, sighting)| sighting));
        engine.finish();
    }

    /// What was counted, given the frames that the inputs hold: those of link types that are
    /// not read count as frames all the same.
    pub fn counts(&self, frames: u64) -> Counts {
        Counts {
            frames,
            ..self.decoder.counts.clone()
        }
    }

    /// How many distinct sources the outermost headers had; zero when nobody wanted to know.
    pub fn outer_sources(&self) -> u64 {
        self.sources
            .as_ref()
            .map_or(0, |sources| sources.len() as u64)
    }
}
