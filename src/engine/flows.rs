//! Whether one host speaks on two ports, or two: the counters of its flows tell.
//!
//! A host numbers the packets it sends to a destination. Modern Linux keeps a counter per
//! (source, destination, protocol), other systems one for all; either way the numbers of one host
//! run on, whichever link a packet takes, while two hosts count for themselves. ICMP echo
//! sequence numbers and IPv4 identifications are followed; an identification of zero (DF set, RFC 6864)
//! says nothing.

use std::net::IpAddr;

use super::incidents::digest;
use crate::model::{FrameRef, IpFact, Timestamp};

/// How far a counter may run on between two frames and still be the same counter. Counters are
/// 16 bits wide, so two unrelated ones look alike in 1 of 64 cases.
const STEP: u16 = 1024;

/// The last counter values of one flow, on the two ports it was last seen on.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    flow: u64,
    last: Timestamp,
    ports: [(u16, u16); 2],
    known: u8,
}

/// What the counters of a station say so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flows {
    marks: [Mark; 8],
    /// Times a counter ran on across ports.
    pub(super) shared: u16,
    /// Times a counter ran on within its port but not across.
    pub(super) separate: u16,
    /// The last frame that said so, either way.
    pub(super) shared_at: Option<(Timestamp, FrameRef, u16)>,
    /// The last frame that said otherwise.
    pub(super) separate_at: Option<(Timestamp, FrameRef, u16)>,
}

impl Flows {
    /// Follows one packet.
    pub(super) fn observe(&mut self, ip: &IpFact, port: u16, time: Timestamp, at: FrameRef) {
        let IpAddr::V4(source) = ip.source else {
            return;
        };
        let IpAddr::V4(destination) = ip.destination else {
            return;
        };
        if ip.id == 0 || destination.is_multicast() || destination.is_broadcast() {
            return;
        }
        let pair = u64::from(u32::from(source)) << 32 | u64::from(u32::from(destination));
        let flow = digest(u64::from(ip.protocol), &[pair]) | 1;
        let index = match self.marks.iter().position(|m| m.flow == flow) {
            Some(index) => index,
            None => self.claim(flow),
        };
        let mark = &mut self.marks[index];
        mark.last = time;
        let runs_on = |before: u16| (1..=STEP).contains(&ip.id.wrapping_sub(before));
        let own = mark.ports[..usize::from(mark.known)]
            .iter()
            .position(|&(p, _)| p == port);
        let other = mark.ports[..usize::from(mark.known)]
            .iter()
            .position(|&(p, _)| p != port);
        if let Some(other) = other {
            let across = runs_on(mark.ports[other].1);
            let within = own.map(|own| runs_on(mark.ports[own].1));
            if across && other == 0 {
                // The latest mark stands first, so `other == 0` means the speaker has changed.
                self.shared = self.shared.saturating_add(1);
                self.shared_at = Some((time, at, port));
            } else if within == Some(true) && !across {
                self.separate = self.separate.saturating_add(1);
                self.separate_at = Some((time, at, port));
            }
        }
        // The port of this packet moves to the front.
        if own != Some(0) {
            mark.ports[1] = mark.ports[0];
            mark.known = if mark.known == 0 { 1 } else { 2 };
        }
        mark.ports[0] = (port, ip.id);
    }

    fn claim(&mut self, flow: u64) -> usize {
        let index = (0..self.marks.len())
            .min_by_key(|&i| self.marks[i].last)
            .unwrap_or(0);
        self.marks[index] = Mark {
            flow,
            ..Mark::default()
        };
        index
    }

    /// Whether the counters speak for one host.
    pub(super) fn is_one_host(&self) -> bool {
        self.shared >= 2 && self.shared > self.separate
    }

    /// Whether the counters speak for two hosts.
    pub(super) fn are_two_hosts(&self) -> bool {
        self.separate >= 2 && self.separate > self.shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    fn packet(id: u16) -> IpFact {
        IpFact {
            source: IpAddr::from([10, 0, 0, 1]),
            destination: IpAddr::from([10, 0, 0, 9]),
            hop_limit: 64,
            protocol: 17,
            id,
            ports: 0,
            sequence: 0,
        }
    }

    fn follow(steps: &[(u16, u16)]) -> Flows {
        let mut flows = Flows::default();
        for (n, &(port, id)) in steps.iter().enumerate() {
            let time = Timestamp::default() + Span::from_millis(i64::try_from(n).unwrap_or(0));
            flows.observe(&packet(id), port, time, FrameRef::default());
        }
        flows
    }

    #[test]
    fn a_counter_that_runs_on_across_ports_is_one_host() {
        let flows = follow(&[(1, 100), (2, 107), (1, 110), (1, 111), (2, 130)]);
        assert!(flows.is_one_host(), "{flows:?}");
        assert_eq!(flows.separate, 0);
    }

    #[test]
    fn counters_that_run_on_for_themselves_are_two_hosts() {
        let flows = follow(&[
            (1, 100),
            (2, 30_000),
            (1, 110),
            (2, 30_005),
            (1, 111),
            (2, 30_030),
        ]);
        assert!(flows.are_two_hosts(), "{flows:?}");
        assert_eq!(flows.shared, 0);
    }

    #[test]
    fn packets_without_identification_say_nothing() {
        let flows = follow(&[(1, 0), (2, 0), (1, 0), (2, 0)]);
        assert!(!flows.is_one_host() && !flows.are_two_hosts());
    }
}
