use super::super::testing::{Step, about, advert, every, judged, words};
use super::*;
use crate::model::{Event, Fact};
use RedundancyState::{Active, Resigning};

/// A router advertises every second from one time to another.
fn masters(n: u8, from: i64, to: i64) -> impl Iterator<Item = Step> {
    every(1000, from, to, advert(n, u16::from(n), n, Active))
}

fn said(steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
    let mut events = judged(steps);
    events.retain(|e| matches!(e.kind, Kind::IpFailover | Kind::RedundancyConflict));
    events
}

#[test]
fn a_backup_that_takes_over_from_a_silent_master_is_a_failover() {
    let events = said(masters(1, 0, 10_000).chain(masters(2, 13_000, 30_000)));
    assert_eq!(words(&events), ["ip.failover"]);
    assert_eq!(events[0].severity, Severity::Info);
    assert_eq!(events[0].blackout, Some(Span::from_millis(4000)));
}

#[test]
fn a_master_that_resigns_hands_over_at_once() {
    let resigns = [(9500, advert(1, 1, 1, Resigning))];
    let events = said(
        masters(1, 0, 9400)
            .chain(resigns)
            .chain(masters(2, 9600, 30_000)),
    );
    assert_eq!(words(&events), ["ip.failover"]);
}

#[test]
fn adverts_that_cross_at_a_hand_over_are_no_conflict() {
    let events = said(masters(1, 0, 11_000).chain(masters(2, 9500, 30_000)));
    assert_eq!(words(&events), ["ip.failover"]);
}

#[test]
fn two_masters_in_turn_are_a_conflict_that_clears_when_one_falls_silent() {
    let events = said(masters(1, 0, 300_000).chain(masters(2, 10_500, 40_000)));
    assert_eq!(
        words(&events),
        ["redundancy.conflict raised", "redundancy.conflict cleared"]
    );
    assert_eq!(events[0].severity, Severity::Critical);
    let quiet = events[1].time.since(super::super::testing::at(40_000));
    assert!(quiet <= QUIET + Span::from_secs(1), "{quiet}");
}

#[test]
fn a_single_advert_of_another_router_changes_nothing() {
    assert!(said(masters(1, 0, 60_000).chain([(10_500, advert(2, 2, 2, Active))])).is_empty());
}

#[test]
fn one_id_used_by_two_sets_of_routers_is_a_conflict() {
    let other = masters(2, 500, 20_000).map(|(time, mut sighting)| {
        if let Fact::Redundancy(fact) = &mut sighting.fact {
            fact.address = Some(IpAddr::V4(super::super::testing::ip(99)));
            fact.addresses = 99;
        }
        (time, sighting)
    });
    let events = about("redundancy.", judged(masters(1, 0, 20_000).chain(other)));
    assert_eq!(words(&events), ["redundancy.conflict raised"]);
}
