use super::super::testing::{
    announces, every, frame, judged, judged_with, lacp, rarp, said, words,
};
use super::*;
use crate::engine::Settings;

/// A station that is on port 1 for three seconds and on port 2 from then on.
fn moves(n: u8) -> impl Iterator<Item = super::super::testing::Step> {
    every(500, 0, 3000, frame(n, 1)).chain(every(500, 3000, 10_000, frame(n, 2)))
}

#[test]
fn a_station_that_goes_to_another_port_and_stays_has_moved() {
    let events = judged(moves(1));
    assert_eq!(words(&events), ["mac.moved"]);
    assert_eq!(events[0].severity, Severity::Notice);
    assert_eq!(events[0].blackout, Some(Span::from_millis(500)));
    let side = |side: &Option<Side>| side.as_ref().and_then(|s| s.frames);
    assert_eq!(side(&events[0].from), Some(6));
}

#[test]
fn a_station_that_returns_before_it_settled_has_bounced() {
    let away = [(3000, frame(1, 2)), (3100, frame(1, 2))];
    let steps = every(500, 0, 10_000, frame(1, 1)).chain(away);
    assert!(said(steps).is_empty());
}

#[test]
fn frames_that_cross_a_move_are_part_of_it() {
    let crossing = [(3010, frame(1, 1)), (3020, frame(1, 2))];
    assert_eq!(said(moves(1).chain(crossing)), ["mac.moved"]);
}

#[test]
fn a_move_with_an_announcement_on_the_new_port_is_a_migration() {
    let announcements = [0, 50, 200, 450, 800].map(|ms| (3005 + ms, rarp(1, 2)));
    let events = judged(moves(1).chain(announcements));
    assert_eq!(words(&events), ["mac.migrated"]);
    assert_eq!(events[0].severity, Severity::Info);
    assert_eq!(events[0].announcement, Some(Announcement::Rarp));
    assert!(events[0].announcements.is_some_and(|n| n >= 3));
}

#[test]
fn a_long_blackout_is_told_from_the_last_frame_to_the_first() {
    let steps = every(100, 0, 1000, frame(1, 1)).chain(every(100, 61_000, 65_000, rarp(1, 2)));
    let events = judged(steps);
    let migrated = events.iter().find(|e| e.kind == Kind::MacMigrated);
    let blackout = migrated.and_then(|e| e.blackout);
    assert_eq!(blackout, Some(Span::from_millis(60_100)));
}

#[test]
fn an_announcement_on_the_old_port_makes_no_migration() {
    let steps = moves(1).chain([(2900, announces(1, 1, 5))]);
    assert!(said(steps).contains(&"mac.moved".to_owned()));
}

#[test]
fn links_of_one_lacp_system_are_one_port() {
    let bundle = [(0, lacp(9, 1, 9)), (1, lacp(8, 2, 9))];
    assert!(said(moves(1).chain(bundle)).is_empty());
}

#[test]
fn a_virtual_router_mac_never_moves() {
    let virtual_mac = Mac::new([0, 0, 0x5e, 0, 1, 7]);
    let steps = moves(1).map(|(time, sighting)| {
        let sighting = Sighting {
            mac: virtual_mac,
            ..sighting
        };
        (time, sighting)
    });
    assert!(said(steps).is_empty());
}

#[test]
fn what_left_by_the_port_of_its_destination_came_in_elsewhere() {
    // No directions: station 3 is behind a port that nobody captures; stations 1 and 2 are at
    // home on ports 1 and 2, where frames to them leave.
    let unknown = |to: u8, sighting| Sighting {
        direction: Direction::Unknown,
        destination: super::super::testing::mac(to),
        ..sighting
    };
    let steps = every(1000, 0, 20_000, unknown(2, frame(1, 1)))
        .chain(every(1000, 10, 20_000, unknown(1, frame(2, 2))))
        .chain(every(1000, 20, 20_000, unknown(1, frame(3, 1))))
        .chain(every(1000, 30, 20_000, unknown(2, frame(3, 2))));
    assert!(said(steps).is_empty());
}

#[test]
fn a_move_after_half_a_year_is_a_return() {
    let settings = Settings {
        stale: Span::from_secs(60),
        ..Settings::default()
    };
    let steps = [
        (0, frame(1, 1)),
        (70_000, frame(1, 2)),
        (80_000, frame(1, 2)),
    ];
    assert_eq!(words(&judged_with(settings, steps)), ["station.returned"]);
}

#[test]
fn a_station_that_is_heard_only_elsewhere_returns_once() {
    // Its home port is silent for good; floods that leave by another port show it for years.
    let settings = Settings {
        stale: Span::from_secs(60),
        ..Settings::default()
    };
    let leaving = Sighting {
        direction: Direction::Unknown,
        destination: super::super::testing::mac(2),
        ..frame(1, 2)
    };
    let steps = every(10_000, 0, 200_000, frame(2, 2))
        .chain([(0, frame(1, 1))])
        .chain(every(1000, 70_000, 80_000, leaving));
    assert_eq!(words(&judged_with(settings, steps)), ["station.returned"]);
}
