//! Detects two stations with one MAC without needing two ports, by what they say of themselves.
//!
//! Evidence, all of it `likely`:
//!
//! - client identifier, vendor class and host name that one hardware address gives in DHCP return
//!   in turn, A B A, and the return is a renewal (RFC 2131, 4.3.2: `ciaddr` is set), which only a
//!   client that kept running can send;
//! - LLDP or CDP names two systems in turn.
//!
//! With several ports, DAD for the link-local address that the MAC makes of itself and that is
//! answered from the same MAC speaks for two stations as well; `mac_duplicate` weighs it. On a
//! single port it says nothing: one host with two interfaces of one MAC fails DAD against itself
//! in the same way.
//!
//! Look-alikes that stay silent: a PXE boot, a dual boot and a reboot start with a DISCOVER or ask
//! without `ciaddr`; they are sequences. A renamed switch names itself anew and never as before.

use std::net::{IpAddr, Ipv6Addr};

use super::claims::is_eui64_of;
use super::incidents::{IncidentKey, digest};
use super::mac_duplicate::origin;
use super::{Engine, Seen, proof, quiet};
use crate::model::{
    Cause, Confidence, DhcpFact, DiscoveryFact, Evidence, Finding, Kind, Label, Severity, Side,
    Span, Timestamp,
};

/// An answer to DAD comes within `RetransTimer` (RFC 4862, 5.4 and 5.1).
const ANSWER: Span = Span::from_secs(1);

/// One identity that a station gave.
#[derive(Clone, Debug)]
struct Given {
    digest: u64,
    name: Label,
    last: Timestamp,
    proof: Evidence,
}

/// The last two identities of one sort.
#[derive(Clone, Debug, Default)]
struct Pair(Vec<Given>);

impl Pair {
    /// Records an identity. When it returns after another one, gives its last mention and the
    /// other.
    fn record(&mut self, given: Given) -> Option<(Given, Given)> {
        let Some(known) = self.0.iter().position(|g| g.digest == given.digest) else {
            if self.0.len() >= 2 {
                self.0.remove(0);
            }
            self.0.push(given);
            return None;
        };
        let before = std::mem::replace(&mut self.0[known], given);
        let other = self
            .0
            .iter()
            .find(|g| g.last > before.last && g.digest != before.digest);
        other.cloned().map(|other| (before, other))
    }
}

/// The identities of one station.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    dhcp: Pair,
    /// LLDP and CDP, which name the same system differently.
    systems: [Pair; 2],
    /// When DAD for its own link-local address was heard last.
    dad: Option<Timestamp>,
}

impl Engine {
    /// A DHCP client names itself.
    pub(super) fn judge_dhcp_identity(&mut self, seen: &Seen<'_>, dhcp: &DhcpFact) {
        let name = dhcp.hostname;
        let words = name.as_bytes().chunks(8).map(|chunk| {
            let word = |word, &byte| word << 8 | u64::from(byte);
            chunk.iter().fold(0u64, word)
        });
        let words: Vec<u64> = [dhcp.client_id, dhcp.vendor_class]
            .into_iter()
            .chain(words)
            .collect();
        let finding = Finding::DhcpIdentities {
            left: name,
            right: name,
        };
        let given = self.given(seen, digest(1, &words), name, finding);
        let returned = self.identity(seen).dhcp.record(given);
        let is_renewal = !dhcp.client_ip.is_unspecified();
        if let Some((before, other)) = returned.filter(|_| is_renewal) {
            let finding = Finding::DhcpIdentities {
                left: before.name,
                right: other.name,
            };
            self.raise_twins(seen, &before, &other, finding);
        }
    }

    /// A system names itself to its neighbours.
    pub(super) fn judge_system(&mut self, seen: &Seen<'_>, system: &DiscoveryFact) {
        let name = system.name;
        let finding = Finding::SystemIdentities {
            left: name,
            right: name,
        };
        let given = self.given(seen, system.system, name, finding);
        // CDP goes to 01:00:0c:cc:cc:cc, LLDP to 01:80:c2:…
        let is_cdp = seen.sighting.destination.octets()[1] == 0;
        let returned = self.identity(seen).systems[usize::from(is_cdp)].record(given);
        if let Some((before, other)) = returned {
            let finding = Finding::SystemIdentities {
                left: before.name,
                right: other.name,
            };
            self.raise_twins(seen, &before, &other, finding);
        }
    }

    /// DAD for the link-local address that the MAC makes of itself.
    pub(super) fn note_own_dad(&mut self, seen: &Seen<'_>, target: Ipv6Addr) {
        if !is_eui64_of(target, seen.sighting.mac) || !target.is_unicast_link_local() {
            return;
        }
        let now = self.clock;
        self.identity(seen).dad = Some(now);
    }

    /// A neighbour advertisement: an answer of the MAC to its own DAD?
    pub(super) fn note_dad_answer(&mut self, seen: &Seen<'_>, target: Ipv6Addr) {
        if !is_eui64_of(target, seen.sighting.mac) {
            return;
        }
        let now = self.clock;
        let Some(time) = self.identity(seen).dad.take() else {
            return;
        };
        if now.since(time) > ANSWER {
            return;
        }
        if self.ports.values().len() > 1 {
            let (_, detail) = self.stations.detailed(seen.station);
            let roaming = detail.roaming.get_or_insert_with(Box::default);
            roaming.own_dad = Some((now, seen.sighting.at, IpAddr::V6(target)));
        }
    }

    fn identity(&mut self, seen: &Seen<'_>) -> &mut Identity {
        let (_, detail) = self.stations.detailed(seen.station);
        detail.identity.get_or_insert_with(Box::default)
    }

    fn given(&self, seen: &Seen<'_>, digest: u64, name: Label, finding: Finding) -> Given {
        let proof = proof(seen.sighting, finding);
        Given {
            digest,
            name,
            last: self.clock,
            proof,
        }
    }

    fn raise_twins(&mut self, seen: &Seen<'_>, left: &Given, right: &Given, finding: Finding) {
        let station = *self.stations.get(seen.station);
        let key = IncidentKey::new(Kind::MacDuplicate, &[station.key()]);
        if self.incidents.touch(key, self.clock) || self.loop_is_open(seen.segment) {
            return;
        }
        let side = |given: &Given| Side {
            port: Some(seen.sighting.port),
            last_seen: Some(given.last),
            hostname: Some(given.name).filter(|name| !name.is_empty()),
            ..Side::default()
        };
        let mut event = self.draft(Kind::MacDuplicate, Severity::Critical, seen.segment);
        event.mac = Some(station.mac());
        event.from = Some(side(left));
        event.to = Some(side(right));
        event.confidence = Some(Confidence::Likely);
        event.cause = Some(Cause::DuplicateStation);
        event.origin = Some(origin(station.mac()));
        let heard = |given: &Given| Evidence {
            finding,
            ..given.proof.clone()
        };
        event.evidence = vec![heard(left), heard(right), proof(seen.sighting, finding)];
        // Leases are renewed at half their time, systems are named twice a minute: between two
        // signs of one fault lie minutes to hours.
        let window = quiet(&self.settings).max(self.settings.remind);
        self.incidents
            .report(key, self.clock, window, &mut self.timers, || event);
    }
}
