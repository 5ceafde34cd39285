//! Detects an address that was probed, found in use and left alone.
//!
//! Evidence: an ARP probe (RFC 5227, 2.1.1) or DAD (RFC 4862, 5.4), the owner's answer within two
//! seconds, and no claim by the prober for `settle` after that. A DHCPDECLINE says the same in one
//! frame. Look-alikes that stay silent: a host that probes its own address, a prober that takes the
//! address all the same (then it is a dispute), a probe that nobody answers.

use std::net::IpAddr;

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
}

/// Probes that wait for an answer or for the prober to give way.
#[derive(Default)]
pub(super) struct Probes {
    open: Vec<Option<Probe>>,
}

impl Probes {
    /// Most probes followed at a time.
    const LIMIT: usize = 1024;
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
        let probe = Probe {
            segment: seen.segment,
            ip,
            prober,
            time: self.clock,
            proof: proof(seen.sighting, Finding::Probed { ip, mac: prober }),
            answer: None,
        };
        let same = |slot: &Option<Probe>| {
            slot.as_ref()
                .is_some_and(|p| p.ip == ip && p.prober == prober && p.segment == seen.segment)
        };
        if let Some(slot) = self.probes.open.iter_mut().find(|slot| same(slot)) {
            if slot.as_ref().is_some_and(|p| p.answer.is_none()) {
                *slot = Some(probe);
            }
            return;
        }
        let index = match self.probes.open.iter().position(Option::is_none) {
            Some(index) => index,
            None if self.probes.open.len() < Probes::LIMIT => {
                self.probes.open.push(None);
                self.probes.open.len() - 1
            }
            None => return,
        };
        self.probes.open[index] = Some(probe);
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        self.timers.set(self.clock + ANSWER, Timer::Probe(number));
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
        let mut refusal = None;
        for slot in &mut self.probes.open {
            let Some(probe) = slot else { continue };
            if probe.ip != ip || probe.segment != segment {
                continue;
            }
            if probe.prober == mac {
                // The prober uses the address: no longer a probe's business.
                refusal = slot.take().and_then(|p| p.answer).map(|(_, answer)| answer);
            } else if probe.answer.is_none() && now.since(probe.time) <= ANSWER {
                probe.answer = Some((mac, proof(seen.sighting, Finding::Defended { ip, mac })));
            }
        }
        refusal
    }

    pub(super) fn judge_probe(&mut self, index: u32, due: Timestamp) {
        let Some(slot) = self.probes.open.get_mut(index as usize) else {
            return;
        };
        let Some(probe) = slot.as_ref() else { return };
        let Some((_, answer)) = &probe.answer else {
            // The probe may have been repeated meanwhile.
            if probe.time + ANSWER > due {
                self.timers.set(probe.time + ANSWER, Timer::Probe(index));
            } else {
                *slot = None;
            }
            return;
        };
        let settled = answer.time + self.settings.settle;
        if settled > due {
            self.timers.set(settled, Timer::Probe(index));
            return;
        }
        let Some(probe) = slot.take() else { return };
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
        let is_its_own = |p: &mut Probe| p.ip == ip && p.prober == prober && p.segment == segment;
        let mut open = self.probes.open.iter_mut();
        if let Some(probe) = open.find_map(|slot| slot.take_if(is_its_own)) {
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
