//! Detects a loop: the same frames keep coming back.
//!
//! Evidence, for flooded frames, which a loop carries round without end:
//!
//! - one content appears again and again, after the copy window and faster than a station repeats
//!   itself, and either comes in on changing ports, or in pairs within a millisecond, which are the
//!   loop's two directions, or the content of another station does the same at the time;
//! - a frame shows far more often within the copy window than any mirror explains.
//!
//! Look-alikes that stay silent: mirrors of both directions (copies within microseconds, one or two
//! per port, and they end), a station that announces itself a thousand times (always the same
//! port, no pairs), retried questions. While a loop lasts it replaces storms and flaps.
//! Thresholds: a station repeats a question once a second (RFC 1122, 2.3.2.1), announcements
//! five times in one (QEMU); more than six times within a second is neither.

use super::incidents::IncidentKey;
use super::stations::station_key;
use super::{Engine, Seen, proof};
use crate::model::{
    ArpFact, Direction, Fact, Finding, Kind, Severity, Side, Sighting, Span, Timestamp,
};

/// Rounds of one content that are too many.
const ROUNDS: u16 = 6;
/// A content that stays away this long starts anew.
const PAUSE: Span = Span::from_secs(1);
/// Changes of the ingress port among the rounds.
const CHANGES: u16 = 3;
/// The two directions of a loop bring a frame back at nearly the same moment.
const TOGETHER: Span = Span::from_millis(1);
/// More appearances than this so close together are a burst and no pair.
const PAIRED: u16 = 4;
/// Appearances of one frame within the copy window that no mirror explains.
const COPIES: u16 = 512;
/// A loop is over when nothing has returned for this long.
const QUIET: Span = Span::from_secs(10);

/// The rounds of one flooded content.
#[derive(Clone, Copy, Debug, Default)]
struct Circling {
    content: u64,
    first: Timestamp,
    last: Timestamp,
    rounds: u16,
    changes: u16,
    pairs: u16,
    port: u16,
}

/// Flooded contents of the last moments, in a fixed table.
pub(super) struct Loops {
    slots: Vec<Circling>,
    /// The station whose content was last found circling on a single port, and when.
    suspect: Option<(u64, Timestamp)>,
    open: Vec<(u16, Timestamp)>,
}

impl Loops {
    const SLOTS: usize = 8192;
    /// Most segments with an open loop.
    const OPEN: usize = 256;

    pub(super) fn new() -> Self {
        Loops {
            slots: vec![Circling::default(); Self::SLOTS],
            suspect: None,
            open: Vec::new(),
        }
    }

    fn slot(&mut self, content: u64) -> &mut Circling {
        &mut self.slots[(content >> 44) as usize % Self::SLOTS]
    }

    /// A flooded content appears outside of the copy window of its last appearance.
    fn round(&mut self, content: u64, port: u16, now: Timestamp) -> Circling {
        let slot = self.slot(content);
        if slot.content != content || now.since(slot.last) > PAUSE {
            *slot = Circling {
                content,
                first: now,
                last: now,
                port,
                ..Circling::default()
            };
        }
        if now.since(slot.first) > PAUSE && slot.rounds < ROUNDS {
            // Too slow so far: count from here.
            *slot = Circling {
                content,
                first: now,
                last: now,
                port,
                ..Circling::default()
            };
        }
        slot.rounds = slot.rounds.saturating_add(1);
        slot.changes = slot.changes.saturating_add(u16::from(slot.port != port));
        slot.port = port;
        slot.last = now;
        *slot
    }

    /// A flooded content appears again within the copy window: on its ingress port, or as received
    /// on another.
    fn pair(&mut self, content: u64, nth: u16, now: Timestamp) {
        let slot = self.slot(content);
        if slot.content != content || now.since(slot.last) > TOGETHER {
            return;
        }
        match nth {
            2 => slot.pairs = slot.pairs.saturating_add(1),
            PAIRED => slot.pairs = slot.pairs.saturating_sub(1),
            _ => {}
        }
    }
}

