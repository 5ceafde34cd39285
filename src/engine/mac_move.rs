//! Detects stations that change their port: `mac.moved`, `mac.migrated`.
//!
//! A transition is a station heard on another port than the one it was last on, copies left out.
//! It is judged when the station has kept its port for `settle`: a return to the old port was a
//! bounce and no move. With an announcement by the station on the new port it is a migration.
//!
//! Where the capture does not say whether a port received or sent a frame, a frame's first
//! appearance is its ingress, with one exception: a unicast frame whose destination lives on
//! this very port left here. A station that is only ever heard that way, or by flooded frames,
//! is attached where nobody captures (the switch itself, an uplink); its port is not judged.

use hashbrown::HashMap;

use super::incidents::IncidentKey;
use super::presence::{Announced, Move, Pending, Presence, Roaming, Turns};
use super::stations::{NOWHERE, Station, Traits, station_key};
use super::timers::Timer;
use super::{Engine, Seen};
use crate::model::{
    Announcement, Direction, Evidence, Finding, IpFact, Kind, LacpFact, Mac, Port, Severity, Side,
    Sighting, Span, Timestamp,
};
use crate::vendor::AnnouncerTrace;

/// Which ports LACP has shown to be one bundle: port index by actor system and key.
#[derive(Default)]
pub(super) struct Bundles {
    actors: HashMap<(u16, Mac, u16), u16, foldhash::fast::RandomState>,
}

impl Bundles {
    /// Most bundles learned; LACPDUs are link-local, so few are legitimate.
    const LIMIT: usize = 4096;
}

impl Engine {
    /// Whether the frame tells where the station is attached.
    pub(super) fn place(
        &mut self,
        sighting: &Sighting,
        segment: u16,
        port: u16,
        station: usize,
        inbound: bool,
    ) -> bool {
        if self.loop_is_open(segment) && self.stations.get(station).port != port {
            return false;
        }
        if inbound || self.ports.values().len() == 1 {
            self.stations.get_mut(station).traits.set(Traits::CONFIRMED);
            return true;
        }
        if !matches!(sighting.port, Port::Capture(_)) || sighting.direction != Direction::Unknown {
            return true;
        }
        if sighting.is_flooded() || sighting.destination.is_zero() {
            return !self.stations.get(station).traits.has(Traits::BEYOND);
        }
        let destination = station_key(segment, sighting.destination);
        let home = self.stations.find(destination).map(|index| {
            let destination = self.stations.get(index);
            (destination.port, self.clock.since(destination.last))
        });
        let here = self.stations.get(station).port == port;
        let traits = &mut self.stations.get_mut(station).traits;
        match home {
            Some((home, idle)) if home == port && idle <= self.settings.port_age => {
                if !here && !traits.has(Traits::CONFIRMED) {
                    // It left here for its destination, and came in where nobody captured.
                    traits.set(Traits::BEYOND);
                    self.stations.get_mut(station).port = NOWHERE;
                }
                here
            }
            Some((home, _)) if home != NOWHERE => {
                traits.set(Traits::CONFIRMED);
                traits.unset(Traits::BEYOND);
                true
            }
            _ => !traits.has(Traits::BEYOND),
        }
    }

    /// The station is heard on this port: stays, appears or moves.
    pub(super) fn locate(&mut self, seen: &Seen<'_>) {
        let now = self.clock;
        let station = self.stations.get_mut(seen.station);
        if station.port == seen.port {
            station.last = now;
            station.frames = station.frames.saturating_add(1);
            if station.traits.has(Traits::ROAMED) {
                self.stay(seen);
            }
            return;
        }
        if station.port == NOWHERE {
            arrive(station, seen.port, now);
            return;
        }
        let (from, station_last) = (station.port, station.last);
        let is_virtual = station.traits.has(Traits::VIRTUAL);
        if self.bundle(from) == self.bundle(seen.port) || is_virtual {
            // Links of one bundle are one port; a role's MAC moves with its role.
            arrive(self.stations.get_mut(seen.station), seen.port, now);
            return;
        }
        if now.since(station_last) >= self.settings.stale {
            // It has returned, which is said; where it was half a year ago is no transition.
            arrive(self.stations.get_mut(seen.station), seen.port, now);
            return;
        }
        self.transition(seen, from);
    }

