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
/// Most pairs counted at a time.
const LIMIT: usize = 4096;
/// Who names this many different senders is a repeater.
const REPEATER: usize = 3;

/// The last mismatches by pair of Ethernet source and ARP sender.
#[derive(Default)]
pub(super) struct Mismatches {
    pairs: HashMap<(u64, Mac), Vec<Timestamp>, foldhash::fast::RandomState>,
}

impl Mismatches {
    fn count(&mut self, station: u64, sender: Mac, now: Timestamp) -> usize {
        if self.pairs.len() >= LIMIT {
            self.pairs
                .retain(|_, times| times.last().is_some_and(|&t| now.since(t) <= MINUTE));
            if self.pairs.len() >= LIMIT {
                return 0;
            }
        }
        let times = self.pairs.entry((station, sender)).or_default();
        times.retain(|&t| now.since(t) <= MINUTE);
        times.push(now);
        times.truncate(TIMES);
        times.len()
    }

    fn senders(&self, station: u64) -> usize {
        self.pairs.keys().filter(|(key, _)| *key == station).count()
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
        let times = self.mismatches.count(station, arp.sender_mac, self.clock);
        let owner = self
            .stations
            .find(station_key(seen.segment, arp.sender_mac));
        let speaks_for_owner = owner
            .and_then(|index| self.stations.detail(index))
            .is_some_and(|d| d.addresses.claims(arp.sender_ip.into()));
        if (times < TIMES && !speaks_for_owner) || self.mismatches.senders(station) >= REPEATER {
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
