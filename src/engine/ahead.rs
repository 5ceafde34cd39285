//! Finds what sightings will need a little before they are judged.
//!
//! A large table costs one wait for memory per lookup, and judging one sighting at a time puts
//! these waits one after another. Here a few sightings look up their entries first, in loops so
//! short that the processor has several lookups under way; the judgement that follows finds them
//! in its caches. What is found is a hint: what is judged in between may change it.

use std::hint::black_box;
use std::net::IpAddr;

use super::Engine;
use super::stations::{Probe, station_key};
use crate::model::{Direction, Fact, Sighting};

/// How many sightings are looked up together: enough to overlap their waits, few enough that
/// all of them stay in the first-level cache.
const BATCH: usize = 32;

/// What was found of a sighting.
#[derive(Clone, Copy, Default)]
pub(super) struct Ahead {
    /// Segment number, if it has one yet.
    pub(super) segment: Option<u16>,
    /// Index of the station, or of one like it.
    pub(super) station: Option<u32>,
}

/// Where the look-ups of one sighting stand.
#[derive(Clone, Copy, Default)]
struct Search {
    found: Ahead,
    source: Probe,
    /// The destination, where it tells about the source.
    destination: Option<Probe>,
    /// Index of the station there, or of one like it.
    home: Option<u32>,
}

impl Engine {
    /// Takes in sightings in their order, as if each were given to [`Engine::observe`], but
    /// faster. `sighting` tells where in an item its sighting lies.
    pub fn observe_all<T>(&mut self, items: &[T], sighting: impl Fn(&T) -> &Sighting) {
        let mut searches = [Search::default(); BATCH];
        for batch in items.chunks(BATCH) {
            let searches = &mut searches[..batch.len()];
            self.look_ahead(batch, &sighting, searches);
            for (item, search) in batch.iter().zip(searches) {
                self.judge(sighting(item), search.found);
            }
        }
    }

    /// Each loop asks memory for one thing and uses what the loop before it asked for.
    fn look_ahead<T>(
        &self,
        batch: &[T],
        sighting: impl Fn(&T) -> &Sighting,
        searches: &mut [Search],
    ) {
        for item in batch {
            self.copies.touch(sighting(item).content);
        }
        for (item, search) in batch.iter().zip(&mut *searches) {
            *search = self.begin(sighting(item));
        }
        for search in &mut *searches {
            self.stations.probe(&mut search.source);
            if let Some(destination) = &mut search.destination {
                self.stations.probe(destination);
            }
        }
        for search in &mut *searches {
            search.found.station = self.stations.follow(search.source);
            search.home = search
                .destination
                .and_then(|probe| self.stations.follow(probe));
        }
        for search in &*searches {
            self.stations.touch(search.found.station);
            self.stations.touch(search.home);
        }
        for (item, search) in batch.iter().zip(&*searches) {
            self.touch_addresses(sighting(item), &search.found);
        }
    }

    #[inline]
    fn begin(&self, sighting: &Sighting) -> Search {
        let Some(segment) = self.segments.get(sighting.segment) else {
            return Search::default();
        };
        let probe = |mac| self.stations.begin(station_key(segment, mac));
        let tells_by_destination = sighting.direction == Direction::Unknown
            && self.ports.values().len() > 1
            && !sighting.is_flooded();
        Search {
            found: Ahead {
                segment: Some(segment),
                station: None,
            },
            source: probe(sighting.mac),
            destination: tells_by_destination.then(|| probe(sighting.destination)),
            home: None,
        }
    }

    #[inline]
    fn touch_addresses(&self, sighting: &Sighting, found: &Ahead) {
        let (Some(segment), Some(index)) = (found.segment, found.station) else {
            return;
        };
        let ip = match (&sighting.fact, &sighting.ip) {
            (Fact::Arp(arp), _) => IpAddr::V4(arp.sender_ip),
            (_, Some(ip)) => ip.source,
            _ => return,
        };
        let station = self.stations.get(index as usize);
        if !station.is_noted(ip, sighting.last) {
            self.stations.touch_detail(index as usize);
            black_box(self.addresses.find(segment, ip));
        }
    }
}
