//! Generated traffic: every run gives the same frames. For benches and for counting allocations.
//!
//! A handful or a hundred thousand stations of one LAN take turns. Each speaks from its own MAC,
//! its own IPv4 and its own IPv6 address, and no frame is like one of those shortly before it, so
//! that nothing is taken for a copy, a storm or a conflict.

use doppelmac::model::{Direction, Frame, FrameRef, LinkType, PortId, SourceId, Span, Timestamp};

/// Packet time from one frame to the next: 500 frames a second.
const STEP: Span = Span::from_millis(2);

/// How many others a station talks to.
const PEERS: u32 = 5;

/// What a frame carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Tcp,
    LongTcp,
    TcpInVlan,
    TcpInVxlan,
    UdpOverIpv6,
    ArpRequest,
    ArpReply,
    NeighborSolicitation,
    NeighborAdvertisement,
}

impl Kind {
    /// One of each.
    pub(crate) const ALL: [Kind; 9] = [
        Kind::Tcp,
        Kind::LongTcp,
        Kind::TcpInVlan,
        Kind::TcpInVxlan,
        Kind::UdpOverIpv6,
        Kind::ArpRequest,
        Kind::ArpReply,
        Kind::NeighborSolicitation,
        Kind::NeighborAdvertisement,
    ];
}

/// One station of the LAN.
#[derive(Clone, Copy)]
struct Host(u32);

impl Host {
    fn mac(self) -> [u8; 6] {
        let [_, b, c, d] = self.0.to_be_bytes();
        [0x52, 0x54, 0, b, c, d]
    }

    fn ipv4(self) -> [u8; 4] {
        let [_, b, c, d] = self.0.to_be_bytes();
        [10, b, c, d]
    }

    fn ipv6(self) -> [u8; 16] {
        let [_, b, c, d] = self.0.to_be_bytes();
        [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b, c, d]
    }

    /// The solicited-node group of its address (RFC 4291, 2.7.1).
    fn group(self) -> [u8; 16] {
        let [_, b, c, d] = self.0.to_be_bytes();
        [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, b, c, d]
    }
}

/// The stations and how far they have come.
pub(crate) struct Traffic {
    hosts: u32,
    sent: u32,
}

impl Traffic {
    /// The traffic of so many stations, from ten to 2^24 - 2.
    pub(crate) fn new(hosts: u32) -> Self {
        Traffic { hosts, sent: 0 }
    }

    /// The next frame.
    pub(crate) fn frame(&mut self, kind: Kind) -> Vec<u8> {
        let turn = self.sent;
        self.sent += 1;
        let from = Host(1 + turn % self.hosts);
        // Another of its few peers each round.
        let round = turn / self.hosts;
        let to = Host(1 + (from.0 + round % PEERS) % self.hosts);
        let tcp = |payload| ipv4(6, from.ipv4(), to.ipv4(), turn, &tcp(turn, payload));
        let mac = to.mac();
        match kind {
            Kind::Tcp => ethernet(mac, from, 0x0800, &tcp(10)),
            Kind::LongTcp => ethernet(mac, from, 0x0800, &tcp(1400)),
            Kind::TcpInVlan => {
                let tagged = [&[0, 10, 8, 0][..], &tcp(10)].concat();
                ethernet(mac, from, 0x8100, &tagged)
            }
            Kind::TcpInVxlan => vxlan(from, turn, &ethernet(mac, from, 0x0800, &tcp(10))),
            Kind::UdpOverIpv6 => {
                let datagram = udp(443, &turn.to_be_bytes());
                ethernet(mac, from, 0x86dd, &ipv6(17, from, to.ipv6(), &datagram))
            }
            Kind::ArpRequest => ethernet([0xff; 6], from, 0x0806, &arp(1, from, to, [0; 6])),
            Kind::ArpReply => ethernet(mac, from, 0x0806, &arp(2, from, to, mac)),
            Kind::NeighborSolicitation => {
                let group = [0x33, 0x33, 0xff, mac[3], mac[4], mac[5]];
                let message = neighbor(135, to, 1, from);
                ethernet(group, from, 0x86dd, &ipv6(58, from, to.group(), &message))
            }
            Kind::NeighborAdvertisement => {
                let message = neighbor(136, from, 2, from);
                ethernet(mac, from, 0x86dd, &ipv6(58, from, to.ipv6(), &message))
            }
        }
    }
}

