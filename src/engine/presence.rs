//! What only some stations need: the addresses they use, and where they have been.

use std::net::IpAddr;

use super::flows::Flows;
use super::stations::NOWHERE;
use crate::model::{Announcement, FrameRef, Label, Span, Timestamp};
use crate::vendor::AnnouncerTrace;

/// An address a station used on a port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    pub(super) ip: IpAddr,
    /// Port index.
    pub(super) port: u16,
    /// Whether it was claimed (ARP, NDP), not only sent from.
    pub(super) claimed: bool,
    pub(super) last: Timestamp,
    pub(super) at: FrameRef,
}

/// The addresses of a station, a few; who uses more is no ordinary host.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    used: Vec<Used>,
    /// More distinct addresses were used than are kept.
    pub(super) overflowed: bool,
}

impl Addresses {
    /// Most addresses kept per station. A dual-stack host on two ports uses eight.
    const LIMIT: usize = 12;

    /// Records one use and returns when the same address was last used on the same port.
    pub(super) fn record(&mut self, now: Used) -> Option<Timestamp> {
        if let Some(known) = self
            .used
            .iter_mut()
            .find(|u| u.ip == now.ip && u.port == now.port)
        {
            let before = known.last;
            known.last = now.last;
            known.at = now.at;
            known.claimed |= now.claimed;
            return Some(before);
        }
        if self.used.len() < Self::LIMIT {
            // Most stations have one or two; room for more adds up over many of them.
            if self.used.len() == self.used.capacity() {
                self.used.reserve_exact(2);
            }
            self.used.push(now);
        } else {
            self.overflowed = true;
            // The longest unused one goes, so that a long-lived host is shown as it is now.
            if let Some(oldest) = self.used.iter_mut().min_by_key(|u| u.last) {
                *oldest = now;
            }
        }
        None
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Used> {
        self.used.iter()
    }

    /// The distinct addresses used on a port, or anywhere when the port is unknown.
    pub(super) fn on(&self, port: u16) -> Vec<IpAddr> {
        let mut ips = Vec::new();
        for used in self
            .used
            .iter()
            .filter(|u| port == NOWHERE || u.port == port)
        {
            if !ips.contains(&used.ip) {
                ips.push(used.ip);
            }
        }
        ips.sort_unstable();
        ips
    }

    /// Whether the station claimed this address itself.
    pub(super) fn claims(&self, ip: IpAddr) -> bool {
        self.used.iter().any(|u| u.ip == ip && u.claimed)
    }
}

/// That a station was heard on a port from a first to a last time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presence {
    /// Port index.
    pub(super) port: u16,
    /// First frame here.
    pub(super) first: Timestamp,
    /// First frame since the station last came here.
    pub(super) since: Timestamp,
    pub(super) last: Timestamp,
    pub(super) frames: u64,
    /// The frame that brought it here.
    pub(super) at: FrameRef,
}

/// A transition that waits to be judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    /// Where the station was at home before the first transition.
    pub(super) home: u16,
    /// Last frame there before it left.
    pub(super) left: Timestamp,
    /// The latest transition.
    pub(super) changed: Timestamp,
}

/// Announcements by the station since it came to its port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Announced {
    pub(super) form: Announcement,
    pub(super) count: u32,
    pub(super) trace: AnnouncerTrace,
    pub(super) at: FrameRef,
    pub(super) time: Timestamp,
}

/// A station that has been on more than one port.
#[derive(Clone, Debug, Default)]
pub(super) struct Roaming {
    pub(super) presences: Vec<Presence>,
    /// Times of the last transitions, oldest first.
    pub(super) moves: Vec<Move>,
    pub(super) pending: Option<Pending>,
    pub(super) announced: Option<Announced>,
    /// Transitions in a row with less than `settle` between them.
    pub(super) turns: Turns,
    pub(super) flows: Flows,
    /// DAD for its own link-local address was answered from its own MAC.
    pub(super) own_dad: Option<(Timestamp, FrameRef, IpAddr)>,
}

/// One transition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) time: Timestamp,
    pub(super) from: u16,
    pub(super) to: u16,
    pub(super) at: FrameRef,
    pub(super) announced: bool,
}

/// A run of transitions too close together for one station to be re-attached each time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turns {
    pub(super) count: u32,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

impl Turns {
    /// Records a transition; one that comes later than `gap` after the last starts a new run.
    pub(super) fn record(&mut self, time: Timestamp, gap: Span) {
        if self.count == 0 || time.since(self.last) > gap {
            *self = Turns {
                count: 0,
                first: time,
                last: time,
            };
        }
        self.count += 1;
        self.last = time;
    }

    /// How long the run has lasted.
    pub(super) fn length(&self) -> Span {
        self.last.since(self.first)
    }
}

impl Roaming {
    /// Most ports remembered per station; the longest silent goes.
    const PORTS: usize = 8;
    /// Most transitions remembered per station.
    const MOVES: usize = 32;

    pub(super) fn presence(&self, port: u16) -> Option<&Presence> {
        self.presences.iter().find(|p| p.port == port)
    }

    pub(super) fn presence_mut(&mut self, port: u16) -> Option<&mut Presence> {
        self.presences.iter_mut().find(|p| p.port == port)
    }

    /// Enters a port: starts a presence there.
    pub(super) fn arrive(&mut self, presence: Presence) {
        if let Some(known) = self.presence_mut(presence.port) {
            *known = Presence {
                first: known.first,
                frames: known.frames + presence.frames,
                ..presence
            };
            return;
        }
        if self.presences.len() >= Self::PORTS
            && let Some(index) = (0..self.presences.len()).min_by_key(|&i| self.presences[i].last)
        {
            self.presences.swap_remove(index);
        }
        self.presences.push(presence);
    }

    /// Records a transition.
    pub(super) fn moved(&mut self, step: Move) {
        if self.moves.len() >= Self::MOVES {
            self.moves.remove(0);
        }
        self.moves.push(step);
    }

    /// The transitions within `window` before `now`.
    pub(super) fn recent(&self, now: Timestamp, window: Span) -> impl Iterator<Item = &Move> {
        self.moves
            .iter()
            .filter(move |m| now.since(m.time) <= window)
    }
}

/// Everything about a station that does not fit its record.
#[derive(Clone, Debug, Default)]
pub(super) struct Detail {
    pub(super) addresses: Addresses,
    /// The name it gave in DHCP.
    pub(super) hostname: Label,
    /// When it last showed signs of starting up: DAD, an ARP probe, a DHCP DISCOVER.
    pub(super) boot: Timestamp,
    pub(super) roaming: Option<Box<Roaming>>,
    pub(super) identity: Option<Box<super::identity::Identity>>,
}
