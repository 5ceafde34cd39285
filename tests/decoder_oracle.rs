//! The decoder against etherparse's own lax parser, against cut frames and against noise.

use std::net::IpAddr;

use doppelmac::model::{
    ArpOperation, Direction, Fact, Frame, FrameRef, LinkType, Mac, Port, PortId, Segment, Sighting,
    SourceId, Timestamp,
};
use doppelmac::wire::{Decoder, MAX_TUNNELS, Options, PortFrom};
use etherparse::{
    ArpHardwareId, ArpOperation as EtherparseOperation, ArpPacket, EtherType, LaxNetSlice,
    LaxSlicedPacket, LinkSlice, PacketBuilder, VlanId,
};
use proptest::prelude::*;

const A: [u8; 6] = [0x52, 0x54, 0, 0, 0, 1];
const B: [u8; 6] = [0x52, 0x54, 0, 0, 0, 2];

fn frame(link: LinkType, bytes: &[u8]) -> Frame<'_> {
    Frame {
        time: Timestamp::from_nanos(1),
        at: FrameRef {
            number: 1,
            source: SourceId(0),
        },
        port: PortId(0),
        link,
        direction: Direction::Unknown,
        wire_len: 1500,
        bytes,
    }
}

fn decode_as(link: LinkType, port_from: PortFrom, bytes: &[u8]) -> (Vec<Sighting>, Decoder) {
    let mut decoder = Decoder::new(Options { seed: 7, port_from });
    let mut sightings = Vec::new();
    decoder.decode(&frame(link, bytes), &mut |sighting| {
        sightings.push(*sighting);
    });
    (sightings, decoder)
}

fn decode(bytes: &[u8]) -> Vec<Sighting> {
    decode_as(LinkType::Ethernet, PortFrom::Auto, bytes).0
}

// Layers, put together from the inside.

fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    [&B[..], &A, &kind.to_be_bytes(), payload].concat()
}

fn tag(id: u16, kind: u16, payload: &[u8]) -> Vec<u8> {
    [&id.to_be_bytes()[..], &kind.to_be_bytes(), payload].concat()
}

fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + payload.len()).expect("short");
    let mut bytes = vec![0x45, 0, 0, 0, 0, 1, 0, 0, 255, protocol, 0, 0];
    bytes[2..4].copy_from_slice(&total.to_be_bytes());
    bytes.extend([10, 0, 0, 1, 224, 0, 0, 102]);
    bytes.extend(payload);
    bytes
}

fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("short");
    let mut bytes = vec![0x60, 0, 0, 0, 0, 0, next, 255];
    bytes[4..6].copy_from_slice(&length.to_be_bytes());
    bytes.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    bytes.extend([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 1]);
    bytes.extend(payload);
    bytes
}

fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + payload.len()).expect("short");
    [
        &port.to_be_bytes()[..],
        &port.to_be_bytes(),
        &length.to_be_bytes(),
        &[0, 0],
        payload,
    ]
    .concat()
}

fn arp() -> Vec<u8> {
    let mut bytes = vec![0, 1, 8, 0, 6, 4, 0, 1];
    bytes.extend(A);
    bytes.extend([10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2]);
    bytes
}

fn vxlan(inner: &[u8]) -> Vec<u8> {
    let header = [8, 0, 0, 0, 0, 0x13, 0x92, 0];
    ethernet(
        0x0800,
        &ipv4(17, &udp(4789, &[&header[..], inner].concat())),
    )
}

