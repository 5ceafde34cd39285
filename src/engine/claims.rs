//! Reads what frames say about addresses: claims, signs of life, questions, announcements.

use std::net::{IpAddr, Ipv6Addr};

use super::presence::Used;
use super::stations::Traits;
use super::{Engine, Seen, proof};
use crate::model::{
    Announcement, ArpFact, ArpOperation, DhcpFact, DhcpMessage, Finding, IpFact, Mac, NdpFact,
    NdpMessage,
};

/// Initial TTLs in use; anything else was forwarded on its way (or is link-local by design).
fn is_initial(hop_limit: u8) -> bool {
    matches!(hop_limit, 32 | 60 | 64 | 128 | 200 | 255)
}

/// Whether an address can belong to one station at all.
pub(super) fn is_host(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            !(ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast() || ip.is_loopback())
        }
        IpAddr::V6(ip) => !(ip.is_unspecified() || ip.is_multicast() || ip.is_loopback()),
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

impl Engine {
    /// An IP frame: its sender is alive under the source address, if that is its own.
    pub(super) fn note_ip_frame(&mut self, seen: &Seen<'_>, ip: &IpFact) {
        let station = self.stations.get_mut(seen.station);
        if station.is_noted(ip.source, self.clock) {
            return;
        }
        if !is_host(ip.source) || station.traits.has(Traits::VIRTUAL) {
            // What comes from a role's MAC, adverts foremost, has the address of a real router.
            return;
        }
        let to_group = ip.destination.is_multicast();
        let is_own = is_link_local(ip.source) || is_initial(ip.hop_limit) || to_group;
        if !is_own {
            // Somebody else's packet: this station forwards.
            station.traits.set(Traits::ROUTER);
            return;
        }
        if station.traits.has(Traits::ROUTER) && !is_link_local(ip.source) {
            // A router's own packets cannot be told from those it got with an initial TTL: they
            // only count for an address it is known to hold.
            self.note_alive(seen, ip.source);
            return;
        }
        station.note(ip.source, self.clock);
        self.follow_flow(seen, ip);
        self.note_use(seen, ip.source, false);
        self.note_alive_or_enter(seen, ip.source);
    }

    /// The station uses an address on the port where it is now.
    pub(super) fn note_use(&mut self, seen: &Seen<'_>, ip: IpAddr, claimed: bool) {
        let now = self.clock;
        let (station, detail) = self.stations.detailed(seen.station);
        let port = if seen.located {
            seen.port
        } else {
            station.port
        };
        let used = Used {
            ip,
            port,
            claimed,
            last: now,
            at: seen.sighting.at,
        };
        let before = detail.addresses.record(used);
        if detail.addresses.overflowed {
            station.traits.set(Traits::MANY);
        }
        if station.traits.has(Traits::ROAMED) {
            self.judge_identities(seen, ip, before);
        }
    }

    pub(super) fn note_arp(&mut self, seen: &Seen<'_>, arp: &ArpFact) {
        self.judge_storm(seen.sighting, seen.segment, arp, false);
        let target = IpAddr::V4(arp.target_ip);
        if arp.is_probe() {
            self.note_probe(seen, target);
            self.solicited
                .note(seen.segment, target, seen.sighting.mac, self.clock);
            return;
        }
        let sender = IpAddr::V4(arp.sender_ip);
        if !is_host(sender) || !arp.sender_mac.is_station() {
            return;
        }
        if arp.sender_mac != seen.sighting.mac {
            self.note_hearsay(seen, sender, arp.sender_mac);
            self.judge_mismatch(seen, arp);
            return;
        }
        let is_reply = arp.operation == ArpOperation::Reply;
        if arp.is_gratuitous() {
            let form = if is_reply {
                Announcement::GarpReply
            } else {
                Announcement::GarpRequest
            };
            self.note_announcement(seen, form, Some(sender), arp.target_mac);
        } else if !is_reply {
            self.solicited
                .note(seen.segment, target, seen.sighting.mac, self.clock);
        }
        let unasked = is_reply
            && !arp.is_gratuitous()
            && !seen.sighting.is_flooded()
            && !seen.sighting.destination.is_zero()
            && !self
                .solicited
                .asked(seen.segment, sender, seen.sighting.destination, self.clock);
        let claim = Claim {
            ip: sender,
            mac: arp.sender_mac,
            victim: unasked.then_some(seen.sighting.destination),
            announced: arp.is_gratuitous(),
            answer_to: (is_reply && !unasked).then_some(arp.target_mac),
        };
        self.note_use(seen, sender, true);
        self.note_claim(seen, &claim);
        if is_reply && unasked && is_host(target) && arp.target_mac.is_station() {
            self.note_named(seen, target, arp.target_mac);
        }
    }

