//! Detects attacks on address resolution: `arp.spoofing`.
//!
//! Evidence: replies that nobody asked for, repeated to single stations, while the other holder of
//! the address lives; or a claimant that elsewhere names the true owner, in the target fields of
//! its replies or in the restores with which tools end. Whoever of the two was heard first, the one
//! that sends unasked is the forger. It replaces `ip.duplicate` for that address.
//!
//! Look-alikes that stay silent: an address that moves with gratuitous ARP, which goes to all; a
//! mirror that misses the questions, where nobody else holds the address. Known false positive:
//! two hosts that share an address where the mirror shows answers but no questions. Threshold:
//! arpspoof and ettercap repeat every one to ten seconds; two unasked replies are no accident.

use std::net::IpAddr;

use super::addresses::{Dispute, Holder, Verdict};
use super::claims::Claim;
use super::ip_conflict::ip_key;
use super::stations::station_key;
use super::{Engine, Seen, proof, quiet};
use crate::model::{Evidence, Finding, Kind, Mac, Severity};

/// How many unasked replies to single stations are no accident.
const UNASKED: u32 = 2;

/// Which side of a dispute forges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forger {
    /// Who held the address first, as far as the capture shows.
    Owner,
    /// Who claimed it later.
    Challenger,
}

/// Which side of a dispute bears the marks of an attack, if one does.
pub(super) fn forger(owner: &Holder, dispute: &Dispute) -> Option<Forger> {
    let challenger = &dispute.challenger;
    let owner_lives = dispute.owner_lives();
    let both_send_unasked = challenger.unasked >= UNASKED && owner.unasked >= UNASKED;
    if both_send_unasked {
        // The mirror shows answers without their questions: nobody is marked out.
        return None;
    }
    let named_the_owner = dispute.contradicted && challenger.unasked > 0;
    if challenger.unasked >= UNASKED && owner_lives || named_the_owner {
        return Some(Forger::Challenger);
    }
    let challenger_was_asked = challenger.claims > 0 && challenger.unasked == 0;
    let owner_forges = owner.unasked >= UNASKED && owner_lives && challenger_was_asked;
    owner_forges.then_some(Forger::Owner)
}

/// Notes a claim that was sent to one station without having been asked for.
pub(super) fn note_unasked(dispute: &mut Dispute, seen: &Seen<'_>, claim: &Claim) {
    let Some(victim) = claim.victim else { return };
    let unasked = &mut dispute.challenger.unasked;
    *unasked = unasked.saturating_add(1);
    if *unasked <= 4 {
        let finding = Finding::UnsolicitedReply {
            ip: claim.ip,
            victim,
        };
        dispute.prove(proof(seen.sighting, finding));
    }
}

impl Engine {
    /// Raises the attack. The forger becomes the challenger, whoever was heard first.
    pub(super) fn raise_spoofing(&mut self, index: usize, forger: Forger) {
        let address = self.addresses.get_mut(index);
        if forger == Forger::Owner
            && let Some(dispute) = &mut address.dispute
        {
            std::mem::swap(&mut address.owner, &mut dispute.challenger);
        }
        let address = self.addresses.get(index);
        let (segment, ip) = (address.segment, address.ip);
        let key = ip_key(Kind::ArpSpoofing, segment, ip);
        let duplicate = ip_key(Kind::IpDuplicate, segment, ip);
        if !self.incidents.touch(key, self.clock) {
            let mut event = self.ip_event(Kind::ArpSpoofing, Severity::Critical, index);
            event.related = self.incidents.id(duplicate).into_iter().collect();
            let window = quiet(&self.settings);
            self.incidents
                .report(key, self.clock, window, &mut self.timers, || event);
            self.incidents.clear(duplicate, self.clock);
        }
        if let Some(dispute) = &mut self.addresses.get_mut(index).dispute {
            dispute.judged = Verdict::Spoofing;
        }
    }

    /// An ARP frame names another sender than its Ethernet source: a restore at the end of an
    /// attack looks so.
    pub(super) fn note_hearsay(&mut self, seen: &Seen<'_>, ip: IpAddr, named: Mac) {
        let finding = Finding::Restored { ip, owner: named };
        self.note_contradiction(seen, ip, named, finding);
    }

    /// An unasked reply names its receiver in the target fields: who sends it knows the owner.
    pub(super) fn note_named(&mut self, seen: &Seen<'_>, ip: IpAddr, named: Mac) {
        if named == seen.sighting.mac {
            return;
        }
        if self.addresses.find(seen.segment, ip).is_none() {
            let holder = Holder::new(named, self.clock, seen.sighting.at, false);
            self.addresses.insert(seen.segment, ip, holder);
            return;
        }
        self.note_contradiction(seen, ip, named, Finding::Claim { ip, mac: named });
    }