fn gre(flags: u8, protocol: u16, rest: &[u8]) -> Vec<u8> {
    let header = [&[flags, 0][..], &protocol.to_be_bytes(), rest].concat();
    ethernet(0x0800, &ipv4(47, &header))
}

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let request = ethernet(0x0806, &arp());
    let mut dhcp = vec![1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0, 0];
    dhcp.resize(236, 0);
    dhcp.extend([99, 130, 83, 99, 53, 1, 3, 12, 3, b'w', b'e', b'b', 255]);
    let mut solicitation = vec![135, 0, 0, 0, 0, 0, 0, 0];
    solicitation.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    solicitation.extend([1, 1, 2, 0, 0, 0, 0, 1]);
    let vrrp = [0x31, 7, 100, 1, 0, 100, 0, 0, 10, 0, 0, 1];
    let hsrp = [
        0, 0, 16, 3, 10, 120, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1,
    ];
    let lldp = [2, 7, 4, 0, 1, 2, 3, 4, 5, 0x0a, 2, b's', b'1', 0, 0];
    let mut lacp = vec![1, 1, 1, 20];
    lacp.resize(24, 9);
    let erspan = [&[0, 0, 0, 1, 0x10, 0x64, 0, 7, 0, 0, 0, 12][..], &request].concat();
    let mut third = vec![0, 0, 0, 1, 0x20, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9];
    third.extend([0x0c, 0, 0, 3, 0, 0, 0, 0]);
    third.extend(&request);
    let geneve = [&[1, 0, 0x65, 0x58, 0, 0, 9, 0, 1, 2, 3, 4][..], &request].concat();
    vec![
        ("arp", request.clone()),
        (
            "arp in three tags",
            ethernet(
                0x88a8,
                &tag(5, 0x8100, &tag(6, 0x9100, &tag(7, 0x0806, &arp()))),
            ),
        ),
        ("rarp", ethernet(0x8035, &arp())),
        ("dhcp", ethernet(0x0800, &ipv4(17, &udp(67, &dhcp)))),
        (
            "dhcpv6",
            ethernet(0x86dd, &ipv6(17, &udp(547, &[1, 0, 0, 1, 0, 1, 0, 1, 9]))),
        ),
        ("ndp", ethernet(0x86dd, &ipv6(58, &solicitation))),
        ("vrrp", ethernet(0x0800, &ipv4(112, &vrrp))),
        ("hsrp", ethernet(0x0800, &ipv4(17, &udp(1985, &hsrp)))),
        ("lldp", ethernet(0x88cc, &lldp)),
        ("lacp", ethernet(0x8809, &lacp)),
        ("macsec", ethernet(0x88e5, &[1; 40])),
        ("vxlan", vxlan(&request)),
        ("geneve", ethernet(0x0800, &ipv4(17, &udp(6081, &geneve)))),
        ("nvgre", {
            let keyed = [&[0, 0, 9, 1][..], &request].concat();
            gre(0x20, 0x6558, &keyed)
        }),
        ("erspan i", gre(0, 0x88be, &request)),
        ("erspan ii", gre(0x10, 0x88be, &erspan)),
        ("erspan iii", gre(0x10, 0x22eb, &third)),
        (
            "vxlan in ip in ip",
            ethernet(0x0800, &ipv4(4, &vxlan(&request)[14..])),
        ),
    ]
}

#[test]
fn every_sample_says_what_it_is() {
    for (name, bytes) in samples() {
        let (sightings, decoder) = decode_as(LinkType::Ethernet, PortFrom::Auto, &bytes);
        assert_eq!(decoder.counts.rejected, [0; 13], "{name}");
        let last = sightings.last().expect("a sighting");
        let said = !matches!(last.fact, Fact::None);
        assert_eq!(said, name != "macsec", "{name}");
    }
}

#[test]
fn a_cut_frame_claims_nothing_that_the_whole_one_does_not() {
    for (name, bytes) in samples() {
        let whole = decode(&bytes);
        for length in 0..bytes.len() {
            let cut = decode(&bytes[..length]);
            assert!(cut.len() <= whole.len(), "{name} cut to {length}");
            for (cut, whole) in cut.iter().zip(&whole) {
                let place = |s: &Sighting| (s.mac, s.destination, s.segment, s.port);
                assert_eq!(place(cut), place(whole), "{name} cut to {length}");
                if let (Some(cut), Some(whole)) = (cut.ip, whole.ip) {
                    assert_eq!(
                        (cut.source, cut.destination, cut.protocol),
                        (whole.source, whole.destination, whole.protocol)
                    );
                }
                let kind = std::mem::discriminant::<Fact>;
                assert!(
                    matches!(cut.fact, Fact::None) || kind(&cut.fact) == kind(&whole.fact),
                    "{name} cut to {length}"
                );
            }
        }
    }
}

