//! Detects two stations with one MAC: `mac.duplicate`.
//!
//! Moving is one-way; two stations overlap. The evidence, strongest first:
//!
//! - each port brings its own IP, and the first speaks again, A B A, without a boot between
//!   (certain);
//! - the ports speak in turn, faster than a station is re-attached, and the counters of their
//!   flows run on for themselves, or DAD for the MAC's own address is answered from the other
//!   port (likely);
//! - the same with nothing known of the counters, for twice as long (possible).
//!
//! Never evidence: routers and stations that speak for many, whose IPs are not their own; one host
//! over several links, whose counters run on across the ports; frames in a loop. Known false
//! positive: a host on an unbundled pair of links that sends no IPv4 identification.
//! Thresholds: a turn is quick within `settle` of the last; six of them over `settle`.

use std::net::IpAddr;

use super::incidents::IncidentKey;
use super::presence::Move;
use super::stations::Traits;
use super::{Engine, Seen, proof, quiet};
use crate::model::{
    Cause, Confidence, Evidence, Finding, Kind, Mac, Origin, Severity, Span, Timestamp,
};
use crate::vendor::{self, MacClass};

/// How many quick turns are too many for one station.
const TURNS: u32 = 6;

/// Whether two addresses are of a kind, so that one host would use either on both ports.
fn comparable(left: IpAddr, right: IpAddr) -> bool {
    match (left, right) {
        // Self-assigned addresses come and go before DHCP (RFC 3927).
        (IpAddr::V4(l), IpAddr::V4(r)) => !l.is_link_local() && !r.is_link_local(),
        (IpAddr::V6(l), IpAddr::V6(r)) => l.is_unicast_link_local() && r.is_unicast_link_local(),
        _ => false,
    }
}

impl Engine {
    /// A station that was on several ports uses `ip` here, and last did so at `before`.
    pub(super) fn judge_identities(
        &mut self,
        seen: &Seen<'_>,
        ip: IpAddr,
        before: Option<Timestamp>,
    ) {
        let Some(before) = before.filter(|_| seen.located) else {
            return;
        };
        let station = *self.stations.get(seen.station);
        if station.traits.has(Traits::ROUTER) || station.traits.has(Traits::MANY) {
            return;
        }
        let Some(detail) = self.stations.detail(seen.station) else {
            return;
        };
        if detail.boot > before
            || detail
                .roaming
                .as_ref()
                .is_some_and(|r| r.flows.is_one_host())
        {
            return;
        }
        let here = self.bundle(seen.port);
        let spoke_between = detail.addresses.iter().find(|other| {
            self.bundle(other.port) != here
                && other.ip != ip
                && other.last > before
                && comparable(ip, other.ip)
        });
        let Some(other) = spoke_between.copied() else {
            return;
        };
        let crosses = detail.addresses.iter().any(|u| {
            (u.ip == other.ip && self.bundle(u.port) == here)
                || (u.ip == ip && u.port == other.port)
        });
        if crosses {
            return;
        }
        let finding = Finding::DisjointIps {
            left: other.ip,
            right: ip,
        };
        let evidence = vec![
            Evidence {
                finding: Finding::AliveUnder {
                    ip: other.ip,
                    mac: station.mac(),
                },
                time: other.last,
                at: other.at,
            },
            proof(seen.sighting, finding),
        ];
        self.raise_duplicate(seen.station, other.port, Confidence::Certain, evidence);
    }

    /// Judges a run of quick turns.
    pub(super) fn judge_turns(&mut self, index: usize) {
        let Some(roaming) = self.stations.roaming(index) else {
            return;
        };
        let (turns, settle) = (roaming.turns, self.settings.settle);
        let spoke_in_turn = |since: Timestamp| {
            roaming
                .moves
                .iter()
                .filter(|step| step.time >= since)
                .count()
                >= 2
        };
        if let Some((time, at, ip)) = roaming.own_dad
            && self.clock.since(time) >= settle
            && spoke_in_turn(time - Span::from_secs(1))
            && !roaming.flows.is_one_host()
            && let Some(step) = roaming.moves.last()
        {
            let evidence = Evidence {
                finding: Finding::OwnDad { ip },
                time,
                at,
            };
            let from = step.from;
            self.raise_duplicate(index, from, Confidence::Likely, vec![evidence]);
            return;
        }
        if turns.count < TURNS || turns.length() < settle || self.clock.since(turns.last) > settle {
            return;
        }
        if self.loop_is_open(self.stations.get(index).segment()) {
            return;
        }
        let Some(&Move { from, at, .. }) = roaming.moves.last() else {
            return;
        };
        let quick = Evidence {
            finding: Finding::Interleaved {
                turns: turns.count,
                within: turns.length(),
            },
            time: turns.last,
            at,
        };
        let mut evidence = vec![quick];
        let confidence = if roaming.flows.is_one_host() {
            let recent: Vec<Move> = roaming
                .recent(self.clock, self.settings.flap_window)
                .copied()
                .collect();
            self.say_unbundled(index, &recent);
            return;
        } else if let Some((time, at, port)) = roaming
            .flows
            .separate_at
            .filter(|_| roaming.flows.are_two_hosts())
        {
            if let Some(port) = self.port(port) {
                let finding = Finding::SeparateCounters { port };
                evidence.push(Evidence { finding, time, at });
            }
            Confidence::Likely
        } else if let Some((time, at, ip)) = roaming.own_dad {
            evidence.push(Evidence {
                finding: Finding::OwnDad { ip },
                time,
                at,
            });
            Confidence::Likely
        } else if turns.length() >= settle + settle {
            Confidence::Possible
        } else {
            return;
        };
        self.raise_duplicate(index, from, confidence, evidence);
    }

