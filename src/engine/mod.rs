//! Judges sightings: tables of stations and addresses, transitions, detectors, incidents.
//!
//! In come [`Sighting`]s in the order of packet time; out go [`Event`]s. The engine knows no
//! clock, no threads and no files: time is what the sightings say, so a file that is replayed
//! gives the events that the live run gave. It never fails; everything it keeps is bounded.
//!
//! One file per verdict family (`mac_move`, `ip_conflict`, `l2_loop`, …) holds what is judged and
//! why; the tables (`stations`, `presence`, `addresses`) hold what is known.

mod addresses;
mod ahead;
mod announce;
mod arp_mismatch;
mod arp_spoofing;
mod arp_storm;
mod capture_damaged;
mod claims;
mod copies;
mod feed;
mod flows;
mod identity;
mod incidents;
mod intern;
mod invalid_source;
mod ip_conflict;
mod ip_moved;
mod ip_probe;
mod l2_loop;
mod mac_duplicate;
mod mac_flapping;
mod mac_flood;
mod mac_move;
mod presence;
#[cfg(test)]
mod properties;
mod redundancy;
mod settings;
mod solicited;
mod stations;
#[cfg(test)]
mod testing;
mod timers;

pub use settings::Settings;

use std::net::IpAddr;

use addresses::AddressTable;
use ahead::Ahead;
use copies::{Appearance, Copies};
use incidents::Incidents;
use intern::Interner;
use stations::{Entry, NOWHERE, Stations, Traits, station_key};
use timers::{Timer, Timers};

use crate::model::{
    Direction, Event, Evidence, Fact, Finding, Kind, Mac, Phase, Port, Segment, Severity, Side,
    Sighting, Span, Timestamp,
};
use crate::vendor;

/// What is known and what is judged, for any number of segments.
pub struct Engine {
    settings: Settings,
    clock: Timestamp,
    /// The last moment of the input, once it has ended.
    ended: Option<Timestamp>,
    segments: Interner<Segment>,
    ports: Interner<Port>,
    /// The port numbers of the capture's own ports, by their ids; [`NOWHERE`] for none yet.
    captures: Vec<u16>,
    /// Port index → index of the bundle it belongs to (itself, unless LACP says otherwise).
    bundles: Vec<u16>,
    copies: Copies,
    copies_seen: u64,
    feed: feed::Feed,
    /// When a port last showed any frame, copies included.
    port_heard: Vec<Timestamp>,
    stations: Stations,
    addresses: AddressTable,
    timers: Timers,
    incidents: Incidents,
    announcements: announce::Bursts,
    solicited: solicited::Requests,
    answers: ip_conflict::Answers,
    probes: ip_probe::Probes,
    groups: redundancy::Groups,
    lacp: mac_move::Bundles,
    loops: l2_loop::Loops,
    storms: arp_storm::Storms,
    mismatches: arp_mismatch::Mismatches,
    flood: mac_flood::Flood,
}

/// A sighting with its numbers: what detectors are given.
#[derive(Clone, Copy)]
struct Seen<'a> {
    sighting: &'a Sighting,
    segment: u16,
    port: u16,
    /// Index of the station.
    station: usize,
    /// Whether the frame tells where the station is attached.
    located: bool,
}

/// What a run learned, for reports and counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Stations held.
    pub stations: u64,
    /// Addresses held.
    pub addresses: u64,
    /// Frames that were copies of others.
    pub copies: u64,
    /// Every port, with the number of stations that were last heard there.
    pub ports: Vec<(Port, u64)>,
    /// Every segment, with its numbers of stations and addresses.
    pub segments: Vec<(Segment, u64, u64)>,
}

