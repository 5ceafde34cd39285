//! Detects addresses with two owners: `ip.duplicate`, `ip.shared`; follows every dispute.
//!
//! A claim by a new MAC opens a dispute. It is judged `settle` later by what both sides did since:
//!
//! - the owner fell silent under the address: it moved (`ip_moved`);
//! - both stay alive under it, one defends it (RFC 5227, 2.4), both answer one question, or one
//!   claims it after its probe was answered: a duplicate, unless both also share another address
//!   (one host with two NICs on one LAN);
//! - one side bears the marks of an attack (`arp_spoofing`).
//!
//! Where all that is known are answers of both to the same questions, which one host with two
//! interfaces gives as well, the verdict waits for more, ten seconds at most.
//!
//! Known false positives: a proxy-ARP router set up to answer for hosts of its own segment, which
//! is a fault, but no second host.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::addresses::{Dispute, Holder, Verdict};
use super::arp_spoofing::{forger, note_unasked};
use super::claims::Claim;
use super::incidents::IncidentKey;
use super::solicited::ip_words;
use super::stations::{Traits, station_key};
use super::timers::Timer;
use super::{Engine, Seen, proof, quiet};
use crate::model::{Event, Evidence, Finding, Kind, Mac, Severity, Side, Span, Timestamp};
use crate::vendor;

/// Frames of the owner that may still be under way after another claimed its address.
const GRACE: Span = Span::from_millis(100);
/// An answer to a claim that comes this soon is a defence (RFC 5227 asks for one at once).
const DEFENCE: Span = Span::from_secs(1);
/// Two answers to one question come this close together.
const ONE_QUESTION: Span = Span::from_millis(500);
/// How long an address that both answer for, and nothing more, may turn out to be shared.
const DOUBT: Span = Span::from_secs(10);
/// A prober that was answered and claims the address all the same is refused (RFC 5227, 2.4).
const REFUSAL: Span = Span::from_secs(10);

/// The last answer to a question about each address, to see two stations answer one.
#[derive(Default)]
pub(super) struct Answers {
    last: HashMap<(u16, IpAddr, Mac), (Mac, Timestamp), foldhash::fast::RandomState>,
    swept: Timestamp,
}

impl Answers {
    const LIMIT: usize = 8192;

    /// Records an answer to `asker`; returns whether another station answered the same question.
    fn record(&mut self, segment: u16, claim: &Claim, asker: Mac, now: Timestamp) -> bool {
        let question = (segment, claim.ip, asker);
        if self.last.len() >= Self::LIMIT && !self.last.contains_key(&question) {
            if now.since(self.swept) < ONE_QUESTION {
                return false;
            }
            self.swept = now;
            self.last
                .retain(|_, (_, time)| now.since(*time) <= ONE_QUESTION);
            if self.last.len() >= Self::LIMIT {
                return false;
            }
        }
        let before = self.last.insert(question, (claim.mac, now));
        before.is_some_and(|(mac, time)| mac != claim.mac && now.since(time) <= ONE_QUESTION)
    }
}

impl Engine {
    /// The station sends from an address that somebody is known to hold.
    pub(super) fn note_alive(&mut self, seen: &Seen<'_>, ip: IpAddr) {
        if let Some(index) = self.addresses.find(seen.segment, ip) {
            self.sign(seen, index, None);
        }
    }

    /// The station sends from an address of its own.
    pub(super) fn note_alive_or_enter(&mut self, seen: &Seen<'_>, ip: IpAddr) {
        let mac = seen.sighting.mac;
        if let Some(index) = self.addresses.find(seen.segment, ip) {
            self.sign(seen, index, None);
        } else {
            let holder = Holder::new(mac, self.clock, seen.sighting.at, false);
            self.addresses.insert(seen.segment, ip, holder);
        }
    }

    /// A claim: a sign of the owner or of a challenger, or the beginning of a dispute.
    pub(super) fn note_claim(&mut self, seen: &Seen<'_>, claim: &Claim) {
        let refusal = self.note_answer(seen, claim.ip, claim.mac);
        if let Some(index) = self.addresses.find(seen.segment, claim.ip) {
            self.sign(seen, index, Some(claim));
            if let Some(refusal) = refusal {
                self.note_refusal(index, claim.mac, refusal);
            }
        } else {
            if let Some(asker) = claim.answer_to {
                self.answers.record(seen.segment, claim, asker, self.clock);
            }
            let mut holder = Holder::new(claim.mac, self.clock, seen.sighting.at, true);
            holder.unasked = u32::from(claim.victim.is_some());
            self.addresses.insert(seen.segment, claim.ip, holder);
        }
    }

