//! Detects addresses that change hands or have two owners: `ip.moved`, `ip.failover`,
//! `ip.duplicate`, `ip.shared`, `arp.spoofing`.
//!
//! A claim by a new MAC opens a dispute. It is judged `settle` later by what both sides did since:
//!
//! - the owner fell silent under the address: it moved, or failed over where both are routers of
//!   a redundancy group or a cluster manager announced it;
//! - both stay alive under it, one defends it (RFC 5227, 2.4), or both answer one question: a
//!   duplicate, unless both also share another address (one host with two NICs on one LAN);
//! - replies that nobody asked for, repeated to single stations, while the owner lives, or a
//!   claimant that elsewhere names the true owner: spoofing.
//!
//! Known false positives: a proxy-ARP router set up to answer for hosts of its own segment, which
//! is a fault, but no second host.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::addresses::{Dispute, Holder, Verdict};
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
/// How many unasked replies to single stations are no accident.
const UNASKED: u32 = 2;
/// How often an address may return to a former owner before it is a duplicate, without any sign
/// of redundancy.
const RETURNS: u16 = 2;

/// The last answer to a question about each address, to see two stations answer one.
#[derive(Default)]
pub(super) struct Answers {
    last: HashMap<(u16, IpAddr, Mac), (Mac, Timestamp), foldhash::fast::RandomState>,
}

impl Answers {
    const LIMIT: usize = 8192;

    /// Records an answer to `asker`; returns whether another station answered the same question.
    fn record(&mut self, segment: u16, claim: &Claim, asker: Mac, now: Timestamp) -> bool {
        if self.last.len() >= Self::LIMIT {
            self.last
                .retain(|_, (_, time)| now.since(*time) <= ONE_QUESTION);
            if self.last.len() >= Self::LIMIT {
                return false;
            }
        }
        let before = self
            .last
            .insert((segment, claim.ip, asker), (claim.mac, now));
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
        match self.addresses.find(seen.segment, ip) {
            Some(index) => self.sign(seen, index, None),
            None => {
                let holder = Holder::new(mac, self.clock, seen.sighting.at, false);
                self.addresses.insert(seen.segment, ip, holder);
            }
        }
    }

