//! What holds for any sightings, however senseless.

use std::collections::HashSet;

use proptest::prelude::*;

use super::testing::{
    advert, announces, asks, at, dhcp, frame, lacp, naming, numbered, packet, probes, rarp, replies,
};
use super::{Engine, Settings};
use crate::model::{
    DhcpMessage, Direction, Event, Mac, Phase, Port, RedundancyState, Segment, Sighting, Span,
    Timestamp,
};

/// One random frame of a small network, and how long after the last one it comes.
fn arrival() -> impl Strategy<Value = (i64, Sighting)> {
    let gap = prop_oneof![
        8 => 0..40i64,
        4 => 40..3000i64,
        1 => 3000..400_000i64,
        1 => -5000..0i64,
    ];
    let place = (0..6u8, 0..4u16, 0..4u8, 0..6u8);
    let nature = (0..16u8, 0..3u8, 0..3u16, prop_oneof![Just(0), 1..4u64]);
    (gap, place, nature).prop_map(|(gap, (n, on, own, other), nature)| {
        let (form, direction, vlan, content) = nature;
        let mut sighting = formed(form, n, on, own, other);
        sighting.direction = match direction {
            0 => Direction::Unknown,
            1 => Direction::Inbound,
            _ => Direction::Outbound,
        };
        sighting.segment = Segment::UNTAGGED.with_vlan(vlan);
        sighting.content = content << 45;
        (gap, sighting)
    })
}

fn formed(form: u8, n: u8, on: u16, own: u8, other: u8) -> Sighting {
    match form {
        0 => announces(n, on, own),
        1 => asks(n, on, own, other),
        2 => replies(n, on, own, other, other),
        3 => probes(n, on, own),
        4 => rarp(n, on),
        5 => naming(other, replies(n, on, own, other, other)),
        6 => packet(n, on, own),
        7 => numbered(n, on, own, u16::from(other) * 100),
        8 => dhcp(n, on, DhcpMessage::Discover, own),
        9 => dhcp(n, on, DhcpMessage::Decline, own),
        10 => dhcp(n, on, DhcpMessage::Release, own),
        11 => advert(n, on, own, RedundancyState::Active),
        12 => advert(n, on, own, RedundancyState::Resigning),
        13 => lacp(n, on, other),
        14 => Sighting {
            mac: Mac::BROADCAST,
            ..frame(n, on)
        },
        _ => Sighting {
            port: Port::Vtep([10, 9, 9, other].into()),
            ..frame(n, on)
        },
    }
}

/// Everything an engine says of these arrivals.
fn judged(settings: Settings, arrivals: &[(i64, Sighting)], in_batches: bool) -> Vec<Event> {
    let mut engine = Engine::new(settings);
    let mut now = 0;
    let mut sightings = Vec::new();
    for (number, &(gap, mut sighting)) in (1..).zip(arrivals) {
        now += gap;
        sighting.first = at(now);
        sighting.last = at(now);
        sighting.at.number = number;
        if sighting.content == 0 {
            sighting.content = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        sightings.push(sighting);
    }
    let mut events = Vec::new();
    if in_batches {
        engine.observe_all(&sightings, |sighting| sighting);
    } else {
        for sighting in &sightings {
            engine.observe(sighting);
            events.extend(engine.events());
        }
    }
    engine.finish();
    events.extend(engine.events());
    let census = engine.census();
    assert!(census.stations <= settings.max_stations as u64);
    assert!(census.addresses <= settings.max_addresses as u64);
    events
}

fn tiny() -> Settings {
    Settings {
        max_stations: 3,
        max_addresses: 2,
        flood_rate: 1,
        storm_rate: 3,
        flap_window: Span::from_secs(20),
        ..Settings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn events_come_in_the_order_of_their_time(arrivals in prop::collection::vec(arrival(), 0..300)) {
        for settings in [Settings::default(), tiny()] {
            let mut last = Timestamp::MIN;
            for event in judged(settings, &arrivals, false) {
                prop_assert!(event.time >= last, "{event:?} comes too late");
                last = event.time;
            }
        }
    }

    #[test]
    fn an_incident_is_raised_once_and_cleared_once(arrivals in prop::collection::vec(arrival(), 0..300)) {
        for settings in [Settings::default(), tiny()] {
            let mut said = HashSet::new();
            let mut open = HashSet::new();
            for event in judged(settings, &arrivals, false) {
                let is_first = said.insert((event.id, event.phase));
                prop_assert!(is_first || event.phase == Phase::Updated, "said twice: {event:?}");
                match event.phase {
                    Phase::Observed => {}
                    Phase::Raised => prop_assert!(open.insert(event.id)),
                    Phase::Updated => prop_assert!(open.contains(&event.id)),
                    Phase::Cleared => prop_assert!(open.remove(&event.id)),
                }
            }
        }
    }

    #[test]
    fn the_same_sightings_give_the_same_events(arrivals in prop::collection::vec(arrival(), 0..300)) {
        for settings in [Settings::default(), tiny()] {
            let told = |in_batches| -> Vec<String> {
                let events = judged(settings, &arrivals, in_batches);
                events.iter().map(|event| format!("{event:?}")).collect()
            };
            prop_assert_eq!(told(false), told(true));
        }
    }

    #[test]
    fn no_times_are_too_strange(times in prop::collection::vec(any::<i64>(), 1..50), forms in prop::collection::vec(0..16u8, 50)) {
        let mut engine = Engine::new(Settings::default());
        for (n, (time, form)) in times.into_iter().zip(forms).enumerate() {
            let mut sighting = formed(form, form % 3, u16::from(form % 4), 1 + form % 2, 3);
            sighting.first = Timestamp::from_nanos(time);
            sighting.last = sighting.first;
            sighting.content = n as u64 + 1;
            engine.observe(&sighting);
        }
        engine.finish();
        engine.finish();
    }
}