    /// A loop was found: what it made of the stations of its segment since its first round is
    /// taken back.
    pub(super) fn undo_moves(&mut self, segment: u16, since: Timestamp) {
        for index in 0..self.stations.len() {
            let station = self.stations.get(index);
            if station.segment() != segment || station.last < since {
                continue;
            }
            let (station, detail) = self.stations.both_mut(index);
            let roaming = detail.and_then(|d| d.roaming.as_mut());
            match roaming {
                Some(roaming) => {
                    roaming.moves.retain(|step| step.time < since);
                    roaming.turns = Turns::default();
                    if let Some(pending) = roaming.pending.take() {
                        station.port = pending.home;
                    }
                }
                None if station.since >= since => station.port = NOWHERE,
                None => {}
            }
        }
    }

    fn stay(&mut self, seen: &Seen<'_>) {
        let (now, age) = (self.clock, self.settings.port_age);
        let (_, Some(detail)) = self.stations.both_mut(seen.station) else {
            return;
        };
        let Some(roaming) = detail.roaming.as_mut() else {
            return;
        };
        if let Some(presence) = roaming.presence_mut(seen.port) {
            presence.last = now;
            presence.frames += 1;
        }
        let is_settled = roaming.pending.is_none()
            && roaming
                .presences
                .iter()
                .all(|p| p.port == seen.port || now.since(p.last) > age);
        if is_settled {
            // Long back to one port: the fast path again, memories stay.
            self.stations
                .get_mut(seen.station)
                .traits
                .unset(Traits::ROAMED);
        }
    }

    fn transition(&mut self, seen: &Seen<'_>, from: u16) {
        let (now, settle) = (self.clock, self.settings.settle);
        let sighting = seen.sighting;
        let (station, detail) = self.stations.detailed(seen.station);
        let old = *station;
        let roaming = detail.roaming.get_or_insert_with(Box::default);
        if roaming.presence(from).is_none_or(|p| p.last < old.last) {
            leave(roaming, from, &old, sighting);
        }
        let presence = Presence {
            port: seen.port,
            first: now,
            since: now,
            last: now,
            frames: 1,
            at: sighting.at,
        };
        roaming.arrive(presence);
        roaming.moved(Move {
            time: now,
            from,
            to: seen.port,
            at: sighting.at,
            announced: false,
        });
        roaming.turns.record(now, settle);
        roaming.announced = None;
        let key = old.key();
        if let Some(pending) = &mut roaming.pending {
            pending.changed = now;
        } else {
            roaming.pending = Some(Pending {
                home: from,
                left: old.last,
                changed: now,
            });
            self.timers.set(now + settle, Timer::Station(key));
        }
        arrive(station, seen.port, now);
        station.traits.set(Traits::ROAMED);
        self.judge_turns(seen.station);
        self.judge_flapping(seen.station);
    }

    /// An announcement by the station on the port where it is.
    pub(super) fn announce_presence(
        &mut self,
        seen: &Seen<'_>,
        form: Announcement,
        target: Mac,
        zero_ips: bool,
    ) {
        let now = self.clock;
        let (_, Some(detail)) = self.stations.both_mut(seen.station) else {
            return;
        };
        let Some(roaming) = detail.roaming.as_mut().filter(|_| seen.located) else {
            return;
        };
        if roaming.pending.is_none() {
            return;
        }
        if let Some(step) = roaming.moves.last_mut() {
            step.announced = true;
        }
        let announced = roaming.announced.get_or_insert_with(|| Announced {
            form,
            count: 0,
            trace: AnnouncerTrace::default(),
            at: seen.sighting.at,
            time: now,
        });
        announced.count += u32::from(announced.form == form);
        announced.trace.observe(form, target, zero_ips, now);
    }

    /// Follows the counters of a station that was on several ports.
    pub(super) fn follow_flow(&mut self, seen: &Seen<'_>, ip: &IpFact) {
        if !self.stations.get(seen.station).traits.has(Traits::ROAMED) || !seen.located {
            return;
        }
        let now = self.clock;
        let (_, Some(detail)) = self.stations.both_mut(seen.station) else {
            return;
        };
        if let Some(roaming) = detail.roaming.as_mut() {
            roaming.flows.observe(ip, seen.port, now, seen.sighting.at);
        }
    }

