//! Detects two stations with one MAC on one port, by the identities they give in DHCP.
//!
//! Evidence: client identifier, vendor class and host name of one hardware address return in
//! turn, A B A, and the return is a renewal (RFC 2131, 4.3.2: `ciaddr` is set), which only a client
//! that kept running can send. A PXE boot, a dual boot and a reboot start with a DISCOVER or ask
//! without `ciaddr`; they are sequences and prove nothing.

use super::incidents::{IncidentKey, digest};
use super::{Engine, Seen, proof, quiet};
use crate::model::{
    Cause, Confidence, DhcpFact, Evidence, Finding, Kind, Label, Origin, Severity, Side, Timestamp,
};

/// One identity a hardware address gave in DHCP.
#[derive(Clone, Debug)]
struct Given {
    digest: u64,
    name: Label,
    last: Timestamp,
    proof: Evidence,
}

/// The identities of one station, two at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    given: Vec<Given>,
}

impl Identity {
    const LIMIT: usize = 2;
}

impl Engine {
    pub(super) fn judge_dhcp_identity(&mut self, seen: &Seen<'_>, dhcp: &DhcpFact) {
        let now = self.clock;
        let name_words = dhcp.hostname.as_bytes().chunks(8).map(|chunk| {
            chunk
                .iter()
                .fold(0u64, |word, &byte| word << 8 | u64::from(byte))
        });
        let words: Vec<u64> = [dhcp.client_id, dhcp.vendor_class]
            .into_iter()
            .chain(name_words)
            .collect();
        let digest = digest(1, &words);
        let finding = Finding::DhcpIdentities {
            left: dhcp.hostname,
            right: dhcp.hostname,
        };
        let given = Given {
            digest,
            name: dhcp.hostname,
            last: now,
            proof: proof(seen.sighting, finding),
        };
        let (_, detail) = self.stations.detailed(seen.station);
        let identity = detail.identity.get_or_insert_with(Box::default);
        let Some(known) = identity.given.iter().position(|g| g.digest == digest) else {
            if identity.given.len() >= Identity::LIMIT {
                identity.given.remove(0);
            }
            identity.given.push(given);
            return;
        };
        let before = std::mem::replace(&mut identity.given[known], given);
        let is_renewal = !dhcp.client_ip.is_unspecified();
        let Some(other) = identity
            .given
            .iter()
            .find(|g| g.digest != digest && g.last > before.last)
            .cloned()
            .filter(|_| is_renewal)
        else {
            return;
        };
        self.raise_twins(seen, &before, &other);
    }

    fn raise_twins(&mut self, seen: &Seen<'_>, left: &Given, right: &Given) {
        let station = *self.stations.get(seen.station);
        let key = IncidentKey::new(Kind::MacDuplicate, &[station.key()]);
        if self.incidents.touch(key, self.clock) {
            return;
        }
        let side = |given: &Given| Side {
            port: Some(seen.sighting.port),
            last_seen: Some(given.last),
            hostname: Some(given.name).filter(|name| !name.is_empty()),
            ..Side::default()
        };
        let finding = Finding::DhcpIdentities {
            left: left.name,
            right: right.name,
        };
        let mut event = self.draft(Kind::MacDuplicate, Severity::Critical, seen.segment);
        event.mac = Some(station.mac());
        event.from = Some(side(left));
        event.to = Some(side(right));
        event.confidence = Some(Confidence::Likely);
        event.cause = Some(Cause::DuplicateStation);
        event.origin = Some(Origin::ClonedVm);
        event.evidence = vec![
            left.proof.clone(),
            right.proof.clone(),
            proof(seen.sighting, finding),
        ];
        let window = quiet(&self.settings);
        self.incidents
            .report(key, self.clock, window, &mut self.timers, || event);
    }
}
