use crate::model::{Announcement, Announcer, Event, Finding, Kind, Phase, Side};

use super::Terms;
use super::terms::{addresses, count};

/// One sentence that says what happened, with the names a person needs to act.
pub fn message(event: &Event, terms: Terms<'_>) -> String {
    let story = Story { event, terms };
    let mut sentence = story.body();
    if let Some(segment) = event.segment.filter(|segment| segment.to_bits() != 0) {
        sentence.push_str(", in ");
        sentence.push_str(&segment.to_string());
    }
    sentence.push('.');
    if event.phase == Phase::Cleared {
        sentence.insert_str(0, "Over: ");
    }
    sentence
}

/// An event with what is needed to tell it.
struct Story<'a> {
    event: &'a Event,
    terms: Terms<'a>,
}

impl Story<'_> {
    fn body(&self) -> String {
        let mac = self.mac();
        let ip = self.ip();
        let event = self.event;
        match event.kind {
            Kind::StationNew => format!("{mac} was heard for the first time{}", self.on_port()),
            Kind::StationReturned => {
                format!(
                    "{mac} was heard again after a long silence{}",
                    self.on_port()
                )
            }
            Kind::StationAnnounced => {
                format!(
                    "{mac} announced itself{}{}",
                    self.on_port(),
                    self.announced_by()
                )
            }
            Kind::MacMoved => format!("{mac} moved {}{}", self.way(), self.blackout()),
            Kind::MacMigrated => format!(
                "{mac} moved {}, announced{}{}",
                self.way(),
                self.announcer_and_count(),
                self.blackout()
            ),
            Kind::MacFlapping => format!("{mac} flaps between {}{}", self.ports(), self.moves()),
            Kind::MacDuplicate => format!("{mac} is used by two stations: {}", self.stations()),
            Kind::IpMoved => format!("{ip} moved {}", self.handed_over()),
            Kind::IpFailover => format!(
                "{ip_or_mac} failed over {}",
                self.handed_over(),
                ip_or_mac = if event.ip.is_some() { &ip } else { &mac }
            ),
            Kind::IpDuplicate => format!("{ip} is used by two stations: {}", self.both_owners()),
            Kind::IpShared => format!(
                "{ip} is answered for under two MACs of one host: {}",
                self.both_owners()
            ),
            Kind::IpProbeConflict => format!(
                "{} wanted {ip}, found it in use{}, and gave way",
                self.side_mac(event.to.as_ref()).unwrap_or(mac),
                self.side_mac(event.from.as_ref())
                    .map(|owner| format!(" by {owner}"))
                    .unwrap_or_default()
            ),
            Kind::ArpSpoofing => format!(
                "{} poses as {ip}{}",
                self.side_mac(event.to.as_ref()).unwrap_or(mac),
                self.side_mac(event.from.as_ref())
                    .map(|owner| format!(", which belongs to {owner}"))
                    .unwrap_or_default()
            ),
            Kind::ArpMismatch => self.mismatch(),
            Kind::ArpStorm => format!(
                "{mac} floods the segment with ARP{}{}",
                self.frames(),
                self.on_port()
            ),
            Kind::FrameInvalidSource => {
                format!(
                    "Frames come from {mac}, which no station can have{}",
                    self.on_port()
                )
            }
            Kind::L2Loop => format!(
                "The same frames keep coming back{}: there is a loop",
                self.looped()
            ),
            Kind::MacFlood => format!(
                "New stations appear faster than people add them{}{}",
                self.new_stations(),
                self.on_port()
            ),
            Kind::RedundancyConflict => format!(
                "Two routers are active for one virtual router{}: {}",
                self.subject(),
                self.both_owners()
            ),
            Kind::PolicyViolation => format!(
                "{} breaks a rule of the policy{}",
                if event.mac.is_some() { mac } else { ip },
                self.on_port()
            ),
            Kind::CaptureLoss => format!(
                "The capture lost frames{}: what follows may be incomplete",
                self.on_port()
            ),
            Kind::CaptureDamaged => self.damaged(),
        }
    }

    fn mac(&self) -> String {
        let side = || self.side_mac(self.event.to.as_ref());
        match self.event.mac {
            Some(mac) => self.terms.mac(mac),
            None => side().unwrap_or_else(|| "A station".to_owned()),
        }
    }

    fn ip(&self) -> String {
        self.event
            .ip
            .map_or_else(|| "An address".to_owned(), |ip| ip.to_string())
    }

    fn side_mac(&self, side: Option<&Side>) -> Option<String> {
        side.and_then(|side| side.mac)
            .map(|mac| self.terms.mac(mac))
    }

    fn side_port(&self, side: Option<&Side>) -> Option<String> {
        side.and_then(|side| side.port)
            .map(|port| self.terms.port(port))
    }

    /// ` on swp3`, of the side that matters now.
    fn on_port(&self) -> String {
        self.side_port(self.event.to.as_ref())
            .or_else(|| self.side_port(self.event.from.as_ref()))
            .map(|port| format!(" on {port}"))
            .unwrap_or_default()
    }

    /// `from tap26 to tap68`, as far as known.
    fn way(&self) -> String {
        let from = self.side_port(self.event.from.as_ref());
        let to = self.side_port(self.event.to.as_ref());
        match (from, to) {
            (Some(from), Some(to)) => format!("from {from} to {to}"),
            (None, Some(to)) => format!("to {to}"),
            (Some(from), None) => format!("away from {from}"),
            (None, None) => "to another port".to_owned(),
        }
    }

    /// `swp3 and swp9`.
    fn ports(&self) -> String {
        let from = self.side_port(self.event.from.as_ref());
        let to = self.side_port(self.event.to.as_ref());
        match (from, to) {
            (Some(from), Some(to)) => format!("{from} and {to}"),
            (Some(port), None) | (None, Some(port)) => format!("{port} and other ports"),
            (None, None) => "ports".to_owned(),
        }
    }

    /// Two stations of one MAC, each by address and port.
    fn stations(&self) -> String {
        let event = self.event;
        let on = |side: Option<&Side>, what: &str| {
            let who = side.map(identity).filter(|who| !who.is_empty());
            let port = self.side_port(side);
            match (who, port) {
                (Some(who), Some(port)) => format!("{who} on {port}"),
                (Some(who), None) => who,
                (None, Some(port)) => format!("{what} on {port}"),
                (None, None) => what.to_owned(),
            }
        };
        let first = on(event.from.as_ref(), "one");
        let second = on(event.to.as_ref(), "another");
        format!("{first} and {second}")
    }

    /// `00:50:56:8a:12:34 (VMware) on swp3`, or `what` where nobody is known.
    fn owner(&self, side: Option<&Side>, what: &str) -> String {
        let who = self.side_mac(side).unwrap_or_else(|| what.to_owned());
        match self.side_port(side) {
            Some(port) => format!("{who} on {port}"),
            None => who,
        }
    }

    /// Two MACs of one IP, each with its port: `A and B`.
    fn both_owners(&self) -> String {
        let from = self.owner(self.event.from.as_ref(), "one");
        let to = self.owner(self.event.to.as_ref(), "another");
        format!("{from} and {to}")
    }

    /// `from A to B`, by owner where the owner changes and by port where a virtual MAC moves.
    fn handed_over(&self) -> String {
        let (from, to) = (self.event.from.as_ref(), self.event.to.as_ref());
        match [from, to].map(|side| side.and_then(|side| side.mac)) {
            [old, Some(new)] if old != Some(new) => {
                let from = old.map(|_| format!("from {} ", self.owner(from, "nobody")));
                format!(
                    "{}to {}",
                    from.unwrap_or_default(),
                    self.owner(to, "another")
                )
            }
            _ => self.way(),
        }
    }

    fn announcer_and_count(&self) -> String {
        let by = match self.event.announcer {
            None | Some(Announcer::Unknown) => String::new(),
            Some(announcer) => format!(" by {}", product(announcer)),
        };
        match self.event.announcements {
            Some(number) => format!("{by} ({})", count(number.into(), "announcement")),
            None => by,
        }
    }

    fn announced_by(&self) -> String {
        let form = match self.event.announcement {
            Some(form) => format!(" by {}", form_words(form)),
            None => String::new(),
        };
        let who = match self.event.announcer {
            None | Some(Announcer::Unknown) => String::new(),
            Some(announcer) => format!(", as {} does", product(announcer)),
        };
        match self.event.announcements {
            Some(number) => format!("{form} ({}){who}", count(number.into(), "time")),
            None => format!("{form}{who}"),
        }
    }

    fn blackout(&self) -> String {
        self.event
            .blackout
            .map(|span| format!(", blackout {span}"))
            .unwrap_or_default()
    }

    fn moves(&self) -> String {
        match (self.event.moves, self.event.window) {
            (Some(moves), Some(window)) => {
                format!(": {} within {window}", count(moves.into(), "move"))
            }
            (Some(moves), None) => format!(": {}", count(moves.into(), "move")),
            _ => String::new(),
        }
    }

    fn frames(&self) -> String {
        match (self.event.moves, self.event.window) {
            (Some(frames), Some(window)) => {
                format!(", {} within {window}", count(frames.into(), "frame"))
            }
            _ => String::new(),
        }
    }

    fn mismatch(&self) -> String {
        let named = self
            .event
            .evidence
            .iter()
            .find_map(|evidence| match evidence.finding {
                Finding::SenderMismatch { ethernet, sender } => Some((ethernet, sender)),
                _ => None,
            });
        match named {
            Some((ethernet, sender)) => format!(
                "{} sends ARP in the name of {}{}",
                self.terms.mac(ethernet),
                self.terms.mac(sender),
                self.on_port()
            ),
            None => format!(
                "{} sends ARP in the name of another station{}",
                self.mac(),
                self.on_port()
            ),
        }
    }

    fn looped(&self) -> String {
        match (self.event.from.as_ref(), self.event.to.as_ref()) {
            (Some(from), Some(to)) if from.port != to.port => format!(" on {}", self.ports()),
            _ => self.on_port(),
        }
    }

    fn new_stations(&self) -> String {
        let most = self
            .event
            .evidence
            .iter()
            .filter_map(|evidence| match evidence.finding {
                Finding::NewStations { stations } => Some(stations),
                _ => None,
            });
        most.max()
            .map(|stations| format!(": {stations} in one second"))
            .unwrap_or_default()
    }

    /// ` 10.0.0.1` or ` 00:00:5e:00:01:07 (VRRP)`.
    fn subject(&self) -> String {
        match (self.event.ip, self.event.mac) {
            (Some(ip), _) => format!(" {ip}"),
            (None, Some(mac)) => format!(" {}", self.terms.mac(mac)),
            (None, None) => String::new(),
        }
    }

    fn damaged(&self) -> String {
        let place = self
            .event
            .evidence
            .iter()
            .find_map(|evidence| match evidence.finding {
                Finding::DamagedAt { offset } => Some((evidence.at.source, offset)),
                _ => None,
            });
        match place {
            Some((source, offset)) => format!(
                "{} could not be read to its end: it is damaged or cut short at byte {offset}",
                self.terms.source(source)
            ),
            None => "An input could not be read to its end".to_owned(),
        }
    }
}