    pub(super) fn note_rarp(&mut self, seen: &Seen<'_>, rarp: &ArpFact) {
        self.judge_storm(seen.sighting, seen.segment, rarp, false);
        let announces = rarp.sender_mac == seen.sighting.mac && rarp.target_mac == rarp.sender_mac;
        if rarp.operation == ArpOperation::Request && announces {
            self.note_announcement(seen, Announcement::Rarp, None, rarp.target_mac);
        }
    }

    pub(super) fn note_ndp(&mut self, seen: &Seen<'_>, ndp: &NdpFact) {
        let Some(header) = seen.sighting.ip else {
            return;
        };
        let target = IpAddr::V6(ndp.target);
        match ndp.message {
            NdpMessage::NeighborSolicitation if header.source.is_unspecified() => {
                self.note_own_dad(seen, ndp.target);
                self.note_probe(seen, target);
            }
            NdpMessage::NeighborSolicitation | NdpMessage::RouterSolicitation => {
                if ndp.link_layer == Some(seen.sighting.mac) && is_host(header.source) {
                    self.claim_by_ndp(seen, header.source, false);
                }
            }
            NdpMessage::RouterAdvertisement => {
                self.stations
                    .get_mut(seen.station)
                    .traits
                    .set(Traits::ROUTER);
                if ndp.link_layer == Some(seen.sighting.mac) && is_host(header.source) {
                    self.claim_by_ndp(seen, header.source, false);
                }
            }
            NdpMessage::NeighborAdvertisement => {
                if ndp.router {
                    self.stations
                        .get_mut(seen.station)
                        .traits
                        .set(Traits::ROUTER);
                }
                let unsolicited = !ndp.solicited && header.destination.is_multicast();
                self.note_dad_answer(seen, ndp.target);
                // Without the option the Ethernet source is the link-layer address (RFC 4861, 7.2.4).
                let claims = ndp.link_layer.is_none_or(|mac| mac == seen.sighting.mac);
                if claims && is_host(target) {
                    if unsolicited {
                        self.note_announcement(seen, Announcement::Una, Some(target), Mac::ZERO);
                    }
                    self.claim_by_ndp(seen, target, unsolicited);
                }
            }
        }
    }

    fn claim_by_ndp(&mut self, seen: &Seen<'_>, ip: IpAddr, announced: bool) {
        self.note_use(seen, ip, true);
        let mac = seen.sighting.mac;
        let claim = Claim {
            ip,
            mac,
            victim: None,
            announced,
            answer_to: None,
        };
        self.note_claim(seen, &claim);
    }

    pub(super) fn note_dhcp(&mut self, seen: &Seen<'_>, dhcp: &DhcpFact) {
        let from_client = dhcp.client_mac == seen.sighting.mac && dhcp.relay_ip.is_unspecified();
        match dhcp.message {
            DhcpMessage::Discover | DhcpMessage::Request | DhcpMessage::Inform if from_client => {
                let (_, detail) = self.stations.detailed(seen.station);
                if dhcp.message == DhcpMessage::Discover || dhcp.client_ip.is_unspecified() {
                    detail.boot = self.clock;
                }
                if !dhcp.hostname.is_empty() {
                    detail.hostname = dhcp.hostname;
                }
                self.judge_dhcp_identity(seen, dhcp);
            }
            DhcpMessage::Release if from_client => {
                self.note_release(seen.segment, IpAddr::V4(dhcp.client_ip), dhcp.client_mac);
            }
            DhcpMessage::Decline if from_client && is_host(IpAddr::V4(dhcp.requested_ip)) => {
                let ip = IpAddr::V4(dhcp.requested_ip);
                let owner = self
                    .addresses
                    .find(seen.segment, ip)
                    .map(|index| self.addresses.get(index).owner.mac)
                    .filter(|&mac| mac != dhcp.client_mac);
                let evidence = vec![proof(seen.sighting, Finding::Declined { ip })];
                self.say_probe_conflict(seen.segment, ip, dhcp.client_mac, owner, evidence);
            }
            DhcpMessage::Ack
                if is_host(IpAddr::V4(dhcp.your_ip)) && dhcp.client_mac.is_station() =>
            {
                self.note_lease(seen, IpAddr::V4(dhcp.your_ip), dhcp.client_mac);
            }
            _ => {}
        }
    }
}

/// A frame that says "this IP is at this MAC".
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) ip: IpAddr,
    pub(super) mac: Mac,
    /// The one station it was sent to without having asked.
    pub(super) victim: Option<Mac>,
    pub(super) announced: bool,
    /// The station whose question it answers.
    pub(super) answer_to: Option<Mac>,
}

/// Whether an address is the link-local one that the MAC itself makes (RFC 4291, appendix A).
pub(super) fn is_eui64_of(ip: Ipv6Addr, mac: Mac) -> bool {
    ip.octets()[8..] == mac.eui64()
}