#[test]
fn tunnels_name_port_and_segment() {
    let endpoint = Port::Vtep(IpAddr::from([10, 0, 0, 1]));
    let mirror = |session, index| Port::Erspan {
        source: IpAddr::from([10, 0, 0, 1]),
        session,
        index,
    };
    for (name, port, segment) in [
        ("vxlan", endpoint, Segment::vni(5010)),
        ("geneve", endpoint, Segment::vni(9)),
        ("nvgre", endpoint, Segment::vni(9)),
        ("vxlan in ip in ip", endpoint, Segment::vni(5010)),
        ("erspan i", mirror(0, 0), Segment::UNTAGGED),
        ("erspan ii", mirror(7, 12), Segment::UNTAGGED.with_vlan(100)),
        ("erspan iii", mirror(5, 3), Segment::UNTAGGED),
    ] {
        let (_, bytes) = samples()
            .into_iter()
            .find(|(sample, _)| *sample == name)
            .expect("a sample of that name");
        let sightings = decode(&bytes);
        assert_eq!(sightings.len(), 2, "{name}");
        assert_eq!(sightings[0].port, Port::Capture(PortId(0)), "{name}");
        assert_eq!((sightings[1].port, sightings[1].segment), (port, segment));
        let around = u32::try_from(bytes.len() - 42).expect("short");
        assert_eq!(sightings[1].wire_len, 1500 - around, "{name}");
        // What a mirror or a tunnel carries is known again where it is seen bare.
        let bare = decode(&ethernet(0x0806, &arp()));
        assert_eq!(sightings[1].content, bare[0].content, "{name}");
    }
}

#[test]
fn an_inner_tag_stands_over_the_one_that_erspan_names() {
    let tagged = ethernet(0x8100, &tag(7, 0x0806, &arp()));
    let header = [0, 0, 0, 1, 0x10, 0x64, 0, 7, 0, 0, 0, 12];
    let bytes = gre(0x10, 0x88be, &[&header[..], &tagged].concat());
    assert_eq!(decode(&bytes)[1].segment, Segment::UNTAGGED.with_vlan(7));
}

#[test]
fn options_say_which_frames_have_a_port() {
    let tunnel = vxlan(&ethernet(0x0806, &arp()));
    let seen = |port_from, bytes: &[u8]| {
        let (sightings, decoder) = decode_as(LinkType::Ethernet, port_from, bytes);
        assert_eq!(decoder.counts.arp_requests, 1, "judged or not");
        sightings
    };
    assert_eq!(seen(PortFrom::Auto, &tunnel).len(), 2);
    let capture = seen(PortFrom::Capture, &tunnel);
    assert_eq!(capture.len(), 1);
    assert_eq!(capture[0].port, Port::Capture(PortId(0)));
    let inner = seen(PortFrom::Encapsulation, &tunnel);
    assert_eq!(inner.len(), 1);
    assert!(matches!(inner[0].port, Port::Vtep(_)));
    let stamped = ethernet(0x8100, &tag(300, 0x8100, &tag(7, 0x0806, &arp())));
    let stamped = seen(PortFrom::OuterVlan, &stamped);
    assert_eq!(stamped[0].port, Port::Stamp(PortId(0), 300));
    assert_eq!(stamped[0].segment, Segment::UNTAGGED.with_vlan(7));
    let mut upward = vec![0, 0, 0, 42, 8, 6];
    upward.extend(arp());
    let upward = seen(PortFrom::VnTag, &ethernet(0x8926, &upward));
    assert_eq!(upward[0].port, Port::Vif(PortId(0), 42));
}

