//! Detects frames whose source no station can have: group, broadcast or zero.
//!
//! Evidence: the Ethernet source of one frame. Exempt are loopback captures, where source and
//! destination are both zero, and IGMP queries that hypervisors send with a zero source.
//! One condition for each shape in a segment: who makes sources up (macof) makes up thousands.

use super::incidents::IncidentKey;
use super::{Engine, proof, quiet};
use crate::model::{Finding, Kind, Mac, Severity, Side, Sighting};

/// IP protocol number of IGMP (RFC 3376, 4).
const IGMP: u8 = 2;

impl Engine {
    pub(super) fn judge_invalid_source(&mut self, sighting: &Sighting, segment: u16) {
        let mac = sighting.mac;
        let is_loopback = mac.is_zero() && sighting.destination.is_zero();
        let is_igmp = mac.is_zero() && sighting.ip.is_some_and(|ip| ip.protocol == IGMP);
        if is_loopback || is_igmp {
            return;
        }
        let key = IncidentKey::new(Kind::FrameInvalidSource, &[u64::from(segment), shape(mac)]);
        if self.incidents.touch(key, self.clock) {
            return;
        }
        let mut event = self.draft(Kind::FrameInvalidSource, Severity::Warning, segment);
        event.mac = Some(mac);
        event.to = Some(Side {
            port: Some(sighting.port),
            first_seen: Some(sighting.first),
            ..Side::default()
        });
        event
            .evidence
            .push(proof(sighting, Finding::InvalidSource { mac }));
        let window = quiet(&self.settings);
        self.incidents
            .report(key, self.clock, window, &mut self.timers, || event);
    }
}

/// Zero, broadcast or group.
fn shape(mac: Mac) -> u64 {
    match mac {
        Mac::ZERO => 0,
        Mac::BROADCAST => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Step, every, frame, judged, packet, said};
    use super::*;

    fn from(mac: Mac, sighting: Sighting) -> Sighting {
        Sighting { mac, ..sighting }
    }

    #[test]
    fn a_broadcast_source_is_invalid_and_makes_no_station() {
        let steps = every(1000, 0, 5000, from(Mac::BROADCAST, frame(1, 1)));
        let events = judged(steps);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, Kind::FrameInvalidSource);
        assert_eq!(events[0].severity, Severity::Warning);
        assert_eq!(events[0].mac, Some(Mac::BROADCAST));
    }

    #[test]
    fn it_clears_when_there_are_no_more() {
        let steps: [Step; 2] = [
            (0, from(Mac::BROADCAST, frame(1, 1))),
            (300_000, frame(2, 1)),
        ];
        assert_eq!(
            said(steps),
            [
                "frame.invalid_source raised",
                "frame.invalid_source cleared"
            ]
        );
    }

    #[test]
    fn a_loopback_capture_has_no_addresses_at_all() {
        let mut sighting = from(Mac::ZERO, packet(1, 1, 5));
        assert_eq!(said([(0, sighting)]), ["frame.invalid_source raised"]);
        sighting.destination = Mac::ZERO;
        assert!(said([(0, sighting)]).is_empty());
    }

    #[test]
    fn hypervisors_send_igmp_queries_from_zero() {
        let mut sighting = from(Mac::ZERO, packet(1, 1, 5));
        if let Some(header) = &mut sighting.ip {
            header.protocol = IGMP;
        }
        assert!(said([(0, sighting)]).is_empty());
    }
}
