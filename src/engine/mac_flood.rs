//! Detects MAC flooding (dsniff's macof and its kin) and a full table.
//!
//! Evidence: more new stations within a second than `flood_rate`, of which hardly any is ever
//! heard again. That second mark is what tells a flood from the first second of a capture of a
//! large network, where everybody is new but speaks twice. Known false positive: a scan of many
//! forged sources that is meant to be one.

use super::incidents::IncidentKey;
use super::{Engine, proof, quiet};
use crate::model::{Finding, Kind, Severity, Side, Sighting, Span, Timestamp};

/// New stations in the current second, and how many stations spoke for the second time in it.
#[derive(Default)]
pub(super) struct Flood {
    since: Timestamp,
    fresh: u32,
    again: u32,
    /// Seconds in a row that looked like a flood.
    seconds: u32,
}

const SECOND: Span = Span::from_secs(1);
/// How many such seconds in a row are a flood and not the start of a capture.
const SECONDS: u32 = 2;

impl Flood {
    /// A station was heard for the second time.
    pub(super) fn heard_again(&mut self) {
        self.again = self.again.saturating_add(1);
    }

    /// A new station; returns how many there were in the last second when that is a flood.
    fn heard_new(&mut self, now: Timestamp, rate: u32) -> Option<u32> {
        let mut flood = None;
        if now.since(self.since) > SECOND {
            let looks_bad = self.fresh > rate && self.again < self.fresh / 10;
            let seconds = if looks_bad { self.seconds + 1 } else { 0 };
            flood = (seconds >= SECONDS).then_some(self.fresh);
            *self = Flood {
                since: now,
                fresh: 0,
                again: 0,
                seconds,
            };
        }
        self.fresh = self.fresh.saturating_add(1);
        flood
    }
}

impl Engine {
    pub(super) fn judge_new_station(&mut self, sighting: &Sighting, segment: u16) {
        if let Some(stations) = self.flood.heard_new(self.clock, self.settings.flood_rate) {
            self.report_flood(sighting, segment, stations);
        }
    }

    pub(super) fn judge_full_table(&mut self, sighting: &Sighting, segment: u16) {
        let stations = u32::try_from(self.stations.len()).unwrap_or(u32::MAX);
        self.report_flood(sighting, segment, stations);
    }

    fn report_flood(&mut self, sighting: &Sighting, segment: u16, stations: u32) {
        let key = IncidentKey::new(Kind::MacFlood, &[0]);
        if self.incidents.touch(key, self.clock) {
            return;
        }
        let mut event = self.draft(Kind::MacFlood, Severity::Critical, segment);
        event.moves = Some(stations);
        event.window = Some(SECOND);
        event.to = Some(Side {
            port: Some(sighting.port),
            ..Side::default()
        });
        event
            .evidence
            .push(proof(sighting, Finding::NewStations { stations }));
        let window = quiet(&self.settings);
        self.incidents
            .report(key, self.clock, window, &mut self.timers, || event);
    }
}
