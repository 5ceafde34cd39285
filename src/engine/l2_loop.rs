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
        let explained = [Kind::ArpStorm, Kind::MacFlapping];
        let related = self
            .incidents
            .clear_kinds(&explained, self.segment(segment), now);
        let copies = u32::from(copies);
        let mut event = self.draft(Kind::L2Loop, Severity::Critical, segment);
        event.mac = Some(sighting.mac);
        event.related = related;
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

#[cfg(test)]
mod tests {
    use super::super::testing::{Step, about, announces, every, frame, judged, packet, words};
    use super::*;
    use crate::model::{Event, Mac};

    /// A flooded frame of this content.
    fn flooded(n: u8, on: u16, content: u64) -> Sighting {
        Sighting {
            direction: Direction::Unknown,
            destination: Mac::BROADCAST,
            content: content << 44 | 1,
            ..packet(n, on, n)
        }
    }

    fn said(steps: impl IntoIterator<Item = Step>) -> Vec<Event> {
        about("l2.loop", judged(steps))
    }

    #[test]
    fn a_frame_that_comes_back_on_changing_ports_is_a_loop() {
        let rounds = (0..20).map(|n: i64| {
            let on = 1 + u16::try_from(n % 2).unwrap_or(0);
            (n * 50, flooded(1, on, 7))
        });
        let events = said(rounds);
        assert_eq!(words(&events), ["l2.loop raised"]);
        assert_eq!(events[0].severity, Severity::Critical);
    }

    #[test]
    fn frames_of_two_stations_that_come_back_on_one_port_are_a_loop() {
        let rounds =
            every(50, 0, 1000, flooded(1, 1, 7)).chain(every(50, 7, 1000, flooded(2, 1, 8)));
        assert_eq!(words(&said(rounds)), ["l2.loop raised"]);
    }

    #[test]
    fn a_station_that_repeats_itself_is_none() {
        assert!(said(every(50, 0, 5000, flooded(1, 1, 7))).is_empty());
    }

    #[test]
    fn copies_of_a_mirror_are_none() {
        let steps = (0..100u64).flat_map(|n| {
            let time = i64::try_from(n).unwrap_or(0) * 30;
            [(time, flooded(1, 1, n + 1)), (time, flooded(1, 2, n + 1))]
        });
        assert!(said(steps).is_empty());
    }

    #[test]
    fn a_question_repeated_every_second_is_none() {
        let mut question = announces(1, 1, 5);
        question.content = 7 << 44;
        assert!(said(every(1000, 0, 60_000, question)).is_empty());
    }

    #[test]
    fn a_loop_that_was_cut_clears_and_leaves_no_moves() {
        let rounds = (0..40).map(|n: i64| {
            let on = 1 + u16::try_from(n % 2).unwrap_or(0);
            (5000 + n * 50, flooded(1, on, 7))
        });
        let ordinary = every(500, 0, 60_000, frame(1, 1));
        let events = judged(rounds.chain(ordinary));
        assert_eq!(
            words(&about("l2.loop", events.clone())),
            ["l2.loop raised", "l2.loop cleared"]
        );
        assert_eq!(words(&about("mac.", events)), [] as [&str; 0]);
    }
}
