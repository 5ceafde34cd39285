//! One sentence per event.
//!
//! In comes an event with the [`Terms`] of its run, out goes what a person needs to act: which
//! address, whose, where, how often. The facts are the event's; nothing is judged or added here.

mod parts;

use crate::model::{Event, Kind, Phase, Segment};

use super::Terms;

/// One sentence that says what happened, with the names a person needs to act.
pub fn message(event: &Event, terms: Terms<'_>) -> String {
    let story = Story { event, terms };
    let mut sentence = story.body();
    let segment = event.segment;
    if let Some(segment) = segment.filter(|&segment| segment != Segment::UNTAGGED) {
        sentence.push_str(", in ");
        sentence.push_str(&segment.to_string());
    }
    sentence.push('.');
    if event.phase == Phase::Cleared {
        if let Some(head) = sentence.get_mut(..1) {
            head.make_ascii_lowercase();
        }
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
            Kind::StationAnnounced => format!(
                "{mac} announced {}{}{}",
                event
                    .ip
                    .map_or_else(|| "itself".to_owned(), |ip| ip.to_string()),
                self.on_port(),
                self.announced_by()
            ),
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
                self.owner(event.to.as_ref(), &mac),
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mac, Names, Severity};
    use crate::output::samples;
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
    fn a_port_that_both_share_is_named_once() {
        let event = Event {
            kind: Kind::IpDuplicate,
            to: Some(samples::side(samples::LEFT, samples::GUEST, 5, 1, 1, "")),
            ..samples::full()
        };
        assert_eq!(
            say(&event),
            "10.0.0.5 is used by two stations: 00:50:56:8a:12:34 (VMware) and \
             52:54:00:a7:e3:1c (QEMU/KVM), both on swp3, in vlan10."
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
                assert!(crate::output::advice(&event).ends_with('.'), "{kind}");
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
            let sentence = crate::output::detail(&finding, terms);
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
