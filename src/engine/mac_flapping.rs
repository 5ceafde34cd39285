//! Detects stations that change their port too often: `mac.flapping`.
//!
//! Evidence: `flap_moves` transitions within `flap_window` (RFC 7432, 15.1; FRR and Junos have the
//! same 5 in 180 s). Transitions in quick succession wait for `settle`, because two stations or a
//! loop explain them better. The cause is told by the counters of the station's flows, which run
//! on across links of one host, and by announcements. Known false positive: active-active
//! teaming, which is what cause `unbundled_link` says.

use super::incidents::IncidentKey;
use super::presence::Move;
use super::{Engine, quiet};
use crate::model::{Cause, Evidence, Finding, FrameRef, Kind, Severity, Timestamp};

impl Engine {
    /// Raises or keeps up `mac.flapping` when there are enough transitions.
    pub(super) fn judge_flapping(&mut self, index: usize) {
        let station = *self.stations.get(index);
        let now = self.clock;
        let key = IncidentKey::new(Kind::MacFlapping, &[station.key()]);
        let duplicate = IncidentKey::new(Kind::MacDuplicate, &[station.key()]);
        if self.incidents.is_open(duplicate) || self.incidents.touch(key, now) {
            return;
        }
        let window = self.settings.flap_window;
        let Some(roaming) = self.stations.roaming(index) else {
            return;
        };
        let recent: Vec<Move> = roaming.recent(now, window).copied().collect();
        let moves = u32::try_from(recent.len()).unwrap_or(u32::MAX);
        let is_quick = roaming.turns.count > 2
            && now.since(roaming.turns.last) < self.settings.settle
            && roaming.turns.length() < self.settings.settle;
        if moves < self.settings.flap_moves || is_quick || self.loop_is_open(station.segment()) {
            return;
        }
        self.say_flapping(index, &recent);
    }

    /// Raises `mac.flapping` with these transitions as evidence.
    pub(super) fn say_flapping(&mut self, index: usize, recent: &[Move]) {
        let station = *self.stations.get(index);
        let Some(last) = recent.last() else { return };
        let key = IncidentKey::new(Kind::MacFlapping, &[station.key()]);
        let mut event = self.draft(Kind::MacFlapping, Severity::Warning, station.segment());
        event.mac = Some(station.mac());
        event.from = Some(self.side(index, last.from));
        event.to = Some(self.side(index, last.to));
        event.moves = Some(u32::try_from(recent.len()).unwrap_or(u32::MAX));
        event.window = Some(self.settings.flap_window);
        event.cause = Some(self.flap_cause(index, recent));
        for step in recent.iter().rev().take(8).rev() {
            if let (Some(from), Some(to)) = (self.port(step.from), self.port(step.to)) {
                let finding = Finding::Transition { from, to };
                event.evidence.push(Evidence {
                    finding,
                    time: step.time,
                    at: step.at,
                });
            }
        }
        if let Some((time, at, port)) = self.shared_counters(index)
            && let Some(port) = self.port(port)
        {
            event.evidence.push(Evidence {
                finding: Finding::SharedCounters { port },
                time,
                at,
            });
        }
        let window = quiet(&self.settings);
        self.incidents
            .report(key, self.clock, window, &mut self.timers, || event);
    }

    fn shared_counters(&self, index: usize) -> Option<(Timestamp, FrameRef, u16)> {
        let roaming = self.stations.detail(index)?.roaming.as_deref()?;
        roaming
            .flows
            .is_one_host()
            .then_some(roaming.flows.shared_at)
            .flatten()
    }