/// A station by its addresses and its name: `10.0.0.5 (web1)`.
fn identity(side: &Side) -> String {
    let name = side.hostname.filter(|name| !name.is_empty());
    let name = name.map(|name| super::escape(&name.to_string()).into_owned());
    match (addresses(&side.ips), name) {
        (ips, Some(name)) if ips.is_empty() => name,
        (ips, Some(name)) => format!("{ips} ({name})"),
        (ips, None) => ips,
    }
}

pub(super) fn product(announcer: Announcer) -> &'static str {
    match announcer {
        Announcer::Qemu => "QEMU",
        Announcer::Esxi => "ESXi",
        Announcer::Keepalived => "keepalived",
        Announcer::Metallb => "MetalLB",
        Announcer::KubeVip => "kube-vip",
        Announcer::Linux => "Linux",
        Announcer::Unknown => "an unknown program",
    }
}

pub(super) fn form_words(form: Announcement) -> &'static str {
    match form {
        Announcement::Rarp => "RARP",
        Announcement::GarpRequest => "gratuitous ARP request",
        Announcement::GarpReply => "gratuitous ARP reply",
        Announcement::Una => "unsolicited neighbour advertisement",
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::model::{Mac, Names, Severity};
    use crate::vendor::Vendors;

    fn say(event: &Event) -> String {
        let names = samples::names();
        let vendors = Vendors::builtin();
        message(
            event,
            Terms {
                names: &names,
                vendors: &vendors,
            },
        )
    }

    #[test]
    fn a_duplicate_names_both_stations() {
        assert_eq!(
            say(&samples::full()),
            "00:50:56:8a:12:34 (VMware) is used by two stations: 10.0.0.5 (web1) on swp3 and \
             10.0.0.9 (web1-clone) on swp9, in vlan10."
        );
    }

    #[test]
    fn a_migration_names_ports_announcer_and_blackout() {
        let event = Event {
            kind: Kind::MacMigrated,
            phase: Phase::Observed,
            severity: Severity::Info,
            segment: None,
            mac: Some(samples::GUEST),
            ..samples::full()
        };
        assert_eq!(
            say(&event),
            "52:54:00:a7:e3:1c (QEMU/KVM) moved from swp3 to swp9, announced by QEMU \
             (5 announcements), blackout 84 ms."
        );
    }

    #[test]
    fn a_failover_names_the_owners_or_the_ports() {
        let mut event = Event {
            kind: Kind::IpFailover,
            phase: Phase::Observed,
            segment: None,
            ..samples::full()
        };
        assert_eq!(say(&event), "10.0.0.5 failed over from swp3 to swp9.");
        if let Some(to) = &mut event.to {
            to.mac = Some(samples::GUEST);
        }
        assert_eq!(
            say(&event),
            "10.0.0.5 failed over from 00:50:56:8a:12:34 (VMware) on swp3 to \
             52:54:00:a7:e3:1c (QEMU/KVM) on swp9."
        );
        event.from = None;
        assert_eq!(
            say(&event),
            "10.0.0.5 failed over to 52:54:00:a7:e3:1c (QEMU/KVM) on swp9."
        );
    }

    #[test]
    fn a_cleared_incident_is_over() {
        let event = Event {
            phase: Phase::Cleared,
            ..samples::full()
        };
        assert!(say(&event).starts_with("Over: 00:50:56:8a:12:34"));
    }

    #[test]
    fn every_kind_makes_a_sentence_with_and_without_facts() {
        for &kind in Kind::ALL {
            for event in [
                samples::bare(kind),
                Event {
                    kind,
                    ..samples::full()
                },
            ] {
                let sentence = say(&event);
                assert!(
                    sentence.ends_with('.') && !sentence.contains("  "),
                    "{sentence}"
                );
                assert!(sentence.len() > 20, "{sentence}");
                assert!(super::super::advice(&event).ends_with('.'), "{kind}");
            }
        }
    }

    #[test]
    fn every_finding_makes_a_sentence_without_control_characters() {
        let vendors = Vendors::builtin();
        let names = Names::default();
        let terms = Terms {
            names: &names,
            vendors: &vendors,
        };
        for finding in samples::findings() {
            let sentence = super::super::detail(&finding, terms);
            assert!(sentence.ends_with('.'), "{sentence}");
            assert!(!sentence.contains(char::is_control), "{sentence:?}");
        }
    }

    #[test]
    fn names_from_the_wire_cannot_steer_the_terminal() {
        let mut event = samples::full();
        event.mac = Some(Mac::new([0x02, 1, 2, 3, 4, 5]));
        if let Some(from) = &mut event.from {
            from.hostname = Some(crate::model::Label::new(b"\x1b]0;x\x07"));
        }
        assert!(!say(&event).contains(char::is_control));
    }
}