#[test]
fn tunnels_end_at_the_stated_depth() {
    let mut bytes = ethernet(0x0806, &arp());
    for _ in 0..=MAX_TUNNELS {
        bytes = vxlan(&bytes);
    }
    let (sightings, decoder) = decode_as(LinkType::Ethernet, PortFrom::Auto, &bytes);
    assert_eq!(sightings.len(), MAX_TUNNELS + 1);
    assert_eq!(decoder.counts.vxlan, 1);
    assert_eq!(decoder.counts.arp_requests, 0);
}

#[test]
fn an_empty_datagram_to_a_known_port_says_nothing() {
    let bytes = ethernet(0x0800, &ipv4(17, &udp(67, &[])));
    let (sightings, decoder) = decode_as(LinkType::Ethernet, PortFrom::Auto, &bytes);
    assert!(matches!(sightings[0].fact, Fact::None));
    assert_eq!((decoder.counts.dhcp, decoder.counts.rejected), (0, [0; 13]));
}

#[test]
fn cooked_frames_tell_direction_and_interface() {
    let mut cooked = vec![8, 6, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6];
    cooked.extend(A);
    cooked.extend([0, 0]);
    cooked.extend(arp());
    let (sightings, decoder) = decode_as(LinkType::LinuxSll2, PortFrom::Auto, &cooked);
    assert_eq!(sightings[0].port, Port::Ifindex(PortId(0), 3));
    assert_eq!(sightings[0].direction, Direction::Outbound);
    assert_eq!(sightings[0].mac, Mac::new(A));
    assert_eq!(decoder.counts.arp_requests, 1);
    let outer = Decoder::outer_source(&frame(LinkType::LinuxSll2, &cooked));
    assert_eq!(outer, None);
}

fn vlan_tags() -> impl Strategy<Value = Vec<(u16, u16)>> {
    let kinds = prop_oneof![Just(0x8100u16), Just(0x88a8), Just(0x9100)];
    prop::collection::vec((1u16..4095, kinds), 0..6)
}

fn with_tags(tags: &[(u16, u16)], kind: u16, payload: &[u8]) -> Vec<u8> {
    let (mut kind, mut payload) = (kind, payload.to_vec());
    for &(id, tag_kind) in tags.iter().rev() {
        payload = tag(id, kind, &payload);
        kind = tag_kind;
    }
    ethernet(kind, &payload)
}