    fn sign(&mut self, seen: &Seen<'_>, index: usize, claim: Option<&Claim>) {
        let (now, at, mac) = (self.clock, seen.sighting.at, seen.sighting.mac);
        let both = match claim.and_then(|c| c.answer_to.map(|asker| (c, asker))) {
            Some((claim, asker)) => self.answers.record(seen.segment, claim, asker, now),
            None => false,
        };
        let settle = self.settings.settle;
        let address = self.addresses.get_mut(index);
        let (ip, is_claim) = (address.ip, claim.is_some());
        if address.owner.mac == mac {
            address.owner.sign(now, at, is_claim);
            let victim = claim.and_then(|c| c.victim);
            let unasked = &mut address.owner.unasked;
            *unasked = unasked.saturating_add(u32::from(victim.is_some()));
            let Some(dispute) = &mut address.dispute else {
                return;
            };
            let answered = now.since(dispute.challenger.claimed) <= DEFENCE;
            dispute.both_answered |= both;
            if is_claim {
                dispute.claimed_by(true);
            }
            let announced = claim.is_some_and(|c| c.announced);
            if now.since(dispute.since) > GRACE || announced {
                dispute.owner_after = dispute.owner_after.saturating_add(1);
                dispute.defended |= announced && answered;
                let finding = match (victim, is_claim, announced && answered) {
                    (Some(victim), ..) => Finding::UnsolicitedReply { ip, victim },
                    (None, true, true) => Finding::Defended { ip, mac },
                    (None, true, false) => Finding::Claim { ip, mac },
                    (None, false, _) => Finding::AliveUnder { ip, mac },
                };
                if dispute.owner_after <= 3 {
                    dispute.prove(proof(seen.sighting, finding));
                }
            }
            self.review(index, settle);
            return;
        }
        let old_challenger = address.dispute.as_ref().map(|d| d.challenger.mac);
        if old_challenger == Some(mac) {
            let Some(dispute) = &mut address.dispute else {
                return;
            };
            dispute.challenger.sign(now, at, is_claim);
            if is_claim {
                dispute.claimed_by(false);
            }
            dispute.both_answered |= both;
            if let Some(claim) = claim {
                dispute.announced |= claim.announced;
                note_unasked(dispute, seen, claim);
            }
            self.review(index, settle);
            return;
        }
        match claim {
            Some(claim) => self.dispute(seen, index, claim, both),
            // A weak owner that only ever sent from the address makes room for the next one.
            None if address.owner.claims == 0 && now.since(address.owner.last) > settle => {
                address.owner = Holder::new(mac, now, at, false);
            }
            None => {}
        }
    }

    /// A MAC that is neither owner nor challenger claims the address.
    fn dispute(&mut self, seen: &Seen<'_>, index: usize, claim: &Claim, both: bool) {
        let (now, at) = (self.clock, seen.sighting.at);
        let address = self.addresses.get(index);
        let owner = address.owner;
        if let Some(dispute) = &address.dispute {
            // One dispute at a time, unless the other challenger has been silent for long.
            let idle = now.since(dispute.challenger.last) > self.settings.port_age;
            if !idle {
                return;
            }
        }
        if self.is_one_router(seen.segment, claim.ip, owner.mac, claim.mac) {
            if vendor::is_virtual_router(claim.mac) || !vendor::is_virtual_router(owner.mac) {
                self.addresses.get_mut(index).owner = Holder::new(claim.mac, now, at, true);
            }
            return;
        }
        if owner.claims == 0 && now.since(owner.last) > self.settings.port_age {
            self.addresses.get_mut(index).owner = Holder::new(claim.mac, now, at, true);
            return;
        }
        let ip = claim.ip;
        if owner.claims > 0 && owner.unasked == owner.claims && claim.victim.is_none() {
            // So far only unasked replies spoke for the owner: it is the one to be doubted.
            let mut dispute = Dispute::new(owner, now);
            dispute.prove(Evidence {
                finding: Finding::Claim { ip, mac: owner.mac },
                time: owner.last,
                at: owner.at,
            });
            dispute.prove(proof(seen.sighting, Finding::Claim { ip, mac: claim.mac }));
            dispute.owner_after = 1;
            self.addresses.get_mut(index).owner = Holder::new(claim.mac, now, at, true);
            self.open_dispute(seen.segment, index, dispute);
            return;
        }
        let mut dispute = Dispute::new(Holder::new(claim.mac, now, at, true), now);
        dispute.prove(Evidence {
            finding: Finding::Claim { ip, mac: owner.mac },
            time: owner.last,
            at: owner.at,
        });
        dispute.prove(proof(seen.sighting, Finding::Claim { ip, mac: claim.mac }));
        dispute.announced = claim.announced;
        dispute.both_answered = both;
        if both {
            dispute.owner_after = 1;
        }
        note_unasked(&mut dispute, seen, claim);
        self.open_dispute(seen.segment, index, dispute);
    }