    /// Settling time has passed since a transition.
    pub(super) fn judge_station(&mut self, key: u64, due: Timestamp) {
        let Some(index) = self.stations.find(key) else {
            return;
        };
        self.judge_turns(index);
        self.judge_flapping(index);
        let settle = self.settings.settle;
        let station = *self.stations.get(index);
        let (_, Some(detail)) = self.stations.both_mut(index) else {
            return;
        };
        let Some(roaming) = detail.roaming.as_mut() else {
            return;
        };
        let Some(pending) = roaming.pending else {
            return;
        };
        let settled = pending.changed + settle;
        if settled > due {
            self.timers.set(settled, Timer::Station(key));
            return;
        }
        roaming.pending = None;
        if station.port == pending.home || station.port == NOWHERE {
            return;
        }
        if self.ended.is_some() && self.port_heard[usize::from(pending.home)] < pending.changed {
            // The capture of the old port had stopped before: its silence says nothing.
            return;
        }
        if self.is_explained(&station) {
            return;
        }
        self.say_moved(index, pending);
    }

    /// Whether an open incident already says more than a single move would.
    fn is_explained(&self, station: &Station) -> bool {
        let open = |kind| {
            self.incidents
                .is_open(IncidentKey::new(kind, &[station.key()]))
        };
        open(Kind::MacDuplicate) || open(Kind::MacFlapping) || self.loop_is_open(station.segment())
    }

    fn say_moved(&mut self, index: usize, pending: Pending) {
        let station = *self.stations.get(index);
        let Some(roaming) = self.stations.roaming(index) else {
            return;
        };
        let Some(arrival) = roaming.presence(station.port).copied() else {
            return;
        };
        let (announced, last_home) = (roaming.announced, roaming.presence(pending.home));
        let left = last_home.map_or(pending.left, |p| p.last.max(pending.left));
        let kind = if announced.is_some() {
            Kind::MacMigrated
        } else {
            Kind::MacMoved
        };
        let severity = if announced.is_some() {
            Severity::Info
        } else {
            Severity::Notice
        };
        let mut event = self.draft(kind, severity, station.segment());
        event.mac = Some(station.mac());
        event.from = Some(self.side(index, pending.home));
        event.to = Some(Side {
            first_seen: Some(arrival.since),
            ..self.side(index, station.port)
        });
        event.blackout = Some(arrival.since.since(left).max(Span::ZERO));
        if let (Some(from), Some(to)) = (self.port(pending.home), self.port(station.port)) {
            let finding = Finding::Transition { from, to };
            event.evidence.push(Evidence {
                finding,
                time: arrival.since,
                at: arrival.at,
            });
        }
        if let Some(announced) = announced {
            event.announcement = Some(announced.form);
            event.announcer = Some(announced.trace.announcer());
            event.announcements = Some(announced.count);
            if let Some(port) = self.port(station.port) {
                let finding = Finding::Announced { port };
                event.evidence.push(Evidence {
                    finding,
                    time: announced.time,
                    at: announced.at,
                });
            }
            self.spend_announcements(station.segment(), station.mac());
        }
        self.incidents
            .observe(IncidentKey::new(kind, &[station.key()]), event);
    }

    /// LACPDUs with one actor system and key on two ports: the ports are one bundle.
    pub(super) fn note_lacp(&mut self, seen: &Seen<'_>, lacp: &LacpFact) {
        if lacp.system.is_zero() {
            return;
        }
        let actor = (seen.segment, lacp.system, lacp.key);
        if self.lacp.actors.len() >= Bundles::LIMIT && !self.lacp.actors.contains_key(&actor) {
            return;
        }
        let first = *self.lacp.actors.entry(actor).or_insert(seen.port);
        let (first, second) = (self.bundle(first), self.bundle(seen.port));
        if first != second {
            for bundle in &mut self.bundles {
                if *bundle == second {
                    *bundle = first;
                }
            }
        }
    }
}

fn arrive(station: &mut Station, port: u16, now: Timestamp) {
    station.port = port;
    station.since = now;
    station.last = now;
    station.frames = 1;
}

/// Turns the record of the port a station is on into a presence that outlasts the transition.
fn leave(roaming: &mut Roaming, port: u16, old: &Station, sighting: &Sighting) {
    let frames = u64::from(old.frames);
    if let Some(presence) = roaming.presence_mut(port) {
        presence.last = old.last;
        presence.frames = presence.frames.max(frames);
        return;
    }
    let (first, last) = (old.since, old.last);
    roaming.arrive(Presence {
        port,
        first,
        since: first,
        last,
        frames,
        at: sighting.at,
    });
}

#[cfg(test)]
#[path = "mac_move_tests.rs"]
mod tests;
