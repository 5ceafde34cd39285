//! Detects a station that sends more ARP or RARP than it has any reason to.
//!
//! Evidence: more than `storm_rate` of its frames within one second, copies left out. Where
//! one port shows the same frame again within the copy window, the frames cannot be told from
//! copies one by one; the feed's ordinary number of appearances per flooded frame, learned from
//! calm stations, tells how many of them to count. Known false positives: a router that learns a
//! large subnet anew, a monitoring host that sweeps; the evidence says whether many addresses were
//! asked for. Threshold: 100/s is above what Linux and Windows allow themselves per neighbour.

use hashbrown::HashMap;

use super::incidents::{IncidentKey, digest};
use super::{Engine, proof, quiet};
use crate::model::{ArpFact, Finding, Kind, Severity, Sighting, Span, Timestamp};

const TENTH: i64 = 100_000_000;
const TENTHS: usize = 10;
/// Who sends no more than this in a second shows how often the feed repeats a frame.
const CALM: u32 = 20;
/// Most stations counted at a time; the idlest make room.
const LIMIT: usize = 16_384;

/// Frames in the last second, by tenths of a second.
#[derive(Clone, Copy, Default)]
struct Rate {
    /// Number of the current tenth since the epoch.
    tenth: i64,
    /// Frames that appeared for the first time.
    frames: [u16; TENTHS],
    /// Further appearances on the port they came in on.
    repeats: [u16; TENTHS],
    /// Bits of a small hash of the target addresses.
    targets: u64,
}

impl Rate {
    fn roll(&mut self, now: Timestamp) -> usize {
        let tenth = now.nanos().div_euclid(TENTH);
        let passed = usize::try_from(tenth.saturating_sub(self.tenth)).unwrap_or(0);
        if passed >= TENTHS {
            *self = Rate {
                tenth,
                ..Rate::default()
            };
        } else {
            for step in 1..=passed {
                let slot = slot(self.tenth + i64::try_from(step).unwrap_or(0));
                self.frames[slot] = 0;
                self.repeats[slot] = 0;
            }
            self.tenth = self.tenth.max(tenth);
        }
        slot(self.tenth)
    }

    fn total(counts: &[u16; TENTHS]) -> u32 {
        counts.iter().map(|&n| u32::from(n)).sum()
    }
}

fn slot(tenth: i64) -> usize {
    usize::try_from(tenth.rem_euclid(10)).unwrap_or(0)
}

/// ARP rates by station, and how often the feed shows a flooded frame.
#[derive(Default)]
pub(super) struct Storms {
    rates: HashMap<u64, Rate, foldhash::fast::RandomState>,
    swept: Timestamp,
    /// Flooded frames of stations that do not storm: first appearances and repeats on the same
    /// port.
    firsts: u64,
    repeats: u64,
}

impl Storms {
    fn rate(&mut self, key: u64, now: Timestamp) -> Option<&mut Rate> {
        if self.rates.len() >= LIMIT && !self.rates.contains_key(&key) {
            if now.since(self.swept) < Span::from_secs(1) {
                return None;
            }
            self.swept = now;
            let tenth = now.nanos().div_euclid(TENTH);
            self.rates.retain(|_, rate| tenth - rate.tenth < 10);
        }
        let fresh = || Rate {
            tenth: now.nanos().div_euclid(TENTH),
            ..Rate::default()
        };
        Some(self.rates.entry(key).or_insert_with(fresh))
    }

    /// Counts one frame and returns (frames, distinct targets at least) of the last second.
    fn count(&mut self, key: u64, repeat: bool, target: u64, now: Timestamp) -> (u32, u32) {
        let Some(rate) = self.rate(key, now) else {
            return (0, 0);
        };
        let slot = rate.roll(now);
        let counts = if repeat {
            &mut rate.repeats
        } else {
            &mut rate.frames
        };
        counts[slot] = counts[slot].saturating_add(1);
        rate.targets |= 1 << (target & 63);
        let frames = Rate::total(&rate.frames);
        let repeats = Rate::total(&rate.repeats);
        let targets = rate.targets.count_ones();
        if frames + repeats < CALM {
            self.note_flooded(repeat);
        }
        // What the feed shows of calm stations: appearances per frame, rounded.
        let firsts = self.firsts.max(1);
        let more = (self.repeats + firsts / 2) / firsts;
        let per_frame = u32::try_from(more).unwrap_or(u32::MAX).saturating_add(1);
        (frames.max((frames + repeats) / per_frame), targets)
    }

