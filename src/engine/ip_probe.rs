//! Detects an address that was probed, found in use and left alone.
//!
//! Evidence: an ARP probe (RFC 5227, 2.1.1) or DAD (RFC 4862, 5.4), the owner's answer within two
//! seconds, and no claim by the prober for `settle` after that. A DHCPDECLINE says the same in one
//! frame. Look-alikes that stay silent: a host that probes its own address, a prober that takes the
//! address all the same (then it is a dispute), a probe that nobody answers.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::incidents::IncidentKey;
use super::solicited::ip_words;
use super::timers::Timer;
use super::{Engine, Seen, proof};
use crate::model::{Evidence, Finding, Kind, Mac, Severity, Span, Timestamp};

/// How long the owner's answer may take.
const ANSWER: Span = Span::from_secs(2);

struct Probe {
    segment: u16,
    ip: IpAddr,
    prober: Mac,
    time: Timestamp,
    proof: Evidence,
    answer: Option<(Mac, Evidence)>,
    /// When its timer is due.
    wake: Timestamp,
}

/// Probes that wait for an answer or for the prober to give way.
#[derive(Default)]
pub(super) struct Probes {
    slots: Vec<Option<Probe>>,
    free: Vec<u32>,
    /// Slots by segment and address; seldom more than one each.
    by_address: HashMap<(u16, IpAddr), Vec<u32>, foldhash::fast::RandomState>,
}

impl Probes {
    /// Most probes followed at a time.
    const LIMIT: usize = 1024;

    fn find(&self, segment: u16, ip: IpAddr, prober: Mac) -> Option<u32> {
        let slots = self.by_address.get(&(segment, ip))?;
        slots.iter().copied().find(|&slot| {
            let probe = self.slots[slot as usize].as_ref();
            probe.is_some_and(|p| p.prober == prober)
        })
    }

    fn insert(&mut self, probe: Probe) -> Option<u32> {
        let key = (probe.segment, probe.ip);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.slots.len() < Self::LIMIT => {
                self.slots.push(None);
                u32::try_from(self.slots.len() - 1).ok()?
            }
            None => return None,
        };
        self.slots[slot as usize] = Some(probe);
        self.by_address.entry(key).or_default().push(slot);
        Some(slot)
    }

    fn get_mut(&mut self, slot: u32) -> Option<&mut Probe> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    fn take(&mut self, slot: u32) -> Option<Probe> {
        let probe = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        let key = (probe.segment, probe.ip);
        if let Some(slots) = self.by_address.get_mut(&key) {
            slots.retain(|&other| other != slot);
            if slots.is_empty() {
                self.by_address.remove(&key);
            }
        }
        Some(probe)
    }
}

impl Engine {
    /// A station probes an address, by ARP or DAD.
    pub(super) fn note_probe(&mut self, seen: &Seen<'_>, ip: IpAddr) {
        let prober = seen.sighting.mac;
        let (_, detail) = self.stations.detailed(seen.station);
        detail.boot = self.clock;
        let owner = self.addresses.find(seen.segment, ip);
        if owner.is_some_and(|index| self.addresses.get(index).owner.mac == prober) {
            return;
        }
        let wake = self.clock + ANSWER;
        let probe = Probe {
            segment: seen.segment,
            ip,
            prober,
            time: self.clock,
            proof: proof(seen.sighting, Finding::Probed { ip, mac: prober }),
            answer: None,
            wake,
        };
        if let Some(slot) = self.probes.find(seen.segment, ip, prober) {
            if let Some(known) = self.probes.get_mut(slot)
                && known.answer.is_none()
            {
                let wake = known.wake;
                *known = Probe { wake, ..probe };
            }
            return;
        }
        if let Some(slot) = self.probes.insert(probe) {
            self.timers.set(wake, Timer::Probe(slot));
        }
    }

    /// A station claims an address: it may be the answer to a probe.
    /// Returns the answer that the claimant itself was given, if it probed before.
    pub(super) fn note_answer(
        &mut self,
        seen: &Seen<'_>,
        ip: IpAddr,
        mac: Mac,
    ) -> Option<Evidence> {
        let (segment, now) = (seen.segment, self.clock);
        let slots = self.probes.by_address.get(&(segment, ip))?.clone();
        let mut refusal = None;
        for slot in slots {
            let Some(probe) = self.probes.get_mut(slot) else {
                continue;
            };
            if probe.prober == mac {
                // The prober uses the address: no longer a probe's business.
                refusal = self.probes.take(slot).and_then(|p| p.answer);
            } else if probe.answer.is_none() && now.since(probe.time) <= ANSWER {
                probe.answer = Some((mac, proof(seen.sighting, Finding::Defended { ip, mac })));
            }
        }
        refusal.map(|(_, answer)| answer)
    }

