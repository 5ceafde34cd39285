//! Scenes for the detectors' tests: what stations sent where and when, and what was said of it.

use std::net::{IpAddr, Ipv4Addr};

use super::{Engine, Settings};
use crate::model::{
    ArpFact, ArpOperation, DhcpFact, DhcpMessage, Direction, Event, Fact, FrameRef, IpFact, Kind,
    Label, LacpFact, Mac, Phase, Port, PortId, RedundancyFact, RedundancyProtocol, RedundancyState,
    Segment, Sighting, Span, Timestamp,
};

/// One moment of a scene: milliseconds since its beginning, and what was heard then.
pub(super) type Step = (i64, Sighting);

/// The MAC of station `n`, of QEMU's range.
pub(super) fn mac(n: u8) -> Mac {
    Mac::new([0x52, 0x54, 0, 0, 0, n])
}

/// The `n`th address of the network.
pub(super) fn ip(n: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, n)
}

/// The moment `millis` after a scene begins.
pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::default() + Span::from_secs(1_700_000_000) + Span::from_millis(millis)
}

/// A port of the capture.
pub(super) fn port(n: u16) -> Port {
    Port::Capture(PortId(n))
}

/// A frame of no special meaning from station `n`, received on a port.
pub(super) fn frame(n: u8, on: u16) -> Sighting {
    Sighting {
        first: Timestamp::default(),
        last: Timestamp::default(),
        count: 1,
        wire_len: 64,
        at: FrameRef::default(),
        content: 0,
        segment: Segment::UNTAGGED,
        port: port(on),
        direction: Direction::Inbound,
        mac: mac(n),
        destination: mac(250),
        ip: None,
        fact: Fact::None,
    }
}

/// An IP packet from station `n`, which sends from this address.
pub(super) fn packet(n: u8, on: u16, source: u8) -> Sighting {
    let header = IpFact {
        source: IpAddr::V4(ip(source)),
        destination: IpAddr::V4(ip(250)),
        hop_limit: 64,
        protocol: 17,
        id: 0,
        ports: 0,
        sequence: 0,
    };
    Sighting {
        ip: Some(header),
        ..frame(n, on)
    }
}

/// The same with an IPv4 identification.
pub(super) fn numbered(n: u8, on: u16, source: u8, id: u16) -> Sighting {
    let mut sighting = packet(n, on, source);
    if let Some(header) = &mut sighting.ip {
        header.id = id;
    }
    sighting
}

fn arp(n: u8, on: u16, operation: ArpOperation, sender: Ipv4Addr, target: Ipv4Addr) -> Sighting {
    let fact = ArpFact {
        operation,
        sender_mac: mac(n),
        sender_ip: sender,
        target_mac: Mac::ZERO,
        target_ip: target,
    };
    Sighting {
        destination: Mac::BROADCAST,
        fact: Fact::Arp(fact),
        ..frame(n, on)
    }
}

/// Station `n` asks who has `target`.
pub(super) fn asks(n: u8, on: u16, own: u8, target: u8) -> Sighting {
    arp(n, on, ArpOperation::Request, ip(own), ip(target))
}

/// Station `n` announces its address to all: a gratuitous request.
pub(super) fn announces(n: u8, on: u16, own: u8) -> Sighting {
    asks(n, on, own, own)
}

/// Station `n` probes whether an address is free.
pub(super) fn probes(n: u8, on: u16, target: u8) -> Sighting {
    arp(
        n,
        on,
        ArpOperation::Request,
        Ipv4Addr::UNSPECIFIED,
        ip(target),
    )
}

/// Station `n` tells station `to`, which has `their` address, that `own` is at `n`.
pub(super) fn replies(n: u8, on: u16, own: u8, to: u8, their: u8) -> Sighting {
    let mut sighting = arp(n, on, ArpOperation::Reply, ip(own), ip(their));
    sighting.destination = mac(to);
    if let Fact::Arp(arp) = &mut sighting.fact {
        arp.target_mac = mac(to);
    }
    sighting
}

/// The frame with another sender hardware address in its ARP than its Ethernet source.
pub(super) fn naming(sender: u8, mut sighting: Sighting) -> Sighting {
    if let Fact::Arp(arp) = &mut sighting.fact {
        arp.sender_mac = mac(sender);
    }
    sighting
}

