use super::super::testing::{
    Step, about, announces, asks, every, judged, packet, probes, replies, words,
};
use super::*;

/// What is said of addresses.
fn addresses(steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
    about("ip.", judged(steps))
}

fn said(steps: impl IntoIterator<Item = Step>) -> Vec<String> {
    words(&addresses(steps))
}

/// Station 1 has address 5 and uses it for a while.
fn owner_until(end: i64) -> impl Iterator<Item = Step> {
    every(500, 10, end, packet(1, 1, 5)).chain([(0, announces(1, 1, 5))])
}

#[test]
fn two_stations_that_both_stay_alive_under_an_address_are_a_duplicate() {
    let other = every(500, 3000, 8000, packet(2, 2, 5)).chain([(3000, announces(2, 2, 5))]);
    let events = addresses(owner_until(8000).chain(other));
    assert_eq!(words(&events), ["ip.duplicate raised"]);
    assert_eq!(events[0].severity, Severity::Critical);
    let mac = |side: &Option<Side>| side.as_ref().and_then(|s| s.mac);
    assert_eq!(mac(&events[0].from), Some(super::super::testing::mac(1)));
    assert_eq!(mac(&events[0].to), Some(super::super::testing::mac(2)));
}

#[test]
fn a_defended_address_is_a_duplicate() {
    let dispute = [
        (0, announces(1, 1, 5)),
        (3000, announces(2, 2, 5)),
        (3005, announces(1, 1, 5)),
    ];
    let events = addresses(dispute);
    assert_eq!(words(&events), ["ip.duplicate raised"]);
    let defended = |e: &Evidence| matches!(e.finding, Finding::Defended { .. });
    assert!(events[0].evidence.iter().any(defended));
}

#[test]
fn two_answers_to_one_question_are_a_duplicate() {
    let question = |n: i64| {
        [
            (n * 5000, asks(9, 3, 9, 5)),
            (n * 5000 + 1, replies(1, 1, 5, 9, 9)),
            (n * 5000 + 2, replies(2, 2, 5, 9, 9)),
        ]
    };
    assert_eq!(said((0..4).flat_map(question)), ["ip.duplicate raised"]);
}

#[test]
fn one_host_that_answers_for_two_addresses_on_two_cards_shares_them() {
    let question = |n: i64, own: u8| {
        [
            (n * 5000 + i64::from(own), asks(9, 3, 9, own)),
            (n * 5000 + i64::from(own) + 20, replies(1, 1, own, 9, 9)),
            (n * 5000 + i64::from(own) + 21, replies(2, 2, own, 9, 9)),
        ]
    };
    let steps = (0..4).flat_map(|n| question(n, 5).into_iter().chain(question(n, 50)));
    let words = said(steps);
    assert_eq!(words, ["ip.shared", "ip.shared"]);
}

#[test]
fn a_claim_of_a_free_address_is_nobodys_business() {
    let steps = owner_until(3000).chain([(1000, probes(2, 2, 6)), (3000, announces(2, 2, 6))]);
    assert!(said(steps).is_empty());
}

#[test]
fn who_claims_an_address_that_was_refused_makes_a_duplicate() {
    let steps = owner_until(8000).chain([
        (3000, probes(2, 2, 5)),
        (3001, replies(1, 1, 5, 2, 5)),
        (4000, announces(2, 2, 5)),
        (5000, announces(2, 2, 5)),
    ]);
    let words = said(steps);
    assert!(words.contains(&"ip.duplicate raised".to_owned()));
    assert!(!words.contains(&"ip.probe_conflict".to_owned()));
}

#[test]
fn a_duplicate_clears_when_one_of_the_two_has_gone() {
    let other = every(500, 3000, 8000, packet(2, 2, 5)).chain([(3000, announces(2, 2, 5))]);
    let words = said(owner_until(600_000).chain(other));
    assert_eq!(words, ["ip.duplicate raised", "ip.duplicate cleared"]);
}

#[test]
fn a_duplicate_of_ten_minutes_is_one_incident() {
    let other = every(500, 3000, 600_000, packet(2, 2, 5)).chain([(3000, announces(2, 2, 5))]);
    assert_eq!(
        said(owner_until(600_000).chain(other)),
        ["ip.duplicate raised"]
    );
}

#[test]
fn a_duplicate_that_comes_back_is_another_incident() {
    let other = |from: i64| {
        every(500, from, from + 5000, packet(2, 2, 5)).chain([(from, announces(2, 2, 5))])
    };
    let events = addresses(
        owner_until(600_000)
            .chain(other(3000))
            .chain(other(500_000)),
    );
    assert_eq!(
        words(&events),
        [
            "ip.duplicate raised",
            "ip.duplicate cleared",
            "ip.duplicate raised"
        ]
    );
    assert_ne!(events[0].id, events[2].id);
}