    fn say_unbundled(&mut self, index: usize, recent: &[Move]) {
        let key = IncidentKey::new(Kind::MacFlapping, &[self.stations.get(index).key()]);
        if self.incidents.is_open(key) {
            self.incidents.amend(key, self.clock, |event| {
                let changed = event.cause != Some(Cause::UnbundledLink);
                event.cause = Some(Cause::UnbundledLink);
                changed
            });
        } else {
            self.say_flapping(index, recent);
        }
    }

    fn raise_duplicate(
        &mut self,
        index: usize,
        other: u16,
        confidence: Confidence,
        evidence: Vec<Evidence>,
    ) {
        let station = *self.stations.get(index);
        if station.traits.has(Traits::VIRTUAL) || self.loop_is_open(station.segment()) {
            return;
        }
        let now = self.clock;
        let key = IncidentKey::new(Kind::MacDuplicate, &[station.key()]);
        if self.incidents.is_open(key) {
            self.incidents.amend(key, now, |event| {
                let surer = event.confidence < Some(confidence);
                if surer {
                    event.confidence = Some(confidence);
                    event.evidence.extend(evidence);
                }
                surer
            });
            return;
        }
        let flapping = IncidentKey::new(Kind::MacFlapping, &[station.key()]);
        let mut event = self.draft(Kind::MacDuplicate, Severity::Critical, station.segment());
        event.mac = Some(station.mac());
        let (mut from, mut to) = (self.side(index, other), self.side(index, station.port));
        if from.first_seen > to.first_seen {
            std::mem::swap(&mut from, &mut to);
        }
        let embedded = embedded_elsewhere(station.mac(), from.ips.iter().chain(&to.ips));
        let shares_ip = from
            .ips
            .iter()
            .any(|ip| ip.is_ipv4() && to.ips.contains(ip));
        event.from = Some(from);
        event.to = Some(to);
        event.moves = self.stations.roaming(index).map(|r| {
            u32::try_from(r.recent(now, self.settings.flap_window).count()).unwrap_or(u32::MAX)
        });
        event.window = Some(self.settings.flap_window);
        event.confidence = Some(confidence);
        event.cause = Some(Cause::DuplicateStation);
        event.origin = Some(match origin(station.mac()) {
            // Managers that share a pool hand out MACs, not addresses of the network above.
            Origin::HypervisorPoolOverlap if shares_ip => Origin::ClonedVm,
            origin => origin,
        });
        event.evidence = evidence;
        if let (Some(finding), Some(last)) = (embedded, event.evidence.last().cloned()) {
            event.evidence.push(Evidence { finding, ..last });
        }
        event.related = self.incidents.id(flapping).into_iter().collect();
        let window = quiet(&self.settings);
        self.incidents
            .report(key, now, window, &mut self.timers, || event);
        self.incidents.clear(flapping, now);
    }
}

/// A pod's MAC (0a:58) carries its IPv4 address; another one in use is a sign of a copied MAC.
/// Docker's 02:42 addresses say less: they may be random.
fn embedded_elsewhere<'a>(mac: Mac, used: impl Iterator<Item = &'a IpAddr>) -> Option<Finding> {
    let embedded = match vendor::class(mac) {
        MacClass::Cni => IpAddr::V4(vendor::embedded_ipv4(mac)?),
        _ => return None,
    };
    let mut used = used.filter(|ip| ip.is_ipv4() && **ip != embedded);
    used.next()
        .map(|&used| Finding::EmbeddedIp { embedded, used })
}

