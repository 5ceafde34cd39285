//! Follows first-hop redundancy groups: `ip.failover` and `redundancy.conflict`.
//!
//! A group is protocol and version, id, address family and virtual IPs within a segment. Who
//! advertises as active is its master, told by the IP source, since the MAC may be the virtual
//! one. Another master opens a contest:
//!
//! - the old one fell silent for longer than it ever did between two adverts, or gave the role up
//!   (priority 0, resign, standby, source 0.0.0.0): a failover;
//! - both are heard several times in turn: two masters. Crossing adverts at a hand-over are
//!   none, which is why it takes five changes of the speaker;
//! - two groups with other virtual IPs but one virtual MAC are heard in turn: one id, used twice.
//!
//! GLBP is left out of the contest: its gateway has several forwarders by design. Thresholds: RFC
//! 5798 5.2.7 and RFC 2281 5.1 advertise every second and every three seconds.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::incidents::IncidentKey;
use super::solicited::ip_words;
use super::timers::Timer;
use super::{Engine, Seen};
use crate::model::{
    Cause, Evidence, Finding, Kind, Mac, Port, RedundancyFact, RedundancyProtocol, RedundancyState,
    Severity, Side, Span, Timestamp,
};

/// How often the speaker must change within one contest before there are two masters: a hand-over
/// with crossing adverts has three changes.
const TURNS: u32 = 5;
/// The longest interval between adverts that is waited for.
const LONGEST: Span = Span::from_secs(12);
/// Turns further apart than this are separate failovers.
const MEMORY: Span = Span::from_secs(30);
/// A conflict is over when the turns have stopped for this long.
const QUIET: Span = Span::from_secs(60);

/// A router that advertises as master.
#[derive(Clone, Copy, Debug)]
struct Master {
    router: IpAddr,
    mac: Mac,
    port: Port,
    first: Timestamp,
    last: Timestamp,
    adverts: u64,
    /// The longest time between two of its adverts.
    interval: Span,
    priority: u8,
    proof_at: crate::model::FrameRef,
}

impl Master {
    fn heard(&mut self, seen: &Seen<'_>, priority: u8, now: Timestamp) {
        self.interval = self.interval.max(now.since(self.last)).min(LONGEST);
        self.last = now;
        self.adverts += 1;
        self.priority = priority;
        self.mac = seen.sighting.mac;
        self.port = seen.sighting.port;
        self.proof_at = seen.sighting.at;
    }

    fn side(&self) -> Side {
        Side {
            port: Some(self.port),
            mac: Some(self.mac),
            first_seen: Some(self.first),
            last_seen: Some(self.last),
            frames: Some(self.adverts),
            ips: vec![self.router],
            hostname: None,
        }
    }

