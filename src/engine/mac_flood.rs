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
        let passed = now.since(self.since);
        if passed > SECOND {
            let looks_bad = self.fresh > rate && self.again < self.fresh / 10;
            let mut seconds = if looks_bad {
                self.seconds.saturating_add(1)
            } else {
                0
            };
            flood = (seconds >= SECONDS).then_some(self.fresh);
            if passed > SECOND + SECOND {
                // A pause: the next second stands alone.
                seconds = 0;
            }
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

#[cfg(test)]
mod tests {
    use super::super::testing::{Step, about, at, frame, judged, judged_with, words};
    use super::*;
    use crate::engine::Settings;
    use crate::model::{Event, Mac};

    /// New stations, so many a second, from one second to another.
    fn strangers(rate: i64, from: i64, to: i64) -> impl Iterator<Item = Step> {
        (from * rate..to * rate).map(move |n| {
            let bits = 0x0200_0000_0000 + n.cast_unsigned();
            let mac = Mac::from_bits(bits);
            (n * 1000 / rate, Sighting { mac, ..frame(1, 1) })
        })
    }

    fn said(events: Vec<Event>) -> Vec<String> {
        words(&about("mac.flood", events))
    }

    #[test]
    fn thousands_of_strangers_a_second_are_a_flood() {
        let events = about("mac.flood", judged(strangers(2000, 0, 5)));
        assert_eq!(words(&events), ["mac.flood raised"]);
        assert_eq!(events[0].severity, Severity::Critical);
    }

    #[test]
    fn the_start_of_a_capture_of_a_large_network_is_none() {
        let twice = strangers(2000, 0, 5).map(|(time, sighting)| (time + 300, sighting));
        assert!(said(judged(strangers(2000, 0, 5).chain(twice))).is_empty());
    }

    #[test]
    fn strangers_below_the_rate_are_none() {
        assert!(said(judged(strangers(900, 0, 5))).is_empty());
    }

    #[test]
    fn bad_seconds_with_a_pause_between_are_not_in_a_row() {
        let mut flood = Flood::default();
        let mut heard = |from: i64| {
            (0..20)
                .filter_map(|n| flood.heard_new(at(from + n), 10))
                .count()
        };
        assert_eq!([0, 60_000, 120_000].map(&mut heard), [0, 0, 0]);
        assert_eq!([180_000, 181_100, 182_200].map(&mut heard), [0, 0, 1]);
    }

    #[test]
    fn a_flood_clears_when_the_strangers_stop() {
        let calm = (0..400).map(|n: i64| (5000 + n * 1000, frame(1, 1)));
        let events = judged(strangers(2000, 0, 5).chain(calm));
        assert_eq!(said(events), ["mac.flood raised", "mac.flood cleared"]);
    }

    #[test]
    fn a_full_table_is_said() {
        let settings = Settings {
            max_stations: 3,
            ..Settings::default()
        };
        let events = judged_with(settings, strangers(1, 0, 5));
        assert_eq!(said(events), ["mac.flood raised"]);
    }
}
