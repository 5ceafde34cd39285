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
        let Some(roaming) = self
            .stations
            .detail(index)
            .and_then(|d| d.roaming.as_deref())
        else {
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