    fn flap_cause(&self, index: usize, recent: &[Move]) -> Cause {
        // Counters run on over any move; it takes links in use at the same time to be unbundled.
        let quick = recent
            .windows(2)
            .filter(|pair| pair[1].time.since(pair[0].time) < self.settings.settle)
            .count();
        if quick * 2 >= recent.len() && self.shared_counters(index).is_some() {
            return Cause::UnbundledLink;
        }
        let announced = recent.iter().filter(|m| m.announced).count();
        if announced * 2 >= recent.len() {
            return Cause::MigrationPingpong;
        }
        let mut ports: Vec<u16> = recent.iter().flat_map(|m| [m.from, m.to]).collect();
        ports.sort_unstable();
        ports.dedup();
        // Who only swaps between two ports may be re-plugged, failing over or doubled; who walks
        // over several roams.
        if ports.len() > 2 {
            Cause::Roaming
        } else {
            Cause::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Step, every, frame, judged, numbered, packet, rarp, said, words};
    use super::*;
    use crate::model::Span;

    /// A station that stays ten seconds on each of two ports in turn.
    fn hops(times: i64) -> impl Iterator<Item = Step> {
        (0..times).flat_map(|hop: i64| {
            let port = 1 + u16::try_from(hop % 2).unwrap_or(0);
            every(1000, hop * 10_000, hop * 10_000 + 10_000, frame(1, port))
        })
    }

    #[test]
    fn five_moves_in_three_minutes_are_a_flap_and_quiet_clears_it() {
        let after = every(60_000, 80_000, 600_000, frame(1, 2));
        let events = judged(hops(8).chain(after));
        let flapping: Vec<_> = events
            .iter()
            .filter(|e| e.kind == Kind::MacFlapping)
            .cloned()
            .collect();
        assert_eq!(
            words(&flapping),
            ["mac.flapping raised", "mac.flapping cleared"]
        );
        assert_eq!(flapping[0].id, flapping[1].id);
        assert_eq!(flapping[0].moves, Some(5));
        assert!(flapping[1].time.since(flapping[0].time) >= Span::from_secs(180));
    }

    #[test]
    fn four_moves_are_moves() {
        assert_eq!(said(hops(5)), ["mac.moved"; 4]);
    }

    #[test]
    fn one_host_over_two_links_is_an_unbundled_link() {
        // One counter runs on over both ports.
        let steps = (0..60u16).map(|n| {
            let port = 1 + n / 3 % 2;
            (i64::from(n) * 200, numbered(1, port, 5, 100 + n))
        });
        let events = judged(steps);
        assert_eq!(words(&events), ["mac.flapping raised"]);
        assert_eq!(events[0].cause, Some(Cause::UnbundledLink));
    }

    #[test]
    fn a_station_that_walks_over_many_ports_roams() {
        let steps = (0..8).flat_map(|hop: i64| {
            let port = u16::try_from(hop).unwrap_or(0);
            every(
                1000,
                hop * 10_000,
                hop * 10_000 + 10_000,
                packet(1, port, 5),
            )
        });
        let events = judged(steps);
        let flap = events.iter().find(|e| e.kind == Kind::MacFlapping);
        assert_eq!(flap.and_then(|e| e.cause), Some(Cause::Roaming));
    }

    #[test]
    fn announced_moves_back_and_forth_are_a_ping_pong() {
        let announced = (1..8).map(|hop: i64| {
            let port = 1 + u16::try_from(hop % 2).unwrap_or(0);
            (hop * 10_000 + 5, rarp(1, port))
        });
        let events = judged(hops(8).chain(announced));
        let flap = events.iter().find(|e| e.kind == Kind::MacFlapping);
        assert_eq!(flap.and_then(|e| e.cause), Some(Cause::MigrationPingpong));
    }

    #[test]
    fn a_flap_that_goes_on_is_said_again_at_each_reminder_only() {
        let events = judged(hops(800));
        let flapping: Vec<_> = events
            .into_iter()
            .filter(|e| e.kind == Kind::MacFlapping)
            .collect();
        assert_eq!(
            words(&flapping),
            [
                "mac.flapping raised",
                "mac.flapping updated",
                "mac.flapping updated"
            ]
        );
    }
}