/// Station `n` announces itself as a hypervisor does for it: RARP with zero addresses.
pub(super) fn rarp(n: u8, on: u16) -> Sighting {
    let fact = ArpFact {
        operation: ArpOperation::Request,
        sender_mac: mac(n),
        sender_ip: Ipv4Addr::UNSPECIFIED,
        target_mac: mac(n),
        target_ip: Ipv4Addr::UNSPECIFIED,
    };
    Sighting {
        destination: Mac::BROADCAST,
        fact: Fact::Rarp(fact),
        ..frame(n, on)
    }
}

/// Station `n` speaks DHCP for itself.
pub(super) fn dhcp(n: u8, on: u16, message: DhcpMessage, address: u8) -> Sighting {
    let fact = DhcpFact {
        message,
        transaction: 1,
        client_mac: mac(n),
        client_ip: ip(address),
        your_ip: Ipv4Addr::UNSPECIFIED,
        relay_ip: Ipv4Addr::UNSPECIFIED,
        requested_ip: ip(address),
        client_id: 0,
        vendor_class: 0,
        hostname: Label::default(),
    };
    Sighting {
        fact: Fact::Dhcp(fact),
        ..frame(n, on)
    }
}

/// Station `n`, a router with the address `own`, advertises itself for VRRP group 1.
pub(super) fn advert(n: u8, on: u16, own: u8, state: RedundancyState) -> Sighting {
    let fact = RedundancyFact {
        protocol: RedundancyProtocol::VrrpV3,
        group: 1,
        priority: 100,
        state,
        address: Some(IpAddr::V4(ip(1))),
        second: None,
        addresses: 7,
        virtual_mac: Some(Mac::new([0, 0, 0x5e, 0, 1, 1])),
    };
    let mut sighting = packet(n, on, own);
    if let Some(header) = &mut sighting.ip {
        header.destination = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18));
        header.hop_limit = 255;
    }
    Sighting {
        destination: Mac::new([1, 0, 0x5e, 0, 0, 18]),
        fact: Fact::Redundancy(fact),
        ..sighting
    }
}

/// Station `n` says over LACP that it is a port of this system.
pub(super) fn lacp(n: u8, on: u16, system: u8) -> Sighting {
    let fact = LacpFact {
        system: mac(system),
        priority: 1,
        key: 1,
        port: on,
        partner: Mac::ZERO,
    };
    Sighting {
        fact: Fact::Lacp(fact),
        ..frame(n, on)
    }
}

/// What stations do again and again: the sighting from one time to another, every so often.
pub(super) fn every(
    millis: usize,
    from: i64,
    to: i64,
    sighting: Sighting,
) -> impl Iterator<Item = Step> {
    (from..to).step_by(millis).map(move |time| (time, sighting))
}

/// Gives an engine the steps in the order of their time, each as a frame of its own unless it
/// says what its content is.
pub(super) fn play(engine: &mut Engine, steps: impl IntoIterator<Item = Step>) {
    let mut steps: Vec<Step> = steps.into_iter().collect();
    steps.sort_by_key(|&(time, _)| time);
    for (number, (millis, mut sighting)) in (1..).zip(steps) {
        sighting.first = at(millis);
        sighting.last = sighting.first;
        sighting.at.number = number;
        if sighting.content == 0 {
            sighting.content = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        engine.observe(&sighting);
    }
}

/// What an engine says of these steps until they end, first frames of stations left out.
pub(super) fn judged_with(settings: Settings, steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
    let mut engine = Engine::new(settings);
    play(&mut engine, steps);
    engine.finish();
    let said = engine.events().filter(|e| e.kind != Kind::StationNew);
    said.collect()
}

/// The same by the default settings.
pub(super) fn judged(steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
    judged_with(Settings::default(), steps)
}

/// The events of a family, `ip.` or `mac.`.
pub(super) fn about(family: &str, mut events: Vec<Event>) -> Vec<Event> {
    events.retain(|event| event.kind.name().starts_with(family));
    events
}

/// Events in short: `mac.moved`, `mac.flapping raised`.
pub(super) fn words(events: &[Event]) -> Vec<String> {
    let word = |event: &Event| match event.phase {
        Phase::Observed => event.kind.to_string(),
        phase => format!("{} {phase}", event.kind),
    };
    events.iter().map(word).collect()
}

/// What is said of these steps, in short.
pub(super) fn said(steps: impl IntoIterator<Item = Step>) -> Vec<String> {
    words(&judged(steps))
}