impl Engine {
    /// Whether a loop is open in the segment.
    pub(super) fn loop_is_open(&self, segment: u16) -> bool {
        self.loops
            .open
            .iter()
            .any(|&(open, last)| open == segment && self.clock.since(last) <= QUIET)
    }

    /// A flooded frame appears for the first time within its copy window.
    pub(super) fn judge_flooded(&mut self, seen: &Seen<'_>) {
        if !is_arp(seen.sighting) {
            self.storms.note_flooded(false);
        }
        let (now, sighting) = (self.clock, seen.sighting);
        let station = station_key(seen.segment, sighting.mac);
        let circling = self.loops.round(sighting.content, seen.port, now);
        if circling.rounds < ROUNDS {
            return;
        }
        let paired = circling.pairs >= circling.rounds / 2;
        let suspect = self.loops.suspect.replace((station, now));
        let another = suspect
            .is_some_and(|(other, time)| other != station && now.since(time) <= PAUSE + PAUSE);
        if circling.changes >= CHANGES || paired || another {
            self.report_loop(sighting, seen.segment, circling.rounds);
        }
    }

    /// A frame appears again within its copy window.
    pub(super) fn judge_copy(
        &mut self,
        sighting: &Sighting,
        segment: u16,
        ingress: u16,
        on_ingress: u16,
        seen: u16,
    ) {
        let port = self.ports.number(sighting.port);
        let repeat = port == ingress;
        if sighting.is_flooded() {
            if repeat && !is_arp(sighting) {
                self.storms.note_flooded(true);
            }
            let received_twice = !repeat && sighting.direction == Direction::Inbound;
            if repeat || received_twice {
                let nth = if repeat { on_ingress } else { seen };
                self.loops.pair(sighting.content, nth, self.clock);
            }
            let ports = u16::try_from(self.ports.values().len()).unwrap_or(u16::MAX);
            if seen > COPIES.saturating_mul(ports) && !is_arp(sighting) {
                self.report_loop(sighting, segment, on_ingress);
            }
        }
        if repeat && !super::is_announcing(sighting) {
            self.feed.shows_again();
        }
        if repeat
            && self.feed.repeats()
            && let Fact::Arp(arp) | Fact::Rarp(arp) = &sighting.fact
        {
            let arp: &ArpFact = arp;
            self.judge_storm(sighting, segment, arp, true);
        }
    }

    fn report_loop(&mut self, sighting: &Sighting, segment: u16, copies: u16) {
        let now = self.clock;
        let open = &mut self.loops.open;
        if let Some((_, last)) = open.iter_mut().find(|(open, _)| *open == segment) {
            *last = now;
        } else {
            open.retain(|&(_, last)| now.since(last) <= QUIET);
            if open.len() < Loops::OPEN {
                open.push((segment, now));
            }
        }
        let key = IncidentKey::new(Kind::L2Loop, &[u64::from(segment)]);
        if self.incidents.touch(key, now) {
            return;
        }
        self.undo_moves(segment, now - PAUSE);
        let copies = u32::from(copies);
        let mut event = self.draft(Kind::L2Loop, Severity::Critical, segment);
        event.mac = Some(sighting.mac);
        event.moves = Some(copies);
        event.window = Some(PAUSE);
        event.to = Some(Side {
            port: Some(sighting.port),
            ..Side::default()
        });
        let finding = Finding::Returned {
            copies,
            port: sighting.port,
        };
        event.evidence.push(proof(sighting, finding));
        self.incidents
            .report(key, now, QUIET, &mut self.timers, || event);
    }
}

/// One station may repeat an ARP frame as fast as it likes; that is a storm.
fn is_arp(sighting: &Sighting) -> bool {
    matches!(sighting.fact, Fact::Arp(_) | Fact::Rarp(_))
}