impl Engine {
    /// An engine that knows nothing yet.
    pub fn new(settings: Settings) -> Self {
        Engine {
            clock: Timestamp::MIN,
            ended: None,
            segments: Interner::new(),
            ports: Interner::new(),
            captures: Vec::new(),
            bundles: Vec::new(),
            copies: Copies::new(14, settings.copy_window),
            copies_seen: 0,
            feed: feed::Feed::default(),
            port_heard: Vec::new(),
            stations: Stations::new(settings.max_stations),
            addresses: AddressTable::new(settings.max_addresses),
            timers: Timers::default(),
            incidents: Incidents::new(settings.remind),
            announcements: announce::Bursts::default(),
            solicited: solicited::Requests::new(),
            answers: ip_conflict::Answers::default(),
            probes: ip_probe::Probes::default(),
            groups: redundancy::Groups::default(),
            lacp: mac_move::Bundles::default(),
            loops: l2_loop::Loops::new(),
            storms: arp_storm::Storms::default(),
            mismatches: arp_mismatch::Mismatches::default(),
            flood: mac_flood::Flood::default(),
            settings,
        }
    }

    /// Takes in one sighting. Sightings come in the order of their time, or nearly so: one that
    /// is older than its predecessor is judged as if it came at the same time.
    pub fn observe(&mut self, sighting: &Sighting) {
        self.judge(sighting, Ahead::default());
    }

    fn judge(&mut self, sighting: &Sighting, ahead: Ahead) {
        if sighting.last > self.clock {
            self.clock = sighting.last;
            if self.timers.next() <= self.clock {
                self.run_timers(self.clock);
            }
        }
        let port = self.port_number(sighting.port);
        self.port_heard[usize::from(port)] = self.clock;
        if sighting.direction == Direction::Outbound {
            return;
        }
        let segment = match ahead.segment {
            Some(segment) => segment,
            None => self.segments.number(sighting.segment),
        };
        if !sighting.mac.is_station() {
            self.judge_invalid_source(sighting, segment);
            return;
        }
        let inbound = sighting.direction == Direction::Inbound;
        let appearance = self
            .copies
            .observe(sighting.content, port, inbound, self.clock);
        if let Appearance::Copy {
            ingress,
            on_ingress,
            seen,
        } = appearance
        {
            self.judge_copy(sighting, segment, ingress, on_ingress, seen);
            if ingress != port || !is_announcing(sighting) || self.feed.repeats() {
                self.copies_seen += 1;
                return;
            }
        } else if !is_announcing(sighting) {
            self.feed.shows();
        }
        let station = self.enter_station(sighting, segment, ahead.station);
        let mut seen = Seen {
            sighting,
            segment,
            port,
            station,
            located: false,
        };
        if sighting.is_flooded() && appearance == Appearance::First {
            self.judge_flooded(&seen);
        }
        // After that, because a loop says nothing about places. Ports beyond those that have a
        // number share one that is no place either.
        seen.located = port != NOWHERE && self.place(sighting, segment, port, station, inbound);
        if seen.located {
            self.locate(&seen);
        } else {
            let stale = self.settings.stale;
            let station = self.stations.get_mut(station);
            station.heard_elsewhere(self.clock, stale);
        }
        if let Some(ip) = &sighting.ip {
            self.note_ip_frame(&seen, ip);
        }
        self.note_fact(&seen);
    }

    /// Lets packet time pass to `now` without a sighting, so that verdicts that are due are said.
    pub fn advance(&mut self, now: Timestamp) {
        if now > self.clock {
            self.run_timers(now);
            self.clock = now;
        }
    }

    /// The end of the input: what still waits for its settling time is judged as if it had passed.
    pub fn finish(&mut self) {
        let horizon = self.settings.settle.max(self.settings.announce_window);
        let end = self.clock + horizon + horizon;
        while self.timers.next() <= end {
            let Some((due, timer)) = self.timers.pop(end) else {
                break;
            };
            // Conditions that are still open stay so: nobody knows what came after.
            if !matches!(timer, Timer::Incident(_)) {
                self.ended.get_or_insert(self.clock);
                self.clock = self.clock.max(due);
                self.fire(due, timer);
            }
        }
        self.end_bursts();
    }