    /// From now on both sides are followed frame by frame, until the verdict `settle` later.
    pub(super) fn open_dispute(&mut self, segment: u16, index: usize, dispute: Dispute) {
        let (owner, challenger) = (self.addresses.get(index).owner.mac, dispute.challenger.mac);
        let now = self.clock;
        self.addresses.get_mut(index).dispute = Some(Box::new(dispute));
        for mac in [owner, challenger] {
            if let Some(station) = self.stations.find(station_key(segment, mac)) {
                self.stations.get_mut(station).traits.set(Traits::DISPUTED);
            }
        }
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        self.timers
            .set(now + self.settings.settle, Timer::Address(number));
    }

    /// The challenger had probed the address, was answered, and claims it all the same.
    fn note_refusal(&mut self, index: usize, prober: Mac, refusal: Evidence) {
        let Some(dispute) = &mut self.addresses.get_mut(index).dispute else {
            return;
        };
        let is_fresh = self.clock.since(refusal.time) <= REFUSAL;
        if dispute.challenger.mac == prober && is_fresh {
            dispute.defended = true;
            dispute.owner_after = dispute.owner_after.saturating_add(1);
            dispute.prove(refusal);
        }
    }

    /// Whether two MACs that claim one address are one router, or routers of one group that the
    /// redundancy detector follows: its virtual and its real MAC, or master and backup.
    fn is_one_router(&self, segment: u16, ip: IpAddr, owner: Mac, claimant: Mac) -> bool {
        let is_virtual = vendor::is_virtual_router;
        let routes = |mac: Mac| {
            self.groups.is_router(segment, mac)
                || self
                    .stations
                    .find(station_key(segment, mac))
                    .is_some_and(|i| self.stations.get(i).traits.has(Traits::ROUTER))
        };
        match (is_virtual(owner), is_virtual(claimant)) {
            (true, true) => true,
            (true, false) => routes(claimant) || self.share_port(segment, owner, claimant),
            (false, true) => {
                routes(owner)
                    || self.share_port(segment, owner, claimant)
                    || self.groups.covers(segment, ip)
            }
            (false, false) => {
                self.groups.covers(segment, ip)
                    && self.groups.is_router(segment, owner)
                    && self.groups.is_router(segment, claimant)
            }
        }
    }

    fn share_port(&self, segment: u16, left: Mac, right: Mac) -> bool {
        let port = |mac| {
            self.stations
                .find(station_key(segment, mac))
                .map(|i| self.stations.get(i).port)
        };
        self.ports.values().len() > 1 && port(left).is_some() && port(left) == port(right)
    }

    /// Judges again after a sign, once the settling time has passed.
    pub(super) fn review(&mut self, index: usize, settle: Span) {
        let now = self.clock;
        let Some(dispute) = &self.addresses.get(index).dispute else {
            return;
        };
        if now.since(dispute.since) >= settle {
            self.judge_dispute(index, now);
        }
    }

    pub(super) fn judge_dispute(&mut self, index: usize, due: Timestamp) {
        let address = self.addresses.get(index);
        let Some(dispute) = &address.dispute else {
            return;
        };
        if dispute.since + self.settings.settle > due {
            return;
        }
        let (segment, ip) = (address.segment, address.ip);
        let challenger = dispute.challenger;
        let is_alive = dispute.owner_lives();
        let challenged_on =
            challenger.claims >= 2 || challenger.last > challenger.first || dispute.defended;
        let both_alive = is_alive && challenged_on || dispute.both_answered;
        let forger = forger(&address.owner, dispute);
        let judged = dispute.judged;
        match judged {
            Verdict::Waiting => {}
            Verdict::Shared => return,
            Verdict::Duplicate | Verdict::Spoofing => {
                if !self.still_holds(index, judged) {
                    self.addresses.get_mut(index).dispute = None;
                } else if judged == Verdict::Duplicate
                    && let Some(forger) = forger
                {
                    self.raise_spoofing(index, forger);
                }
                return;
            }
        }
        if let Some(forger) = forger {
            self.raise_spoofing(index, forger);
        } else if both_alive {
            let owner = address.owner;
            let is_shared = self
                .shared_address(segment, ip, owner.mac, challenger.mac)
                .is_some();
            let decided = dispute.since + DOUBT;
            if !is_shared && dispute.is_only_answers(&owner) && decided > due {
                if due.since(dispute.since) == self.settings.settle {
                    let number = u32::try_from(index).unwrap_or(u32::MAX);
                    self.timers.set(decided, Timer::Address(number));
                }
                return;
            }
            self.say_two_owners(index);
        } else if !is_alive && challenger.claims > challenger.unasked && !dispute.owner_last {
            self.hand_over(index);
        }
    }