    /// Notes a flooded frame of a station that does not storm.
    pub(super) fn note_flooded(&mut self, repeat: bool) {
        if repeat {
            self.repeats += 1;
        } else {
            self.firsts += 1;
        }
    }
}

impl Engine {
    /// Counts one ARP or RARP frame; `repeat` marks another appearance on its ingress port.
    pub(super) fn judge_storm(
        &mut self,
        sighting: &Sighting,
        segment: u16,
        arp: &ArpFact,
        repeat: bool,
    ) {
        let key = super::stations::station_key(segment, sighting.mac);
        let target = digest(0, &[u64::from(u32::from(arp.target_ip))]);
        let (frames, targets) = self.storms.count(key, repeat, target, self.clock);
        if frames <= self.settings.storm_rate || self.loop_is_open(segment) {
            return;
        }
        let incident = IncidentKey::new(Kind::ArpStorm, &[key]);
        if self.incidents.touch(incident, self.clock) {
            return;
        }
        let mut event = self.draft(Kind::ArpStorm, Severity::Warning, segment);
        event.mac = Some(sighting.mac);
        event.ip = super::source_ip(sighting);
        event.moves = Some(frames);
        event.window = Some(Span::from_secs(1));
        let mut side = self.side_of(segment, sighting.mac);
        side.mac = None;
        event.to = Some(side);
        event
            .evidence
            .push(proof(sighting, Finding::Burst { frames, targets }));
        let window = quiet(&self.settings);
        self.incidents
            .report(incident, self.clock, window, &mut self.timers, || event);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Step, about, asks, at, every, judged, rarp, words};
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_second() {
        let mut storms = Storms::default();
        for n in 0..50 {
            storms.count(1, false, 0, at(n * 10));
        }
        assert_eq!(storms.count(1, false, 0, at(600)).0, 51);
        assert_eq!(storms.count(1, false, 0, at(1700)).0, 1);
    }

    #[test]
    fn repeats_count_unless_the_feed_repeats_everything() {
        let mut storms = Storms {
            firsts: 100,
            ..Storms::default()
        };
        for n in 0..200 {
            storms.count(1, n > 0, 0, at(n));
        }
        assert_eq!(storms.count(1, true, 0, at(200)).0, 201);
        let mut doubled = Storms {
            firsts: 100,
            repeats: 100,
            ..Storms::default()
        };
        doubled.count(1, false, 0, at(0));
        assert_eq!(doubled.count(1, true, 0, at(0)).0, 1);
    }

    #[test]
    fn the_rate_before_1970_is_that_of_the_last_second_too() {
        let mut storms = Storms::default();
        let early = |secs: i64| Timestamp::default() - Span::from_secs(1000 - secs);
        let counts = (0..10).map(|secs| storms.count(1, false, 0, early(secs * 2)).0);
        assert!(counts.into_iter().all(|count| count == 1));
    }

    fn said(steps: impl IntoIterator<Item = Step>) -> Vec<String> {
        words(&about("arp.storm", judged(steps)))
    }

    #[test]
    fn more_than_a_hundred_questions_a_second_are_a_storm() {
        let events = about("arp.storm", judged(every(5, 0, 3000, asks(1, 1, 5, 9))));
        assert_eq!(words(&events), ["arp.storm raised"]);
        assert_eq!(events[0].severity, Severity::Warning);
        assert_eq!(events[0].moves, Some(101));
    }

    #[test]
    fn rarp_counts_as_arp_does() {
        assert_eq!(said(every(5, 0, 3000, rarp(1, 1))), ["arp.storm raised"]);
    }

    #[test]
    fn many_stations_that_ask_a_little_are_none() {
        let steps = (0..20).flat_map(|n| every(100, 0, 3000, asks(n, 1, n, 99)));
        assert!(said(steps).is_empty());
    }

    #[test]
    fn a_scan_names_many_targets() {
        let steps = (0..200u8).map(|n| (i64::from(n) * 5, asks(1, 1, 5, n)));
        let events = about("arp.storm", judged(steps));
        let targets = events[0].evidence.iter().find_map(|e| match e.finding {
            Finding::Burst { targets, .. } => Some(targets),
            _ => None,
        });
        assert!(targets > Some(30), "{targets:?}");
    }

    #[test]
    fn a_storm_clears_when_it_is_over() {
        let calm = every(10_000, 3000, 300_000, asks(1, 1, 5, 9));
        let steps = every(5, 0, 3000, asks(1, 1, 5, 9)).chain(calm);
        assert_eq!(said(steps), ["arp.storm raised", "arp.storm cleared"]);
    }
}
