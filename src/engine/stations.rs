//! The table of stations: who was heard where. One compact record each; what only few stations
//! need lies apart in [`super::presence`].

use std::hash::BuildHasher;
use std::hint::black_box;
use std::net::IpAddr;

use hashbrown::HashTable;

use super::presence::{Detail, Roaming};
use crate::model::{Mac, Span, Timestamp};

/// No port is known: the station is heard, but not where it is attached.
pub(super) const NOWHERE: u16 = u16::MAX;

/// Facts about a station that last, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits(u16);

impl Traits {
    /// Forwards packets of others: a router, or a host that routes.
    pub(super) const ROUTER: Traits = Traits(1);
    /// Speaks for more addresses than a host has: proxy ARP, container host, NAT.
    pub(super) const MANY: Traits = Traits(2);
    /// Its port was proven by more than a flooded frame of unknown direction.
    pub(super) const CONFIRMED: Traits = Traits(4);
    /// Its own port is not captured: it is only heard where frames leave.
    pub(super) const BEYOND: Traits = Traits(8);
    /// Has been on more than one port: every frame takes the slow path.
    pub(super) const ROAMED: Traits = Traits(16);
    /// Takes part in a dispute over an address: every IP frame is looked at.
    pub(super) const DISPUTED: Traits = Traits(32);
    /// A MAC that belongs to a role, not to a station (VRRP, HSRP, …).
    pub(super) const VIRTUAL: Traits = Traits(64);

    pub(super) fn has(self, other: Traits) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn set(&mut self, other: Traits) {
        self.0 |= other.0;
    }

    pub(super) fn unset(&mut self, other: Traits) {
        self.0 &= !other.0;
    }
}

/// A MAC address within a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Station {
    key: u64,
    /// Last frame on `port`, or anywhere while no port is known.
    pub(super) last: Timestamp,
    /// First frame of the presence on `port`.
    pub(super) since: Timestamp,
    /// Frames of that presence.
    pub(super) frames: u32,
    /// Digests of the IPv4 and the IPv6 address it last sent from.
    sent_from: [u32; 2],
    /// When that was last noted, in units of [`NOTE_INTERVAL`]; wraps.
    noted: [u16; 2],
    /// Index of its detail, or none.
    detail: u32,
    /// Port index, or [`NOWHERE`].
    pub(super) port: u16,
    /// What is known of it.
    pub(super) traits: Traits,
}

/// How often the use of one address is noted while nothing is in dispute: 2^32 ns, 4.3 s. Whoever
/// takes part in a dispute or roams is followed frame by frame.
const NOTE_INTERVAL: u32 = 32;

const _: () = assert!(size_of::<Station>() <= 48, "one record per MAC and segment");

impl Station {
    /// The MAC.
    pub(super) fn mac(&self) -> Mac {
        Mac::from_bits(self.key)
    }

    /// Segment number.
    pub(super) fn segment(&self) -> u16 {
        (self.key >> 48) as u16
    }

    /// A frame that does not tell where the station is: it keeps one without a port in the table,
    /// and one that has been silent on its port for `stale` has a port no more.
    pub(super) fn heard_elsewhere(&mut self, now: Timestamp, stale: Span) {
        if now.since(self.last) >= stale {
            self.port = NOWHERE;
        }
        if self.port == NOWHERE {
            self.last = now;
            self.frames = self.frames.saturating_add(1);
        }
    }

    /// Whether this use of an address adds nothing to what was noted a moment ago.
    #[inline]
    pub(super) fn is_noted(&self, ip: IpAddr, now: Timestamp) -> bool {
        let (family, digest) = short_digest(ip);
        self.sent_from[family] == digest
            && self.noted[family] == interval(now)
            && !self
                .traits
                .has(Traits(Traits::ROAMED.0 | Traits::DISPUTED.0))
    }

    /// Notes the use of an address.
    pub(super) fn note(&mut self, ip: IpAddr, now: Timestamp) {
        let (family, digest) = short_digest(ip);
        self.sent_from[family] = digest;
        self.noted[family] = interval(now);
    }