    fn evidence(&self, group: u16) -> Evidence {
        let finding = Finding::Advertised {
            group,
            router: self.router,
            priority: self.priority,
        };
        Evidence {
            finding,
            time: self.last,
            at: self.proof_at,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct GroupKey {
    segment: u16,
    protocol: RedundancyProtocol,
    group: u16,
    is_ipv6: bool,
    addresses: u64,
}

struct Group {
    key: GroupKey,
    virtual_mac: Option<Mac>,
    address: Option<IpAddr>,
    second: Option<IpAddr>,
    master: Option<Master>,
    /// The master gave its role up.
    resigned: bool,
    challenger: Option<Master>,
    /// Changes of the speaker in a row, and the last.
    turns: u32,
    turned: Timestamp,
    last_speaker: Option<IpAddr>,
    /// Real addresses and MACs of its routers.
    routers: Vec<(IpAddr, Mac)>,
    timer_set: bool,
}

impl Group {
    /// What tells it apart in an incident's id. The hash in its key does not: it is seeded anew in
    /// each process, and ids are the same in all.
    fn subject(&self) -> [u64; 8] {
        let words = |ip: Option<IpAddr>| ip.map_or([0, 0], ip_words);
        let ([a, b], [c, d]) = (words(self.address), words(self.second));
        let key = self.key;
        let group = u64::from(key.group);
        [
            u64::from(key.segment),
            key.protocol as u64,
            u64::from(key.is_ipv6),
            group,
            a,
            b,
            c,
            d,
        ]
    }
}

/// The groups heard so far.
#[derive(Default)]
pub(super) struct Groups {
    all: Vec<Group>,
    by_key: HashMap<GroupKey, usize, foldhash::fast::RandomState>,
    /// Addresses that routers were seen to take over: (segment, new owner, time).
    handed_over: Vec<(u16, Mac, Timestamp)>,
    /// Virtual MACs, which two groups may share: (segment, MAC) → last group, changes, last change.
    shared: HashMap<(u16, Mac), (usize, u32, Timestamp), foldhash::fast::RandomState>,
}

impl Groups {
    /// Most groups followed; a segment has 255 ids per protocol.
    const LIMIT: usize = 4096;
    const ROUTERS: usize = 8;

    /// Whether the address belongs to a group that advertises it.
    pub(super) fn covers(&self, segment: u16, ip: IpAddr) -> bool {
        self.all
            .iter()
            .any(|g| g.key.segment == segment && (g.address == Some(ip) || g.second == Some(ip)))
    }

    /// Whether the MAC is that of a router of any group of the segment.
    pub(super) fn is_router(&self, segment: u16, mac: Mac) -> bool {
        self.all
            .iter()
            .any(|g| g.key.segment == segment && g.routers.iter().any(|&(_, m)| m == mac))
    }

    /// An address went over to a router, which its claims showed.
    pub(super) fn note_hand_over(&mut self, segment: u16, to: Mac, now: Timestamp) {
        self.handed_over
            .retain(|&(.., time)| now.since(time) <= MEMORY);
        if self.handed_over.len() < Self::LIMIT {
            self.handed_over.push((segment, to, now));
        }
    }

    /// Whether an address went over to this router a moment ago: its hand-over is said.
    fn was_handed_over(&self, segment: u16, routers: &[(IpAddr, Mac)], to: IpAddr) -> bool {
        let own = routers
            .iter()
            .filter(|(ip, _)| *ip == to)
            .map(|(_, mac)| mac);
        let mut said = self.handed_over.iter().filter(|(s, ..)| *s == segment);
        let own: Vec<&Mac> = own.collect();
        said.any(|(_, mac, _)| own.contains(&mac))
    }

    fn enter(&mut self, key: GroupKey, advert: &RedundancyFact) -> Option<usize> {
        if let Some(&index) = self.by_key.get(&key) {
            return Some(index);
        }
        if self.all.len() >= Self::LIMIT {
            return None;
        }
        self.by_key.insert(key, self.all.len());
        self.all.push(Group {
            key,
            virtual_mac: advert.virtual_mac,
            address: advert.address,
            second: advert.second,
            master: None,
            resigned: false,
            challenger: None,
            turns: 0,
            turned: Timestamp::MIN,
            last_speaker: None,
            routers: Vec::new(),
            timer_set: false,
        });
        Some(self.all.len() - 1)
    }
}

impl Engine {
    pub(super) fn note_advert(&mut self, seen: &Seen<'_>, advert: &RedundancyFact) {
        let Some(ip) = seen.sighting.ip else { return };
        let key = GroupKey {
            segment: seen.segment,
            protocol: advert.protocol,
            group: advert.group,
            is_ipv6: ip.source.is_ipv6(),
            addresses: advert.addresses,
        };
        let Some(index) = self.groups.enter(key, advert) else {
            return;
        };
        self.learn_router(seen, index, ip.source);
        let is_master = matches!(
            advert.state,
            RedundancyState::Active | RedundancyState::TakingOver
        );
        let group = &mut self.groups.all[index];
        if ip.source.is_unspecified() || !is_master {
            if group.master.is_some_and(|m| m.router == ip.source) || ip.source.is_unspecified() {
                group.resigned = true;
            }
            if group.challenger.is_some_and(|c| c.router == ip.source) {
                group.challenger = None;
            }
            return;
        }
        if advert.protocol == RedundancyProtocol::Glbp {
            return;
        }
        self.note_master(seen, index, ip.source, advert);
        if let Some(mac) = advert.virtual_mac {
            self.note_virtual_mac(seen, index, mac);
        }
    }

    fn learn_router(&mut self, seen: &Seen<'_>, index: usize, router: IpAddr) {
        // An advert from the virtual MAC does not show the router's own; its ARP does.
        let own = self
            .addresses
            .find(seen.segment, router)
            .map_or(seen.sighting.mac, |i| self.addresses.get(i).owner.mac);
        let routers = &mut self.groups.all[index].routers;
        if routers.iter().any(|&(ip, mac)| ip == router && mac == own) {
            return;
        }
        if routers.len() >= Groups::ROUTERS {
            routers.remove(0);
        }
        routers.push((router, own));
    }

    fn note_master(
        &mut self,
        seen: &Seen<'_>,
        index: usize,
        router: IpAddr,
        advert: &RedundancyFact,
    ) {
        let (now, settle) = (self.clock, self.settings.settle);
        let group = &mut self.groups.all[index];
        let is_turn = group.last_speaker.is_some_and(|last| last != router);
        if group.last_speaker != Some(router) {
            if is_turn {
                let forgotten = now.since(group.turned) > MEMORY;
                group.turns = if forgotten {
                    1
                } else {
                    group.turns.saturating_add(1)
                };
                group.turned = now;
            }
            group.last_speaker = Some(router);
        }
        let newcomer = Master {
            router,
            mac: seen.sighting.mac,
            port: seen.sighting.port,
            first: now,
            last: now,
            adverts: 1,
            interval: Span::ZERO,
            priority: advert.priority,
            proof_at: seen.sighting.at,
        };
        match (&mut group.master, &mut group.challenger) {
            (None, _) => {
                group.master = Some(newcomer);
                return;
            }
            (Some(master), _) if master.router == router => {
                master.heard(seen, advert.priority, now);
                group.resigned = false;
            }
            (_, Some(challenger)) if challenger.router == router => {
                challenger.heard(seen, advert.priority, now);
            }
            (_, challenger) => {
                *challenger = Some(newcomer);
            }
        }
        if group.challenger.is_none() {
            return;
        }
        if !group.timer_set {
            group.timer_set = true;
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            self.timers.set(now + settle, Timer::Group(number));
        }
        if is_turn && self.groups.all[index].turns >= TURNS {
            self.report_two_masters(index);
        }
    }

    fn report_two_masters(&mut self, index: usize) {
        let key = self.conflict_key(index);
        let now = self.clock;
        if self.incidents.touch(key, now) {
            return;
        }
        let group = &self.groups.all[index];
        let mut event = self.draft(
            Kind::RedundancyConflict,
            Severity::Critical,
            group.key.segment,
        );
        event.mac = group.virtual_mac;
        event.ip = group.address;
        event.cause = Some(Cause::Redundancy);
        event.moves = Some(group.turns);
        for (master, slot) in [
            (group.master, &mut event.from),
            (group.challenger, &mut event.to),
        ] {
            if let Some(master) = master {
                *slot = Some(master.side());
                event.evidence.push(master.evidence(group.key.group));
            }
        }
        self.incidents
            .report(key, now, QUIET, &mut self.timers, || event);
    }

    fn conflict_key(&self, index: usize) -> IncidentKey {
        IncidentKey::new(Kind::RedundancyConflict, &self.groups.all[index].subject())
    }

    pub(super) fn judge_group(&mut self, index: usize, due: Timestamp) {
        let settle = self.settings.settle;
        let conflict = self.conflict_key(index);
        let in_conflict = self.incidents.is_open(conflict);
        let Some(group) = self.groups.all.get_mut(index) else {
            return;
        };
        group.timer_set = false;
        let (Some(master), Some(challenger)) = (group.master, group.challenger) else {
            return;
        };
        // The old master may only be between two adverts.
        let patience = if group.resigned {
            settle
        } else {
            let interval = Span::from_nanos(master.interval.nanos() / 4 * 5);
            settle.max(interval.min(LONGEST))
        };
        let silent_since = if group.resigned {
            challenger.first
        } else {
            master.last
        };
        if master.last > challenger.last && due.since(challenger.last) > LONGEST {
            // The challenger gave way without a word.
            group.challenger = None;
            return;
        }
        let wait_until = (silent_since + patience).max(challenger.first + settle);
        if wait_until > due {
            group.timer_set = true;
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            self.timers.set(wait_until, Timer::Group(number));
            return;
        }
        if challenger.last <= master.last && !group.resigned {
            // The challenger gave way before it was master.
            group.challenger = None;
            return;
        }
        group.master = Some(challenger);
        group.challenger = None;
        group.resigned = false;
        group.turns = 0;
        let group_segment = group.key.segment;
        if in_conflict {
            return;
        }
        let (virtual_mac, address, id) = (group.virtual_mac, group.address, group.key.group);
        let routers = group.routers.clone();
        let to = challenger.router;
        if address.is_none() && self.groups.was_handed_over(group_segment, &routers, to) {
            // CARP hides its addresses; the claims have told of the same hand-over.
            return;
        }
        let group = &self.groups.all[index];
        let (segment, subject) = (group.key.segment, group.subject());
        let mut event = self.draft(Kind::IpFailover, Severity::Info, segment);
        event.mac = virtual_mac;
        event.ip = address;
        event.cause = Some(Cause::Redundancy);
        event.from = Some(master.side());
        event.to = Some(challenger.side());
        event.blackout = Some(challenger.first.since(master.last).max(Span::ZERO));
        event.evidence = vec![master.evidence(id), challenger.evidence(id)];
        self.incidents
            .observe(IncidentKey::new(Kind::IpFailover, &subject), event);
    }

    /// One virtual MAC, two groups: heard in turn, one id is used by two sets of routers.
    fn note_virtual_mac(&mut self, seen: &Seen<'_>, index: usize, mac: Mac) {
        let now = self.clock;
        let subject = (seen.segment, mac);
        let has_room = self.groups.shared.len() < Groups::LIMIT;
        let Some((last, turns, turned)) = self.groups.shared.get_mut(&subject) else {
            if has_room {
                self.groups.shared.insert(subject, (index, 0, now));
            }
            return;
        };
        if *last == index {
            return;
        }
        let (left, right) = (&self.groups.all[*last], &self.groups.all[index]);
        let routers = (
            left.master.map(|m| m.router),
            right.master.map(|m| m.router),
        );
        let same_protocol = left.key.protocol == right.key.protocol;
        *turns = if now.since(*turned) > MEMORY {
            1
        } else {
            *turns + 1
        };
        *turned = now;
        let (other, turns) = (*last, *turns);
        *last = index;
        if turns < TURNS || routers.0 == routers.1 || !same_protocol {
            return;
        }
        let key = IncidentKey::new(
            Kind::RedundancyConflict,
            &[u64::from(seen.segment), mac.to_bits()],
        );
        if self.incidents.touch(key, now) {
            return;
        }
        let (left, right) = (&self.groups.all[other], &self.groups.all[index]);
        let mut event = self.draft(Kind::RedundancyConflict, Severity::Critical, seen.segment);
        event.mac = Some(mac);
        event.ip = right.address;
        event.cause = Some(Cause::Redundancy);
        event.from = left.master.map(|m| m.side());
        event.to = right.master.map(|m| m.side());
        event
            .evidence
            .extend(left.master.map(|m| m.evidence(left.key.group)));
        event
            .evidence
            .extend(right.master.map(|m| m.evidence(right.key.group)));
        self.incidents
            .report(key, now, QUIET, &mut self.timers, || event);
    }
}

#[cfg(test)]
#[path = "redundancy_tests.rs"]
mod tests;