/// Where a MAC that two stations use probably came from.
pub(super) fn origin(mac: Mac) -> Origin {
    match vendor::class(mac) {
        MacClass::VmwareVcenter | MacClass::HyperV => Origin::HypervisorPoolOverlap,
        MacClass::VmwareManual => Origin::ManualAssignment,
        MacClass::Docker | MacClass::Cni => Origin::Container,
        MacClass::VmwareHost
        | MacClass::Xen
        | MacClass::Virtualbox
        | MacClass::Qemu
        | MacClass::Proxmox
        | MacClass::Openstack => Origin::ClonedVm,
        MacClass::Vendor => Origin::Vendor,
        _ if mac.is_locally_administered() => Origin::ManualAssignment,
        _ => Origin::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        Step, about, dhcp, every, frame, judged, numbered, packet, probes, words,
    };
    use super::*;
    use crate::model::{DhcpMessage, Event, Mac, Sighting};

    fn said(steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
        about("mac.", judged(steps))
    }

    /// One station uses address 5 on port 1, another with its MAC address 6 on port 2.
    fn twins(end: i64) -> impl Iterator<Item = Step> {
        let first = every(7000, 0, end, packet(1, 1, 5));
        first.chain(every(7000, 3500, end, packet(1, 2, 6)))
    }

    #[test]
    fn two_ports_with_addresses_of_their_own_in_turn_are_two_stations() {
        let events = said(twins(60_000));
        let duplicate: Vec<_> = about("mac.duplicate", events);
        assert_eq!(words(&duplicate), ["mac.duplicate raised"]);
        assert_eq!(duplicate[0].severity, Severity::Critical);
        assert_eq!(duplicate[0].confidence, Some(Confidence::Certain));
        assert_eq!(duplicate[0].cause, Some(Cause::DuplicateStation));
        let ips = |side: &Option<crate::model::Side>| side.as_ref().map(|s| s.ips.len());
        assert_eq!(ips(&duplicate[0].from), Some(1));
    }

    #[test]
    fn a_duplicate_clears_when_one_of_the_two_has_gone() {
        let alone = every(7000, 60_000, 600_000, packet(1, 1, 5));
        let events = about("mac.duplicate", said(twins(60_000).chain(alone)));
        assert_eq!(
            words(&events),
            ["mac.duplicate raised", "mac.duplicate cleared"]
        );
    }

    #[test]
    fn a_station_that_boots_on_another_port_with_another_address_is_one() {
        let discover = |time, on| (time, dhcp(1, on, DhcpMessage::Discover, 0));
        let steps = every(500, 0, 10_000, packet(1, 1, 5))
            .chain([discover(20_000, 2)])
            .chain(every(500, 21_000, 30_000, packet(1, 2, 6)))
            .chain([discover(40_000, 1), (40_500, probes(1, 1, 5))])
            .chain(every(500, 41_000, 50_000, packet(1, 1, 5)));
        assert!(about("mac.duplicate", said(steps)).is_empty());
    }

    #[test]
    fn one_address_on_both_ports_is_no_second_identity() {
        let steps = every(7000, 0, 60_000, packet(1, 1, 5)).chain(every(
            7000,
            3500,
            60_000,
            packet(1, 2, 5),
        ));
        assert!(about("mac.duplicate", said(steps)).is_empty());
    }

    /// Frames in quick turns on two ports, numbered by this rule: (turn, port) to counter.
    fn quick_turns(id: impl Fn(u16, u16) -> u16) -> Vec<Step> {
        let step = |n: u16| {
            let port = 1 + n / 2 % 2;
            (i64::from(n) * 100, numbered(1, port, 5, id(n, port)))
        };
        (0..100).map(step).collect()
    }

    #[test]
    fn counters_that_run_on_for_themselves_are_two_clones() {
        let events = said(quick_turns(|n, port| port * 20_000 + n));
        let confidence: Vec<_> = events.iter().map(|e| e.confidence).collect();
        assert_eq!(words(&events)[0], "mac.duplicate raised");
        assert!(
            confidence.contains(&Some(Confidence::Likely)),
            "{confidence:?}"
        );
    }

    #[test]
    fn counters_that_run_on_across_the_ports_are_one_host() {
        let events = said(quick_turns(|n, _| n + 1));
        assert!(about("mac.duplicate", events).is_empty());
    }

    #[test]
    fn quick_turns_of_unknown_identity_are_possibly_two() {
        let events = about("mac.duplicate", said(quick_turns(|_, _| 0)));
        assert_eq!(words(&events), ["mac.duplicate raised"]);
        assert_eq!(events[0].confidence, Some(Confidence::Possible));
    }

    #[test]
    fn a_few_quick_turns_are_a_move_with_a_stumble() {
        let steps = every(500, 0, 5000, frame(1, 1))
            .chain([(5100, frame(1, 2)), (5200, frame(1, 1))])
            .chain(every(500, 5300, 10_000, frame(1, 2)));
        assert_eq!(words(&said(steps)), ["mac.moved"]);
    }

    #[test]
    fn a_virtual_router_mac_is_of_many_by_trade() {
        let steps = twins(60_000).map(|(time, sighting)| {
            let mac = Mac::new([0, 0, 0x5e, 0, 1, 7]);
            (time, Sighting { mac, ..sighting })
        });
        assert!(said(steps).is_empty());
    }

    #[test]
    fn a_router_carries_the_packets_of_others() {
        let steps = twins(60_000).map(|(time, mut sighting)| {
            if let Some(header) = &mut sighting.ip {
                header.hop_limit = 63;
            }
            (time, sighting)
        });
        assert!(about("mac.duplicate", said(steps)).is_empty());
    }
}