    /// Segment number and MAC in one word.
    pub(super) fn key(&self) -> u64 {
        self.key
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "intervals are compared for equality; 2^16 of them are days"
)]
fn interval(now: Timestamp) -> u16 {
    (now.nanos() >> NOTE_INTERVAL) as u16
}

/// Family and a word that tells a station's few addresses apart. A collision delays a note by
/// one interval.
#[expect(clippy::cast_possible_truncation, reason = "the halves are folded")]
fn short_digest(ip: IpAddr) -> (usize, u32) {
    match ip {
        IpAddr::V4(ip) => (0, u32::from(ip)),
        IpAddr::V6(ip) => {
            let bits = ip.to_bits();
            let word = (bits >> 64) as u64 ^ bits as u64;
            (1, (word >> 32) as u32 ^ word as u32)
        }
    }
}

/// The key of a station.
pub(super) fn station_key(segment: u16, mac: Mac) -> u64 {
    u64::from(segment) << 48 | mac.to_bits()
}

/// Where a lookup ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// It was there.
    Known(usize),
    /// It is new.
    New(usize),
    /// It is new and took the place of an idle one: the table is full.
    Replaced(usize),
}

/// A look-up under way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Probe(u64);

/// Stations by key, bounded.
pub(super) struct Stations {
    slab: Vec<Station>,
    details: Vec<Detail>,
    free_details: Vec<u32>,
    table: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    limit: usize,
    hand: usize,
}

const NO_DETAIL: u32 = u32::MAX;
/// How many records are looked at to find an idle one. The longest silent of them goes.
const EVICTION_SAMPLE: usize = 16;

