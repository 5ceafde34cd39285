use crate::model::{Announcement, Announcer, Finding, Side};
use crate::output::escape;
use crate::output::terms::{addresses, count};

use super::Story;

/// The parts that sentences are made of; empty where nothing is known.
impl Story<'_> {
    pub(super) fn mac(&self) -> String {
        let side = || self.side_mac(self.event.to.as_ref());
        match self.event.mac {
            Some(mac) => self.terms.mac(mac),
            None => side().unwrap_or_else(|| "A station".to_owned()),
        }
    }

    pub(super) fn ip(&self) -> String {
        self.event
            .ip
            .map_or_else(|| "An address".to_owned(), |ip| ip.to_string())
    }

    pub(super) fn side_mac(&self, side: Option<&Side>) -> Option<String> {
        side.and_then(|side| side.mac)
            .map(|mac| self.terms.mac(mac))
    }

    pub(super) fn side_port(&self, side: Option<&Side>) -> Option<String> {
        side.and_then(|side| side.port)
            .map(|port| self.terms.port(port))
    }

    /// ` on swp3`, of the side that matters now.
    pub(super) fn on_port(&self) -> String {
        self.side_port(self.event.to.as_ref())
            .or_else(|| self.side_port(self.event.from.as_ref()))
            .map(|port| format!(" on {port}"))
            .unwrap_or_default()
    }

    /// `from tap26 to tap68`, as far as known.
    pub(super) fn way(&self) -> String {
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
    pub(super) fn ports(&self) -> String {
        let from = self.side_port(self.event.from.as_ref());
        let to = self.side_port(self.event.to.as_ref());
        match (from, to) {
            (Some(from), Some(to)) => format!("{from} and {to}"),
            (Some(port), None) | (None, Some(port)) => format!("{port} and other ports"),
            (None, None) => "ports".to_owned(),
        }
    }

    /// Two stations of one MAC, each by address and port.
    pub(super) fn stations(&self) -> String {
        let who = |side: Option<&Side>, what: &str| {
            let who = side.map(identity).filter(|who| !who.is_empty());
            who.unwrap_or_else(|| what.to_owned())
        };
        let event = self.event;
        self.both(
            who(event.from.as_ref(), "one"),
            who(event.to.as_ref(), "another"),
        )
    }

    /// Two MACs of one IP, each with its port.
    pub(super) fn both_owners(&self) -> String {
        let who = |side, what: &str| self.side_mac(side).unwrap_or_else(|| what.to_owned());
        let event = self.event;
        self.both(
            who(event.from.as_ref(), "one"),
            who(event.to.as_ref(), "another"),
        )
    }

    /// `A on swp3 and B on swp9`; `A and B, both on swp3`.
    fn both(&self, from: String, to: String) -> String {
        match [self.event.from.as_ref(), self.event.to.as_ref()].map(|side| self.side_port(side)) {
            [Some(one), Some(same)] if one == same => format!("{from} and {to}, both on {one}"),
            [left, right] => format!("{} and {}", on(from, left), on(to, right)),
        }
    }

    /// `00:50:56:8a:12:34 (VMware) on swp3`, or `what` where nobody is known.
    pub(super) fn owner(&self, side: Option<&Side>, what: &str) -> String {
        let who = self.side_mac(side).unwrap_or_else(|| what.to_owned());
        on(who, self.side_port(side))
    }

    /// `from A to B`, by owner where the owner changes and by port where a virtual MAC moves.
    pub(super) fn handed_over(&self) -> String {
        let (from, to) = (self.event.from.as_ref(), self.event.to.as_ref());
        match [from, to].map(|side| side.and_then(|side| side.mac)) {
            [old, Some(new)] if old != Some(new) => {
                if let [Some(one), Some(same)] = [from, to].map(|side| self.side_port(side))
                    && one == same
                    && let [Some(from), Some(to)] = [from, to].map(|side| self.side_mac(side))
                {
                    return format!("from {from} to {to}, both on {one}");
                }
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

    pub(super) fn announcer_and_count(&self) -> String {
        let by = match self.event.announcer {
            None | Some(Announcer::Unknown) => String::new(),
            Some(announcer) => format!(" by {}", product(announcer)),
        };
        match self.event.announcements {
            Some(number) => format!("{by} ({})", count(number.into(), "announcement")),
            None => by,
        }
    }

    pub(super) fn announced_by(&self) -> String {
        let form = match self.event.announcement {
            Some(form) => format!(" by {}", form_words(form)),
            None => String::new(),
        };
        let who = match self.event.announcer {
            None | Some(Announcer::Unknown) => String::new(),
            Some(announcer) => format!(", as {} does", product(announcer)),
        };
        match self.event.announcements {
            Some(number) if number > 1 => {
                format!("{form} ({}){who}", count(number.into(), "time"))
            }
            _ => format!("{form}{who}"),
        }
    }

    pub(super) fn blackout(&self) -> String {
        self.event
            .blackout
            .map(|span| format!(", blackout {span}"))
            .unwrap_or_default()
    }

    pub(super) fn moves(&self) -> String {
        match (self.event.moves, self.event.window) {
            (Some(moves), Some(window)) => {
                format!(": {} within {window}", count(moves.into(), "move"))
            }
            (Some(moves), None) => format!(": {}", count(moves.into(), "move")),
            _ => String::new(),
        }
    }

    pub(super) fn frames(&self) -> String {
        match (self.event.moves, self.event.window) {
            (Some(frames), Some(window)) => {
                format!(", {} within {window}", count(frames.into(), "frame"))
            }
            _ => String::new(),
        }
    }

    pub(super) fn mismatch(&self) -> String {
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

    pub(super) fn looped(&self) -> String {
        match (self.event.from.as_ref(), self.event.to.as_ref()) {
            (Some(from), Some(to)) if from.port != to.port => format!(" on {}", self.ports()),
            _ => self.on_port(),
        }
    }

    pub(super) fn new_stations(&self) -> String {
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
    pub(super) fn subject(&self) -> String {
        match (self.event.ip, self.event.mac) {
            (Some(ip), _) => format!(" {ip}"),
            (None, Some(mac)) => format!(" {}", self.terms.mac(mac)),
            (None, None) => String::new(),
        }
    }

    pub(super) fn damaged(&self) -> String {
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

/// Somebody, and the port where that is known.
fn on(who: String, port: Option<String>) -> String {
    match port {
        Some(port) => format!("{who} on {port}"),
        None => who,
    }
}

/// A station by its addresses and its name: `10.0.0.5 (web1)`.
fn identity(side: &Side) -> String {
    let name = side.hostname.filter(|name| !name.is_empty());
    let name = name.map(|name| escape(&name.to_string()).into_owned());
    match (addresses(&side.ips), name) {
        (ips, Some(name)) if ips.is_empty() => name,
        (ips, Some(name)) => format!("{ips} ({name})"),
        (ips, None) => ips,
    }
}

fn product(announcer: Announcer) -> &'static str {
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

fn form_words(form: Announcement) -> &'static str {
    match form {
        Announcement::Rarp => "RARP",
        Announcement::GarpRequest => "gratuitous ARP request",
        Announcement::GarpReply => "gratuitous ARP reply",
        Announcement::Una => "unsolicited neighbour advertisement",
    }
}