proptest! {
    #[test]
    fn noise_never_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        sample in 0usize..18,
        at in 0usize..300,
    ) {
        let mut bent = samples().swap_remove(sample).1;
        let at = at.min(bent.len());
        let end = (at + bytes.len()).min(bent.len());
        bent[at..end].copy_from_slice(&bytes[..end - at]);
        for bytes in [&bytes, &bent] {
            for link in [LinkType::Ethernet, LinkType::LinuxSll, LinkType::LinuxSll2] {
                let (sightings, decoder) = decode_as(link, PortFrom::Auto, bytes);
                prop_assert!(sightings.len() <= MAX_TUNNELS + 1);
                prop_assert_eq!(decoder.counts.frames, 1);
            }
        }
    }

    #[test]
    fn tags_tell_the_segment_and_are_no_content(
        tags in vlan_tags(),
        kind in prop_oneof![
            Just(0x0800u16), Just(0x86dd), Just(0x0806), Just(0x88cc), 0u16..1500, Just(0x88b5),
        ],
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let bare = decode(&ethernet(kind, &payload));
        let tagged = decode(&with_tags(&tags, kind, &payload));
        prop_assert_eq!(bare[0].content, tagged[0].content);
        let expected: Vec<u16> = tags.iter().map(|&(id, _)| id).take(3).collect();
        prop_assert_eq!(tagged[0].segment.vlans().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn etherparse_reads_the_same_ip_frames(
        source: [u8; 6], destination: [u8; 6], outer in 1u16..4095, inner in 1u16..4095,
        from: [u8; 4], to: [u8; 4], from6: [u8; 16], to6: [u8; 16],
        ttl: u8, ports: (u16, u16), sequence: u32, v6: bool, tcp: bool,
    ) {
        let double = |id| VlanId::try_new(id).expect("12 bits");
        let start = PacketBuilder::ethernet2(source, destination)
            .double_vlan(double(outer), double(inner));
        let start = if v6 { start.ipv6(from6, to6, ttl) } else { start.ipv4(from, to, ttl) };
        let mut bytes = Vec::new();
        if tcp {
            start.tcp(ports.0, ports.1, sequence, 1024).write(&mut bytes, &[1; 40])
        } else {
            start.udp(ports.0, ports.1).write(&mut bytes, &[1; 40])
        }
        .expect("writing to memory");
        let sighting = decode(&bytes)[0];
        let oracle = LaxSlicedPacket::from_ethernet(&bytes).expect("a whole frame");
        let Some(LinkSlice::Ethernet2(link)) = &oracle.link else {
            return Err(TestCaseError::fail("no Ethernet"));
        };
        prop_assert_eq!(sighting.mac, Mac::new(link.source()));
        prop_assert_eq!(sighting.destination, Mac::new(link.destination()));
        let vlans: Vec<u16> = oracle.vlan_ids().iter().map(|id| id.value()).collect();
        prop_assert_eq!(sighting.segment.vlans().collect::<Vec<_>>(), vlans);
        let ip = sighting.ip.expect("an IP header");
        let (expected, limit) = match &oracle.net {
            Some(LaxNetSlice::Ipv4(ip)) => {
                let header = ip.header();
                let ends: (IpAddr, IpAddr) =
                    (header.source_addr().into(), header.destination_addr().into());
                (ends, header.ttl())
            }
            Some(LaxNetSlice::Ipv6(ip)) => {
                let header = ip.header();
                let ends: (IpAddr, IpAddr) =
                    (header.source_addr().into(), header.destination_addr().into());
                (ends, header.hop_limit())
            }
            _ => return Err(TestCaseError::fail("no IP")),
        };
        prop_assert_eq!((ip.source, ip.destination), expected);
        prop_assert_eq!(ip.hop_limit, limit);
        prop_assert_eq!(ip.ports, u32::from(ports.0) << 16 | u32::from(ports.1));
        prop_assert_eq!(ip.sequence, if tcp { sequence } else { 0 });
    }

    #[test]
    fn etherparse_reads_the_same_arp(
        operation in 1u16..3, sender: ([u8; 6], [u8; 4]), target: ([u8; 6], [u8; 4]),
        vlan in 1u16..4095,
    ) {
        let packet = ArpPacket::new(
            ArpHardwareId::ETHERNET,
            EtherType::IPV4,
            EtherparseOperation(operation),
            &sender.0, &sender.1, &target.0, &target.1,
        )
        .expect("sizes agree");
        let mut bytes = Vec::new();
        PacketBuilder::ethernet2(A, B)
            .single_vlan(VlanId::try_new(vlan).expect("12 bits"))
            .arp(packet)
            .write(&mut bytes)
            .expect("writing to memory");
        let Fact::Arp(fact) = decode(&bytes)[0].fact else {
            return Err(TestCaseError::fail("no ARP"));
        };
        let oracle = LaxSlicedPacket::from_ethernet(&bytes).expect("a whole frame");
        let Some(LaxNetSlice::Arp(arp)) = &oracle.net else {
            return Err(TestCaseError::fail("no ARP by etherparse"));
        };
        prop_assert_eq!(&fact.sender_mac.octets(), arp.sender_hw_addr());
        prop_assert_eq!(&fact.sender_ip.octets(), arp.sender_protocol_addr());
        prop_assert_eq!(&fact.target_mac.octets(), arp.target_hw_addr());
        prop_assert_eq!(&fact.target_ip.octets(), arp.target_protocol_addr());
        prop_assert_eq!(fact.operation == ArpOperation::Request, operation == 1);
    }
}
