//! Bytes become sightings.
//!
//! In comes a borrowed [`Frame`](crate::model::Frame); out go a
//! [`Sighting`](crate::model::Sighting) for it and one for each Ethernet frame it carries in
//! tunnels, and counters. The decoder keeps no state between frames, judges nothing, allocates
//! nothing, prints nothing, and reads no clock.
//!
//! # Contract
//!
//! No bytes make it panic, loop for long or read what was not captured. Every header is split
//! off the front of a slice with its length checked; nothing is indexed twice. A header that is
//! cut off by the snap length or broken is counted as a [`Reject`](crate::model::Reject) and ends
//! the reading there; what stood before it is still told. One exception: a frame whose VLAN tags
//! are cut gives no sighting, for its segment is not known. Loops run over bytes they consume.
//!
//! Depth is bounded: [`MAX_TUNNELS`] Ethernet frames within each other, four network headers
//! behind one Ethernet header, eight IPv6 extension headers; VLAN tags by the frame's length.
//!
//! # Layers
//!
//! | layer | read | source |
//! |---|---|---|
//! | link | Ethernet II, 802.3 with LLC and SNAP; Linux SLL and SLL2 | IEEE 802.3, 802.2 |
//! | tags | 0x8100, 0x88a8, 0x9100, 0x9200 in any number; VN-Tag 0x8926 | IEEE 802.1Q, 802.1BR |
//! | opaque | MACsec 0x88e5 and all other EtherTypes: presence only | IEEE 802.1AE |
//! | resolution | ARP, RARP; NDP NS, NA, RS, RA with link-layer address and nonce | RFC 826, 903, 4861, 7527 |
//! | network | IPv4 with options, IPv6 with extension headers, first fragments | RFC 791, 8200 |
//! | flow | TCP and UDP ports, TCP sequence number, ICMP echo | RFC 9293, 768, 792, 4443 |
//! | hosts | DHCP, DHCPv6 (not what relays carry) | RFC 2131, 8415 |
//! | redundancy | VRRP 2 and 3, CARP, HSRP 1 and 2, GLBP | RFC 3768, 9568, 2281 |
//! | neighbours | LLDP, CDP, LACP | IEEE 802.1AB, 802.1AX |
//! | tunnels | VXLAN, Geneve, GRE with Ethernet, NVGRE, ERSPAN I, II, III | RFC 7348, 8926, 2784, 7637 |
//!
//! IP within IP (also through GRE) is followed, but only for the counters and for tunnels in it.
//! Not entered at all: MPLS, CAPWAP, PPP, 802.11 and what ICMP errors quote. HSRP counts only
//! when sent to a group. Loopback captures with zero addresses pass as they are.
//!
//! # Counters
//!
//! Messages count wherever they are found, also in tunnels that are not judged. VLAN tags, VXLAN,
//! Geneve, GRE and ERSPAN count once a frame, however often they are nested. What a protocol says
//! to discard still counts as a message of that protocol, and as a rejected one.

mod arp;
mod cdp;
mod content;
mod cooked;
mod decoder;
mod dhcp;
mod dhcpv6;
mod erspan;
mod ether_type;
mod ethernet;
mod geneve;
mod glbp;
mod gre;
mod hsrp;
mod ip;
mod ipv4;
mod ipv6;
mod lacp;
mod lldp;
mod ndp;
mod network;
mod tags;
mod transport;
mod tunnel;
mod vrrp;
mod vxlan;

pub use decoder::{Decoder, MAX_TUNNELS, Options, PortFrom};