impl Stations {
    pub(super) fn new(limit: usize) -> Self {
        Stations {
            slab: Vec::new(),
            details: Vec::new(),
            free_details: Vec::new(),
            table: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            limit: limit.clamp(1, NO_DETAIL as usize),
            hand: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slab.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Station> {
        self.slab.iter()
    }

    pub(super) fn find(&self, key: u64) -> Option<usize> {
        let slab = &self.slab;
        self.table
            .find(self.hasher.hash_one(key), |&index| {
                slab[index as usize].key == key
            })
            .map(|&index| index as usize)
    }

    /// The first step of a look-up that is spread over time: see [`super::ahead`].
    #[inline]
    pub(super) fn begin(&self, key: u64) -> Probe {
        Probe(self.hasher.hash_one(key))
    }

    /// The second step: from a hash to a place in the table, likely the right one.
    #[inline]
    pub(super) fn probe(&self, probe: &mut Probe) {
        let place = self.table.iter_hash_buckets(probe.0).next();
        probe.0 = place.map_or(u64::MAX, |place| place as u64);
    }

    /// The third step: from the place to the index of the record.
    #[inline]
    pub(super) fn follow(&self, probe: Probe) -> Option<u32> {
        let place = usize::try_from(probe.0).ok()?;
        self.table.get_bucket(place).copied()
    }

    /// The fourth step: the record comes into the cache.
    #[inline]
    pub(super) fn touch(&self, index: Option<u32>) {
        if let Some(station) = index.and_then(|index| self.slab.get(index as usize)) {
            // Its two ends: a record may lie across two cache lines.
            black_box((station.key, station.traits));
        }
    }

    /// Has the detail of a station brought into the cache.
    #[inline]
    pub(super) fn touch_detail(&self, index: usize) {
        if let Some(detail) = self.detail(index) {
            black_box(detail.addresses.iter().next().map(|used| used.port));
        }
    }

    /// Finds a station or makes room for it. `hint` is where it was a moment ago, if known.
    pub(super) fn enter(&mut self, key: u64, hint: Option<u32>, time: Timestamp) -> Entry {
        if let Some(index) = hint.map(|hint| hint as usize)
            && self
                .slab
                .get(index)
                .is_some_and(|station| station.key == key)
        {
            return Entry::Known(index);
        }
        if let Some(index) = self.find(key) {
            return Entry::Known(index);
        }
        let station = Station {
            key,
            last: time,
            since: time,
            frames: 0,
            sent_from: [0; 2],
            noted: [0; 2],
            detail: NO_DETAIL,
            port: NOWHERE,
            traits: Traits::default(),
        };
        if self.slab.len() < self.limit {
            let index = self.slab.len();
            self.slab.push(station);
            self.link(index);
            return Entry::New(index);
        }
        let index = self.idlest();
        self.unlink(index);
        self.slab[index] = station;
        self.link(index);
        Entry::Replaced(index)
    }

    fn link(&mut self, index: usize) {
        let (slab, hasher) = (&self.slab, &self.hasher);
        let hash = hasher.hash_one(slab[index].key);
        let index = u32::try_from(index).expect("the limit keeps indices within 32 bits");
        self.table
            .insert_unique(hash, index, |&i| hasher.hash_one(slab[i as usize].key));
    }

    fn unlink(&mut self, index: usize) {
        let station = self.slab[index];
        let hash = self.hasher.hash_one(station.key);
        if let Ok(entry) = self.table.find_entry(hash, |&i| i as usize == index) {
            entry.remove();
        }
        if station.detail != NO_DETAIL {
            self.details[station.detail as usize] = Detail::default();
            self.free_details.push(station.detail);
        }
    }

    /// The longest silent of the next few records: close to the oldest, at a fixed cost.
    fn idlest(&mut self) -> usize {
        let len = self.slab.len();
        let candidates = (0..EVICTION_SAMPLE.min(len)).map(|step| (self.hand + step) % len);
        let index = candidates.min_by_key(|&i| self.slab[i].last).unwrap_or(0);
        self.hand = (self.hand + EVICTION_SAMPLE) % len;
        index
    }

    pub(super) fn get(&self, index: usize) -> &Station {
        &self.slab[index]
    }

    pub(super) fn get_mut(&mut self, index: usize) -> &mut Station {
        &mut self.slab[index]
    }

    /// The detail of a station, if it has one.
    pub(super) fn detail(&self, index: usize) -> Option<&Detail> {
        self.details.get(self.slab[index].detail as usize)
    }

    /// Where a station has been, if it was on more than one port.
    pub(super) fn roaming(&self, index: usize) -> Option<&Roaming> {
        self.detail(index)?.roaming.as_deref()
    }

    /// The station and its detail, if it has one.
    pub(super) fn both_mut(&mut self, index: usize) -> (&mut Station, Option<&mut Detail>) {
        let station = &mut self.slab[index];
        let detail = self.details.get_mut(station.detail as usize);
        (station, detail)
    }

    /// The station and its detail, which is made if need be.
    pub(super) fn detailed(&mut self, index: usize) -> (&mut Station, &mut Detail) {
        let station = &mut self.slab[index];
        if station.detail == NO_DETAIL {
            station.detail = self.free_details.pop().unwrap_or_else(|| {
                self.details.push(Detail::default());
                u32::try_from(self.details.len() - 1).expect("no more details than stations")
            });
        }
        let detail = station.detail as usize;
        (station, &mut self.details[detail])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::default() + Span::from_secs(secs)
    }

    #[test]
    fn a_full_table_lets_an_idle_station_go() {
        let mut stations = Stations::new(2);
        assert_eq!(stations.enter(1, None, at(1)), Entry::New(0));
        assert_eq!(stations.enter(2, None, at(2)), Entry::New(1));
        stations.get_mut(0).last = at(5);
        assert_eq!(stations.enter(3, None, at(6)), Entry::Replaced(1));
        assert_eq!(stations.enter(1, None, at(7)), Entry::Known(0));
        assert_eq!(stations.find(2), None);
        assert_eq!(stations.len(), 2);
    }

    #[test]
    fn a_replaced_station_leaves_no_detail_behind() {
        let mut stations = Stations::new(1);
        stations.enter(1, None, at(1));
        stations.detailed(0).1.boot = at(9);
        stations.enter(2, None, at(2));
        assert_eq!(stations.detailed(0).1.boot, Timestamp::default());
    }
}
