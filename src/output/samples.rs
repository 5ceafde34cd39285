//! Events for the tests of this room.

use std::net::IpAddr;

use crate::model::{
    Announcement, Announcer, Cause, Confidence, Event, EventId, Evidence, Finding, FrameRef, Kind,
    Label, Mac, Names, Origin, Phase, Port, PortId, Segment, Severity, Side, SourceId, Span,
    Timestamp,
};

pub(super) const MAC: Mac = Mac::new([0x00, 0x50, 0x56, 0x8a, 0x12, 0x34]);
pub(super) const GUEST: Mac = Mac::new([0x52, 0x54, 0x00, 0xa7, 0xe3, 0x1c]);
pub(super) const NOW: Timestamp = Timestamp::from_nanos(1_795_327_200_123_456_789);
pub(super) const LEFT: Port = Port::Capture(PortId(0));
pub(super) const RIGHT: Port = Port::Capture(PortId(1));

pub(super) fn ip(last: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, last])
}

pub(super) fn names() -> Names {
    Names {
        ports: vec!["swp3".to_owned(), "swp9".to_owned()],
        sources: vec!["ports.pcapng".to_owned()],
        sensor: Some("tor-7".to_owned()),
    }
}

pub(super) fn bare(kind: Kind) -> Event {
    Event::new(EventId(7), kind, Phase::Observed, Severity::Notice, NOW)
}

pub(super) fn side(
    port: Port,
    mac: Mac,
    ip_end: u8,
    minutes: i64,
    frames: u64,
    name: &str,
) -> Side {
    Side {
        port: Some(port),
        mac: Some(mac),
        first_seen: Some(NOW - Span::from_secs(60 * minutes)),
        last_seen: Some(NOW),
        frames: Some(frames),
        ips: vec![ip(ip_end)],
        hostname: Some(Label::new(name.as_bytes())),
    }
}

/// An event with every field set.
pub(super) fn full() -> Event {
    Event {
        id: EventId(0x5c1f_0a00_0000_0001),
        phase: Phase::Raised,
        severity: Severity::Critical,
        segment: Some(Segment::UNTAGGED.with_vlan(10)),
        mac: Some(MAC),
        ip: Some(ip(5)),
        from: Some(side(LEFT, MAC, 5, 60, 812, "web1")),
        to: Some(side(RIGHT, MAC, 9, 1, 640, "web1-clone")),
        announcement: Some(Announcement::Rarp),
        announcer: Some(Announcer::Qemu),
        announcements: Some(5),
        blackout: Some(Span::from_nanos(84_200_000)),
        moves: Some(4),
        window: Some(Span::from_secs(180)),
        confidence: Some(Confidence::Certain),
        cause: Some(Cause::DuplicateStation),
        origin: Some(Origin::ClonedVm),
        evidence: vec![evidence(Finding::DisjointIps {
            left: ip(5),
            right: ip(9),
        })],
        related: vec![EventId(42)],
        ..bare(Kind::MacDuplicate)
    }
}

pub(super) fn evidence(finding: Finding) -> Evidence {
    Evidence {
        finding,
        time: NOW,
        at: FrameRef {
            number: 4711,
            source: SourceId(0),
        },
    }
}

pub(super) fn with_finding(finding: Finding) -> Event {
    Event {
        evidence: vec![evidence(finding)],
        ..full()
    }
}

/// One of each, in the order of [`Finding::NAMES`].
pub(super) fn findings() -> Vec<Finding> {
    let (mac, ip, other) = (MAC, ip(5), GUEST);
    let (left, right) = (Label::new(b"web1"), Label::new(b"evil\x1b[2J"));
    vec![
        Finding::DisjointIps {
            left: ip,
            right: ip,
        },
        Finding::Interleaved {
            turns: 12,
            within: Span::from_secs(2),
        },
        Finding::SeparateCounters { port: LEFT },
        Finding::SharedCounters { port: RIGHT },
        Finding::Transition {
            from: LEFT,
            to: RIGHT,
        },
        Finding::Announced { port: RIGHT },
        Finding::Claim { ip, mac },
        Finding::AliveUnder { ip, mac },
        Finding::Defended { ip, mac },
        Finding::BothAnswered { ip, mac },
        Finding::UnsolicitedReply { ip, victim: other },
        Finding::Restored { ip, owner: other },
        Finding::ManyVictims { addresses: 3 },
        Finding::SenderMismatch {
            ethernet: mac,
            sender: other,
        },
        Finding::Probed { ip, mac },
        Finding::Declined { ip },
        Finding::Released { ip },
        Finding::Advertised {
            group: 51,
            router: ip,
            priority: 100,
        },
        Finding::Returned {
            copies: 400,
            port: LEFT,
        },
        Finding::Burst {
            frames: 250,
            targets: 16,
        },
        Finding::NewStations { stations: 1500 },
        Finding::InvalidSource {
            mac: Mac::BROADCAST,
        },
        Finding::DhcpIdentities { left, right },
        Finding::SystemIdentities {
            left,
            right: Label::default(),
        },
        Finding::TtlFamilies {
            left: 64,
            right: 128,
        },
        Finding::OwnDad { ip },
        Finding::EmbeddedIp {
            embedded: ip,
            used: ip,
        },
        Finding::OneLacpSystem { system: mac },
        Finding::SharedBy { mac, ip },
        Finding::DamagedAt { offset: 1024 },
    ]
}