    /// A station says that an address is another's. If it claimed it itself, it lied.
    fn note_contradiction(&mut self, seen: &Seen<'_>, ip: IpAddr, named: Mac, finding: Finding) {
        let liar = seen.sighting.mac;
        let Some(index) = self.addresses.find(seen.segment, ip) else {
            return;
        };
        let address = self.addresses.get_mut(index);
        let owner = address.owner;
        let mostly_unasked = owner.unasked >= UNASKED && owner.unasked * 2 > owner.claims;
        let is_known = self
            .stations
            .find(station_key(seen.segment, named))
            .is_some();
        if address.dispute.is_none() && owner.mac == liar && mostly_unasked && is_known {
            // Nobody else has spoken for the address yet: the liar has named its owner, a station
            // that is there.
            let mut dispute = Dispute::new(owner, owner.first);
            dispute.prove(Evidence {
                finding: Finding::Claim { ip, mac: liar },
                time: owner.last,
                at: owner.at,
            });
            address.owner = Holder::new(named, self.clock, seen.sighting.at, false);
            self.open_dispute(seen.segment, index, dispute);
        }
        let address = self.addresses.get_mut(index);
        let owner = address.owner.mac;
        let Some(dispute) = &mut address.dispute else {
            return;
        };
        if dispute.challenger.mac == liar && owner == named {
            if !dispute.contradicted {
                dispute.prove(proof(seen.sighting, finding));
            }
            dispute.contradicted = true;
            self.review(index, self.settings.settle);
        }
    }

    /// Whether this station is known to forge this address.
    pub(super) fn forges(&self, segment: u16, ip: IpAddr, mac: Mac) -> bool {
        let Some(index) = self.addresses.find(segment, ip) else {
            return false;
        };
        let address = self.addresses.get(index);
        self.incidents
            .is_open(ip_key(Kind::ArpSpoofing, segment, ip))
            && address
                .dispute
                .as_ref()
                .is_some_and(|d| d.challenger.mac == mac)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        Step, about, announces, asks, every, judged, mac, naming, packet, replies, words,
    };
    use super::*;
    use crate::model::Event;

    fn said(steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
        let mut events = about("", judged(steps));
        events.retain(|e| matches!(e.kind, Kind::ArpSpoofing | Kind::IpDuplicate));
        events
    }

    /// Station 1 has address 5 and says so; station 3 is whoever asks.
    fn owner(end: i64) -> impl Iterator<Item = Step> {
        every(2000, 10, end, asks(3, 3, 8, 5)).chain(every(2000, 11, end, replies(1, 1, 5, 3, 8)))
    }

    /// Station 2 tells station 3 every second that address 5 is at station 2.
    fn attack(from: i64, to: i64) -> impl Iterator<Item = Step> {
        every(1000, from + 500, to, replies(2, 2, 5, 4, 9))
    }

    #[test]
    fn unasked_replies_to_a_victim_while_the_owner_lives_are_an_attack() {
        let events = said(owner(20_000).chain(attack(5000, 20_000)));
        let words = words(&events);
        assert!(
            words.contains(&"arp.spoofing raised".to_owned()),
            "{words:?}"
        );
        let attack = events.iter().find(|e| e.kind == Kind::ArpSpoofing);
        assert_eq!(attack.map(|e| e.severity), Some(Severity::Critical));
        assert_eq!(attack.and_then(|e| e.mac), Some(mac(2)));
    }

    #[test]
    fn the_forger_is_found_though_it_was_heard_first() {
        let late_owner = owner(20_000).map(|(time, sighting)| (time + 6000, sighting));
        let events = said(attack(0, 26_000).chain(late_owner));
        let attack = events.iter().find(|e| e.kind == Kind::ArpSpoofing);
        assert_eq!(attack.and_then(|e| e.mac), Some(mac(2)));
    }

    #[test]
    fn an_address_that_moves_with_an_announcement_is_no_attack() {
        let steps = owner(5000).chain(every(500, 6000, 12_000, packet(2, 2, 5)));
        assert!(said(steps.chain([(6000, announces(2, 2, 5))])).is_empty());
    }

    #[test]
    fn answers_without_their_questions_mark_nobody() {
        // The mirror shows no question; one station answers, as it should.
        assert!(said(every(1000, 0, 20_000, replies(1, 1, 5, 3, 8))).is_empty());
    }

    #[test]
    fn an_attack_clears_when_the_forger_stops_though_the_owner_lives_on() {
        let events = said(owner(600_000).chain(attack(5000, 20_000)));
        let words = words(&events);
        let count = |wanted: &str| words.iter().filter(|word| *word == wanted).count();
        assert_eq!(count("arp.spoofing raised"), 1, "{words:?}");
        assert_eq!(count("arp.spoofing cleared"), 1, "{words:?}");
    }

    #[test]
    fn the_restores_at_the_end_belong_to_the_attack() {
        let restores = every(1000, 20_000, 25_000, naming(1, replies(2, 2, 5, 4, 9)));
        let steps = owner(30_000).chain(attack(5000, 20_000)).chain(restores);
        let mismatches = about("arp.mismatch", judged(steps));
        assert!(mismatches.is_empty());
    }
}