    /// A claim: a sign of the owner or of a challenger, or the beginning of a dispute.
    pub(super) fn note_claim(&mut self, seen: &Seen<'_>, claim: &Claim) {
        self.note_answer(seen, claim.ip, claim.mac);
        match self.addresses.find(seen.segment, claim.ip) {
            Some(index) => self.sign(seen, index, Some(claim)),
            None => {
                let holder = Holder::new(claim.mac, self.clock, seen.sighting.at, true);
                self.addresses.insert(seen.segment, claim.ip, holder);
            }
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
            let Some(dispute) = &mut address.dispute else {
                return;
            };
            let answered = now.since(dispute.challenger.claimed) <= DEFENCE;
            dispute.both_answered |= both;
            let announced = claim.is_some_and(|c| c.announced);
            if now.since(dispute.since) > GRACE || announced {
                dispute.owner_after += 1;
                dispute.defended |= announced && answered;
                let finding = match (is_claim, announced && answered) {
                    (true, true) => Finding::Defended { ip, mac },
                    (true, false) => Finding::Claim { ip, mac },
                    (false, _) => Finding::AliveUnder { ip, mac },
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
            dispute.challenger_again += u32::from(dispute.owner_after > 0);
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
        let mut dispute = Dispute::new(Holder::new(claim.mac, now, at, true), now);
        let ip = claim.ip;
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
        self.addresses.get_mut(index).dispute = Some(Box::new(dispute));
        for mac in [owner.mac, claim.mac] {
            if let Some(station) = self.stations.find(station_key(seen.segment, mac)) {
                self.stations.get_mut(station).traits.set(Traits::DISPUTED);
            }
        }
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        self.timers
            .set(now + self.settings.settle, Timer::Address(number));
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
    fn review(&mut self, index: usize, settle: Span) {
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
        let is_alive = dispute.owner_after > 0;
        let challenged_on =
            challenger.claims >= 2 || challenger.last > challenger.first || dispute.defended;
        let both_alive = is_alive && (challenged_on || dispute.both_answered);
        let is_forged = dispute.unsolicited >= UNASKED && (is_alive || dispute.contradicted)
            || dispute.contradicted && dispute.unsolicited > 0;
        let judged = dispute.judged;
        if judged == Verdict::Shared {
            return;
        }
        if is_forged {
            self.raise_spoofing(index);
        } else if judged == Verdict::Duplicate {
            let key = ip_key(Kind::IpDuplicate, segment, ip);
            if !self.incidents.touch(key, self.clock) {
                self.addresses.get_mut(index).dispute = None;
            }
        } else if judged == Verdict::Spoofing {
            let key = ip_key(Kind::ArpSpoofing, segment, ip);
            if !self.incidents.touch(key, self.clock) {
                self.addresses.get_mut(index).dispute = None;
            }
        } else if both_alive {
            self.say_two_owners(index);
        } else if !is_alive && challenger.claims > dispute.unsolicited {
            self.hand_over(index);
        }
    }

    fn say_two_owners(&mut self, index: usize) {
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

    fn raise_spoofing(&mut self, index: usize) {
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

    /// The owner fell silent: the challenger has the address now.
    fn hand_over(&mut self, index: usize) {
        let address = self.addresses.get(index);
        let Some(dispute) = &address.dispute else {
            return;
        };
        let (segment, ip) = (address.segment, address.ip);
        let (owner, challenger) = (address.owner, dispute.challenger);
        let both_route = self.groups.is_router(segment, owner.mac)
            && self.groups.is_router(segment, challenger.mac);
        let owner_lives = self
            .stations
            .find(station_key(segment, owner.mac))
            .is_some_and(|i| self.stations.get(i).last > dispute.since);
        let by_manager = !dispute.released
            && owner_lives
            && self.announced_by_cluster_manager(segment, challenger.mac, ip);
        let returned = address.former == Some(challenger.mac);
        let is_failover = both_route || by_manager;
        let returns = if returned && !is_failover {
            address.returns + 1
        } else {
            address.returns
        };
        if returns > RETURNS {
            self.say_two_owners(index);
            return;
        }
        let (kind, severity) = if is_failover {
            (Kind::IpFailover, Severity::Info)
        } else {
            (Kind::IpMoved, Severity::Notice)
        };
        let event = self.ip_event(kind, severity, index);
        self.incidents.observe(ip_key(kind, segment, ip), event);
        let address = self.addresses.get_mut(index);
        address.former = Some(owner.mac);
        address.returns = returns;
        address.owner = challenger;
        address.dispute = None;
    }

    /// An event about an address with both sides and what was proven.
    fn ip_event(&self, kind: Kind, severity: Severity, index: usize) -> Event {
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
        event
    }

    /// An ARP frame names another sender than its Ethernet source: a restore at the end of an
    /// attack looks so.
    pub(super) fn note_hearsay(&mut self, seen: &Seen<'_>, ip: IpAddr, named: Mac) {
        let liar = seen.sighting.mac;
        let Some(index) = self.addresses.find(seen.segment, ip) else {
            return;
        };
        let address = self.addresses.get_mut(index);
        let owner = address.owner.mac;
        let Some(dispute) = &mut address.dispute else {
            return;
        };
        if dispute.challenger.mac == liar && owner == named {
            dispute.contradicted = true;
            dispute.prove(proof(seen.sighting, Finding::Restored { ip, owner: named }));
            self.review(index, self.settings.settle);
        }
    }

    /// An unasked reply names its receiver in the target fields: who sends it knows the owner.
    pub(super) fn note_named(&mut self, seen: &Seen<'_>, ip: IpAddr, named: Mac) {
        if named == seen.sighting.mac {
            return;
        }
        let Some(index) = self.addresses.find(seen.segment, ip) else {
            let holder = Holder::new(named, self.clock, seen.sighting.at, false);
            self.addresses.insert(seen.segment, ip, holder);
            return;
        };
        let address = self.addresses.get_mut(index);
        let owner = address.owner.mac;
        let Some(dispute) = &mut address.dispute else {
            return;
        };
        if dispute.challenger.mac == seen.sighting.mac && owner == named {
            dispute.contradicted = true;
            self.review(index, self.settings.settle);
        }
    }

    /// The client gives its address back.
    pub(super) fn note_release(&mut self, segment: u16, ip: IpAddr, mac: Mac) {
        let Some(index) = self.addresses.find(segment, ip) else {
            return;
        };
        let address = self.addresses.get_mut(index);
        if address.owner.mac == mac
            && let Some(dispute) = &mut address.dispute
        {
            dispute.released = true;
        }
    }

    /// A server grants an address. Only an ACK does; an OFFER claims nothing.
    pub(super) fn note_lease(&mut self, seen: &Seen<'_>, ip: IpAddr, client: Mac) {
        if self.addresses.find(seen.segment, ip).is_none() {
            let holder = Holder::new(client, self.clock, seen.sighting.at, false);
            self.addresses.insert(seen.segment, ip, holder);
        }
    }
}

fn note_unasked(dispute: &mut Dispute, seen: &Seen<'_>, claim: &Claim) {
    if let Some(victim) = claim.victim {
        dispute.unsolicited += 1;
        if dispute.unsolicited <= 4 {
            dispute.prove(proof(
                seen.sighting,
                Finding::UnsolicitedReply {
                    ip: claim.ip,
                    victim,
                },
            ));
        }
    }
}

fn ip_key(kind: Kind, segment: u16, ip: IpAddr) -> IncidentKey {
    let [high, low] = ip_words(ip);
    IncidentKey::new(kind, &[u64::from(segment), high, low])
}