    pub(super) fn judge_probe(&mut self, slot: u32, due: Timestamp) {
        let Some(probe) = self.probes.get_mut(slot).filter(|p| p.wake == due) else {
            // The timer of a probe that had this place before.
            return;
        };
        // The probe may have been repeated meanwhile, the answer have come late.
        probe.wake = match &probe.answer {
            None => probe.time + ANSWER,
            Some((_, answer)) => answer.time + self.settings.settle,
        };
        if probe.wake > due {
            let wake = probe.wake;
            self.timers.set(wake, Timer::Probe(slot));
            return;
        }
        let Some(probe) = self.probes.take(slot) else {
            return;
        };
        let Some((owner, answer)) = probe.answer else {
            return;
        };
        self.say_probe_conflict(
            probe.segment,
            probe.ip,
            probe.prober,
            Some(owner),
            vec![probe.proof, answer],
        );
    }

    /// Says that a prober gave way. A probe of its own that is still open has led to it, and is
    /// part of the evidence.
    pub(super) fn say_probe_conflict(
        &mut self,
        segment: u16,
        ip: IpAddr,
        prober: Mac,
        mut owner: Option<Mac>,
        mut evidence: Vec<Evidence>,
    ) {
        let slot = self.probes.find(segment, ip, prober);
        if let Some(probe) = slot.and_then(|slot| self.probes.take(slot)) {
            let answer = probe.answer.map(|(mac, answer)| {
                owner.get_or_insert(mac);
                answer
            });
            evidence.splice(0..0, std::iter::once(probe.proof).chain(answer));
        }
        let mut event = self.draft(Kind::IpProbeConflict, Severity::Notice, segment);
        event.mac = Some(prober);
        event.ip = Some(ip);
        event.from = owner.map(|mac| self.side_of(segment, mac));
        event.to = Some(self.side_of(segment, prober));
        event.evidence = evidence;
        let [high, low] = ip_words(ip);
        let subject = [u64::from(segment), high, low, prober.to_bits()];
        self.incidents
            .observe(IncidentKey::new(Kind::IpProbeConflict, &subject), event);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        Step, about, announces, dhcp, every, judged, packet, probes, replies, words,
    };
    use super::*;
    use crate::model::DhcpMessage;

    fn said(steps: impl IntoIterator<Item = Step>) -> Vec<String> {
        words(&about("ip.", judged(steps)))
    }

    /// Station 1 has address 5.
    fn owner() -> impl Iterator<Item = Step> {
        every(500, 10, 10_000, packet(1, 1, 5)).chain([(0, announces(1, 1, 5))])
    }

    #[test]
    fn a_prober_that_was_answered_and_gave_way_is_a_probe_conflict() {
        let events =
            judged(owner().chain([(3000, probes(2, 2, 5)), (3001, replies(1, 1, 5, 2, 5))]));
        let events = about("ip.", events);
        assert_eq!(words(&events), ["ip.probe_conflict"]);
        assert_eq!(events[0].severity, Severity::Notice);
        assert_eq!(events[0].mac, Some(super::super::testing::mac(2)));
        assert_eq!(events[0].evidence.len(), 2);
    }

    #[test]
    fn three_probes_of_one_host_are_one_conflict() {
        let rounds = [3000, 3200, 3400];
        let steps = rounds
            .into_iter()
            .flat_map(|time| [(time, probes(2, 2, 5)), (time + 1, replies(1, 1, 5, 2, 5))]);
        assert_eq!(said(owner().chain(steps)), ["ip.probe_conflict"]);
    }

    #[test]
    fn a_probe_that_nobody_answers_is_none() {
        assert!(said(owner().chain([(3000, probes(2, 2, 6))])).is_empty());
    }

    #[test]
    fn a_host_may_probe_its_own_address() {
        assert!(said(owner().chain([(3000, probes(1, 1, 5))])).is_empty());
    }

    #[test]
    fn a_declined_lease_says_the_same_in_one_frame() {
        let declined = [(3000, dhcp(2, 2, DhcpMessage::Decline, 5))];
        assert_eq!(said(owner().chain(declined)), ["ip.probe_conflict"]);
    }

    #[test]
    fn a_probe_is_watched_by_one_timer_however_often_its_place_changes_hands() {
        let mut engine = Engine::new(crate::engine::Settings::default());
        let rounds = (0..2000)
            .flat_map(|n: i64| [(n * 10, probes(1, 1, 5)), (n * 10 + 5, announces(1, 1, 6))]);
        let steps = rounds.chain((0..2000).map(|n: i64| (n * 10 + 7, replies(1, 1, 5, 9, 9))));
        super::super::testing::play(&mut engine, steps);
        let mut left = 0;
        while engine.timers.pop(Timestamp::MAX).is_some() {
            left += 1;
        }
        assert!(left < 250, "{left} timers");
    }
}