    /// The events said since the last call, in the order of their time.
    pub fn events(&mut self) -> std::vec::Drain<'_, Event> {
        self.incidents.take()
    }

    /// Whether [`Engine::events`] would give any.
    pub fn has_events(&self) -> bool {
        self.incidents.is_waiting()
    }

    /// What is known now.
    pub fn census(&self) -> Census {
        let mut ports: Vec<(Port, u64)> = self.ports.values().iter().map(|&p| (p, 0)).collect();
        let mut segments: Vec<(Segment, u64, u64)> =
            self.segments.values().iter().map(|&s| (s, 0, 0)).collect();
        for station in self.stations.iter() {
            if let Some(entry) = ports.get_mut(usize::from(station.port)) {
                entry.1 += 1;
            }
            if let Some(entry) = segments.get_mut(usize::from(station.segment())) {
                entry.1 += 1;
            }
        }
        for address in self.addresses.iter() {
            if let Some(entry) = segments.get_mut(usize::from(address.segment)) {
                entry.2 += 1;
            }
        }
        Census {
            stations: self.stations.len() as u64,
            addresses: self.addresses.len() as u64,
            copies: self.copies_seen,
            ports,
            segments,
        }
    }

    fn run_timers(&mut self, now: Timestamp) {
        while let Some((due, timer)) = self.timers.pop(now) {
            let clock = self.clock;
            self.clock = due;
            self.fire(due, timer);
            self.clock = clock.max(due);
        }
    }

    fn fire(&mut self, due: Timestamp, timer: Timer) {
        match timer {
            Timer::Station(key) => self.judge_station(key, due),
            Timer::Address(index) => self.judge_dispute(index as usize, due),
            Timer::Probe(index) => self.judge_probe(index, due),
            Timer::Burst(index) => self.judge_burst(index, due),
            Timer::Group(index) => self.judge_group(index as usize, due),
            Timer::Incident(key) => self.incidents.expire(key, due, &mut self.timers),
        }
    }

    #[inline]
    fn port_number(&mut self, port: Port) -> u16 {
        if let Port::Capture(id) = port
            && let Some(&number) = self.captures.get(usize::from(id.0))
            && number != NOWHERE
        {
            return number;
        }
        self.enter_port(port)
    }

    fn enter_port(&mut self, port: Port) -> u16 {
        let number = self.ports.number(port);
        while self.bundles.len() <= usize::from(number) {
            self.port_heard.push(Timestamp::MIN);
            self.bundles
                .push(u16::try_from(self.bundles.len()).unwrap_or(u16::MAX));
        }
        if let Port::Capture(id) = port {
            let index = usize::from(id.0);
            if self.captures.len() <= index {
                self.captures.resize(index + 1, NOWHERE);
            }
            self.captures[index] = number;
        }
        number
    }

    fn bundle(&self, port: u16) -> u16 {
        self.bundles.get(usize::from(port)).copied().unwrap_or(port)
    }

    fn port(&self, number: u16) -> Option<Port> {
        self.ports.value(number)
    }

    fn segment(&self, number: u16) -> Segment {
        self.segments.value(number).unwrap_or_default()
    }

    /// Finds or enters the station, says that it is new or has returned, and counts the frame.
    fn enter_station(&mut self, sighting: &Sighting, segment: u16, hint: Option<u32>) -> usize {
        let key = station_key(segment, sighting.mac);
        let index = match self.stations.enter(key, hint, self.clock) {
            Entry::Known(index) => {
                let station = self.stations.get(index);
                if self.clock.since(station.last) >= self.settings.stale {
                    self.say_station(Kind::StationReturned, sighting, segment);
                } else if station.frames == 1 {
                    self.flood.heard_again();
                }
                return index;
            }
            Entry::New(index) => index,
            Entry::Replaced(index) => {
                self.judge_full_table(sighting, segment);
                index
            }
        };
        if vendor::is_virtual_router(sighting.mac) {
            self.stations.get_mut(index).traits.set(Traits::VIRTUAL);
        }
        self.say_station(Kind::StationNew, sighting, segment);
        self.judge_new_station(sighting, segment);
        index
    }

    fn say_station(&mut self, kind: Kind, sighting: &Sighting, segment: u16) {
        let mut event = self.draft(kind, Severity::Info, segment);
        event.mac = Some(sighting.mac);
        event.to = Some(Side {
            port: Some(sighting.port),
            first_seen: Some(sighting.first),
            ips: source_ip(sighting).into_iter().collect(),
            ..Side::default()
        });
        let key = incidents::IncidentKey::new(kind, &[station_key(segment, sighting.mac)]);
        self.incidents.observe(key, event);
    }

    /// An event about something in a segment, said now.
    fn draft(&self, kind: Kind, severity: Severity, segment: u16) -> Event {
        let id = crate::model::EventId(0);
        let mut event = Event::new(id, kind, Phase::Observed, severity, self.clock);
        event.segment = Some(self.segment(segment));
        event
    }

    /// A side of a verdict: the station on a port, or wherever it is.
    fn side(&self, station: usize, port: u16) -> Side {
        let record = self.stations.get(station);
        let detail = self.stations.detail(station);
        let presence = detail
            .and_then(|d| d.roaming.as_ref())
            .and_then(|r| r.presence(port))
            .map_or((record.since, record.last, u64::from(record.frames)), |p| {
                (p.first, p.last, p.frames)
            });
        Side {
            port: self.port(port),
            mac: None,
            first_seen: Some(presence.0),
            last_seen: Some(presence.1),
            frames: Some(presence.2),
            ips: detail.map(|d| d.addresses.on(port)).unwrap_or_default(),
            hostname: detail.map(|d| d.hostname).filter(|name| !name.is_empty()),
        }
    }

    /// The same for a MAC, which may have left the table.
    fn side_of(&self, segment: u16, mac: Mac) -> Side {
        let side = match self.stations.find(station_key(segment, mac)) {
            Some(index) => {
                let port = self.stations.get(index).port;
                let mut side = self.side(index, port);
                side.ips = self
                    .stations
                    .detail(index)
                    .map(|d| d.addresses.on(NOWHERE))
                    .unwrap_or_default();
                side
            }
            None => Side::default(),
        };
        Side {
            mac: Some(mac),
            ..side
        }
    }

    fn note_fact(&mut self, seen: &Seen<'_>) {
        match &seen.sighting.fact {
            Fact::None | Fact::Dhcpv6(_) => {}
            Fact::Discovery(system) => self.judge_system(seen, system),
            Fact::Arp(arp) => self.note_arp(seen, arp),
            Fact::Rarp(rarp) => self.note_rarp(seen, rarp),
            Fact::Ndp(ndp) => self.note_ndp(seen, ndp),
            Fact::Dhcp(dhcp) => self.note_dhcp(seen, dhcp),
            Fact::Redundancy(advert) => self.note_advert(seen, advert),
            Fact::Lacp(lacp) => self.note_lacp(seen, lacp),
        }
    }
}

/// Whether stations send frames like this again and again, alike to the last bit.
fn is_announcing(sighting: &Sighting) -> bool {
    matches!(sighting.fact, Fact::Arp(_) | Fact::Rarp(_) | Fact::Ndp(_))
}

/// The IP a frame speaks for itself, if any.
fn source_ip(sighting: &Sighting) -> Option<IpAddr> {
    match sighting.fact {
        Fact::Arp(arp) if arp.sender_mac == sighting.mac && !arp.sender_ip.is_unspecified() => {
            Some(IpAddr::V4(arp.sender_ip))
        }
        _ => sighting
            .ip
            .map(|ip| ip.source)
            .filter(|ip| !ip.is_unspecified()),
    }
}

/// One item of evidence from this frame.
fn proof(sighting: &Sighting, finding: Finding) -> Evidence {
    Evidence {
        finding,
        time: sighting.first,
        at: sighting.at,
    }
}

/// Quiet time after which an incident about a station or address clears.
const fn quiet(settings: &Settings) -> Span {
    settings.flap_window
}