    /// Keeps an open verdict up to the last moment both sides lived, or the forger forged; returns
    /// whether it is still open.
    fn still_holds(&mut self, index: usize, judged: Verdict) -> bool {
        let address = self.addresses.get(index);
        let Some(dispute) = &address.dispute else {
            return false;
        };
        let (kind, held) = if judged == Verdict::Spoofing {
            (Kind::ArpSpoofing, dispute.challenger.last)
        } else {
            let both = address.owner.last.min(dispute.challenger.last);
            (Kind::IpDuplicate, both)
        };
        let key = ip_key(kind, address.segment, address.ip);
        self.incidents.touch_past(key, held, self.clock)
    }

    pub(super) fn say_two_owners(&mut self, index: usize) {
        let address = self.addresses.get(index);
        let Some(dispute) = &address.dispute else {
            return;
        };
        let (owner, challenger) = (address.owner.mac, dispute.challenger.mac);
        let shared = self.shared_address(address.segment, address.ip, owner, challenger);
        let verdict = if shared.is_some() {
            Verdict::Shared
        } else {
            Verdict::Duplicate
        };
        let (kind, severity) = match verdict {
            Verdict::Shared => (Kind::IpShared, Severity::Notice),
            _ => (Kind::IpDuplicate, Severity::Critical),
        };
        let mut event = self.ip_event(kind, severity, index);
        let key = ip_key(
            kind,
            self.addresses.get(index).segment,
            self.addresses.get(index).ip,
        );
        if let Some(other) = shared {
            let finding = Finding::SharedBy {
                mac: challenger,
                ip: other,
            };
            let at = self.addresses.get(index).owner.at;
            event.evidence.push(Evidence {
                finding,
                time: self.clock,
                at,
            });
            self.incidents.observe(key, event);
        } else {
            let window = quiet(&self.settings);
            self.incidents
                .report(key, self.clock, window, &mut self.timers, || event);
        }
        if let Some(dispute) = &mut self.addresses.get_mut(index).dispute {
            dispute.judged = verdict;
        }
    }

    /// Another address that both MACs claim: then one host has both.
    fn shared_address(&self, segment: u16, ip: IpAddr, left: Mac, right: Mac) -> Option<IpAddr> {
        let left = self.stations.find(station_key(segment, left))?;
        let right = self.stations.find(station_key(segment, right))?;
        let right = &self.stations.detail(right)?.addresses;
        self.stations
            .detail(left)?
            .addresses
            .iter()
            .filter(|u| u.claimed && u.ip != ip && u.ip.is_ipv4() == ip.is_ipv4())
            .map(|u| u.ip)
            .find(|&other| right.claims(other))
    }

    /// An event about an address with both sides and what was proven.
    pub(super) fn ip_event(&self, kind: Kind, severity: Severity, index: usize) -> Event {
        let address = self.addresses.get(index);
        let mut event = self.draft(kind, severity, address.segment);
        event.ip = Some(address.ip);
        let holder_side = |holder: &Holder| Side {
            first_seen: Some(holder.first),
            last_seen: Some(holder.last),
            ..self.side_of(address.segment, holder.mac)
        };
        event.from = Some(holder_side(&address.owner));
        if let Some(dispute) = &address.dispute {
            event.mac = Some(dispute.challenger.mac);
            event.to = Some(holder_side(&dispute.challenger));
            event.evidence.clone_from(&dispute.evidence);
        }
        if severity == Severity::Critical || kind == Kind::IpShared {
            event.related.extend(address.moved);
        }
        event
    }
}

pub(super) fn ip_key(kind: Kind, segment: u16, ip: IpAddr) -> IncidentKey {
    let [high, low] = ip_words(ip);
    IncidentKey::new(kind, &[u64::from(segment), high, low])
}

#[cfg(test)]
#[path = "ip_conflict_tests.rs"]
mod tests;