fn ethernet(to: [u8; 6], from: Host, kind: u16, payload: &[u8]) -> Vec<u8> {
    [&to[..], &from.mac(), &kind.to_be_bytes(), payload].concat()
}

fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes)
        .expect("frames are short")
        .to_be_bytes()
}

fn ipv4(protocol: u8, from: [u8; 4], to: [u8; 4], turn: u32, payload: &[u8]) -> Vec<u8> {
    let [_, _, id @ ..] = turn.to_be_bytes();
    let head = [&[0x45, 0][..], &length(20 + payload.len()), &id, &[0x40, 0]].concat();
    [&head[..], &[64, protocol, 0, 0], &from[..], &to, payload].concat()
}

fn ipv6(next: u8, from: Host, to: [u8; 16], payload: &[u8]) -> Vec<u8> {
    let head = [&[0x60, 0, 0, 0][..], &length(payload.len()), &[next, 255]].concat();
    [&head[..], &from.ipv6()[..], &to, payload].concat()
}

fn tcp(turn: u32, payload: usize) -> Vec<u8> {
    let mut bytes = vec![0xc3, 0x50, 0x01, 0xbb];
    bytes.extend(turn.to_be_bytes());
    bytes.extend([0, 0, 0, 0, 0x50, 0x10, 4, 0, 0, 0, 0, 0]);
    bytes.resize(bytes.len() + payload, 0x5a);
    bytes
}

fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let ports = [50_000_u16.to_be_bytes(), port.to_be_bytes()].concat();
    [&ports[..], &length(8 + payload.len())[..], &[0, 0], payload].concat()
}

/// In VNI 5010, by the tunnel end point that has the station behind it, one of four.
fn vxlan(from: Host, turn: u32, inner: &[u8]) -> Vec<u8> {
    let header = [8, 0, 0, 0, 0, 0x13, 0x92, 0];
    let datagram = udp(4789, &[&header, inner].concat());
    let here = Host(0x00ff_0000 + from.0 % 4);
    let there = Host(0x00ff_0004);
    let packet = ipv4(17, here.ipv4(), there.ipv4(), turn, &datagram);
    ethernet(there.mac(), here, 0x0800, &packet)
}

fn arp(operation: u8, from: Host, to: Host, target: [u8; 6]) -> Vec<u8> {
    let head = [0, 1, 8, 0, 6, 4, 0, operation];
    let sender = [&from.mac()[..], &from.ipv4()].concat();
    [&head[..], &sender[..], &target, &to.ipv4(), &[0; 18]].concat()
}

/// A neighbour solicitation or advertisement with one link-layer address.
fn neighbor(kind: u8, target: Host, option: u8, from: Host) -> Vec<u8> {
    // An advertisement is solicited and overrides.
    let flags = if kind == 136 { 0x60 } else { 0 };
    let head = [kind, 0, 0, 0, flags, 0, 0, 0];
    [&head[..], &target.ipv6(), &[option, 1], &from.mac()].concat()
}

/// Lends a frame, the `number`th of its capture, as captured on a port.
pub(crate) fn lend(bytes: &[u8], number: u64, port: u16) -> Frame<'_> {
    let passed = i64::try_from(number).expect("nobody generates that many") * STEP.nanos();
    Frame {
        time: Timestamp::from_nanos(1_800_000_000_000_000_000) + Span::from_nanos(passed),
        at: FrameRef {
            number,
            source: SourceId(0),
        },
        port: PortId(port),
        link: LinkType::Ethernet,
        direction: Direction::Unknown,
        wire_len: u32::try_from(bytes.len()).expect("frames are short"),
        bytes,
    }
}
