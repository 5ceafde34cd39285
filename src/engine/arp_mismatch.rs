//! Detects ARP whose Ethernet source is not the sender it names.
//!
//! Evidence: three such frames of one pair within a minute, or a single one for an IP that the
//! named sender's own station holds: nobody else has any business to speak for it. Exempt are
//! virtual-router MACs on either side and stations that speak for many (proxy ARP, MAC NAT).
//! Known false positives: Wi-Fi repeaters that rewrite the Ethernet source, until they have spoken
//! for several stations.

use hashbrown::HashMap;

use super::incidents::IncidentKey;
use super::stations::{Traits, station_key};
use super::{Engine, Seen, proof, quiet};
use crate::model::{ArpFact, Finding, Kind, Mac, Severity, Side, Span, Timestamp};
use crate::vendor;

const MINUTE: Span = Span::from_secs(60);
const TIMES: usize = 3;
/// Most stations counted at a time, and how often those that stopped are looked for then.
const LIMIT: usize = 4096;
const SWEEP: Span = Span::from_secs(1);
/// Who names this many different senders is a repeater.
const REPEATER: usize = 3;

/// The senders that one station named, each with the times of its last mismatches.
type Named = Vec<(Mac, Vec<Timestamp>)>;

/// The last mismatches by Ethernet source and ARP sender.
#[derive(Default)]
pub(super) struct Mismatches {
    stations: HashMap<u64, Named, foldhash::fast::RandomState>,
    swept: Timestamp,
}

impl Mismatches {
    /// Counts one and returns how many of this pair there were within a minute, and how many
    /// senders the station named in that time.
    fn count(&mut self, station: u64, sender: Mac, now: Timestamp) -> (usize, usize) {
        if self.stations.len() >= LIMIT && !self.stations.contains_key(&station) {
            if now.since(self.swept) < SWEEP {
                return (0, 0);
            }
            self.swept = now;
            self.stations.retain(|_, named| {
                let last = named.iter().filter_map(|(_, times)| times.last()).max();
                last.is_some_and(|&time| now.since(time) <= MINUTE)
            });
            if self.stations.len() >= LIMIT {
                return (0, 0);
            }
        }
        let named = self.stations.entry(station).or_default();
        for (_, times) in named.iter_mut() {
            times.retain(|&time| now.since(time) <= MINUTE);
        }
        named.retain(|(mac, times)| *mac == sender || !times.is_empty());
        let senders = named.len();
        let Some((_, times)) = named.iter_mut().find(|(mac, _)| *mac == sender) else {
            if senders < REPEATER {
                named.push((sender, vec![now]));
            }
            return (1, senders + 1);
        };
        if times.len() >= TIMES {
            times.remove(0);
        }
        times.push(now);
        (times.len(), senders)
    }
}

impl Engine {
    /// Looks at an ARP frame whose Ethernet source is not its sender.
    pub(super) fn judge_mismatch(&mut self, seen: &Seen<'_>, arp: &ArpFact) {
        let ethernet = seen.sighting.mac;
        if vendor::is_virtual_router(ethernet) || vendor::is_virtual_router(arp.sender_mac) {
            return;
        }
        if self.stations.get(seen.station).traits.has(Traits::MANY) {
            return;
        }
        if self.forges(seen.segment, arp.sender_ip.into(), ethernet) {
            // The restores at the end of an attack belong to it.
            return;
        }
        let station = station_key(seen.segment, ethernet);
        let (times, senders) = self.mismatches.count(station, arp.sender_mac, self.clock);
        let owner = self
            .stations
            .find(station_key(seen.segment, arp.sender_mac));
        let speaks_for_owner = owner
            .and_then(|index| self.stations.detail(index))
            .is_some_and(|d| d.addresses.claims(arp.sender_ip.into()));
        if (times < TIMES && !speaks_for_owner) || senders >= REPEATER {
            return;
        }
        let key = IncidentKey::new(Kind::ArpMismatch, &[station, arp.sender_mac.to_bits()]);
        if self.incidents.touch(key, self.clock) {
            return;
        }
        let mut event = self.draft(Kind::ArpMismatch, Severity::Warning, seen.segment);
        event.mac = Some(ethernet);
        event.ip = Some(arp.sender_ip.into());
        event.from = Some(self.side_of(seen.segment, arp.sender_mac));
        event.to = Some(Side {
            mac: Some(ethernet),
            ..self.side_of(seen.segment, ethernet)
        });
        let finding = Finding::SenderMismatch {
            ethernet,
            sender: arp.sender_mac,
        };
        event.evidence.push(proof(seen.sighting, finding));
        let window = quiet(&self.settings);
        self.incidents
            .report(key, self.clock, window, &mut self.timers, || event);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Step, about, announces, asks, every, judged, naming, words};
    use super::*;
    use crate::model::Phase;

    fn said(steps: impl IntoIterator<Item = Step>) -> Vec<String> {
        words(&about("arp.", judged(steps)))
    }

    #[test]
    fn three_in_a_minute_are_a_mismatch_and_two_are_none() {
        let steps = |times| every(20_000, 0, times, naming(2, asks(1, 1, 5, 9)));
        assert!(said(steps(40_000)).is_empty());
        let events = judged(steps(60_000));
        assert_eq!(words(&events), ["arp.mismatch raised"]);
        assert_eq!(events[0].severity, Severity::Warning);
        assert_eq!(events[0].phase, Phase::Raised);
    }

    #[test]
    fn three_in_a_minute_are_found_whatever_came_before() {
        let mut mismatches = Mismatches::default();
        let named = super::super::testing::mac(2);
        let mut count = |millis| {
            mismatches
                .count(1, named, super::super::testing::at(millis))
                .0
        };
        let counts = [0, 100, 200, 59_000, 61_000].map(&mut count);
        assert_eq!(counts, [1, 2, 3, 3, 2]);
        assert_eq!(count(62_000), 3);
    }

    #[test]
    fn one_is_enough_for_an_address_that_its_station_holds() {
        let steps = [(0, announces(2, 2, 5)), (1000, naming(2, asks(1, 1, 5, 9)))];
        assert_eq!(said(steps), ["arp.mismatch raised"]);
    }

    #[test]
    fn a_repeater_that_speaks_for_many_is_none() {
        let steps = (0..40).map(|n: i64| {
            let sender = 10 + u8::try_from(n % 4).unwrap_or(0);
            (n * 100, naming(sender, asks(1, 1, sender, 9)))
        });
        assert!(said(steps).is_empty());
    }

    #[test]
    fn an_end_of_the_mismatches_clears_it() {
        let steps = every(1000, 0, 10_000, naming(2, asks(1, 1, 5, 9)));
        let after = every(10_000, 10_000, 300_000, super::super::testing::frame(1, 1));
        assert_eq!(
            said(steps.chain(after)),
            ["arp.mismatch raised", "arp.mismatch cleared"]
        );
    }
}
