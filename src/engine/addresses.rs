//! The table of IP addresses: who claims which, and what disputes there are.

use std::hash::BuildHasher;
use std::net::IpAddr;

use hashbrown::HashTable;

use crate::model::{EventId, Evidence, FrameRef, Mac, Timestamp};

/// One station's hold on an address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    pub(super) mac: Mac,
    /// First sign.
    pub(super) first: Timestamp,
    /// Last sign of any kind: a claim or an IP frame.
    pub(super) last: Timestamp,
    /// The frame of the last sign.
    pub(super) at: FrameRef,
    /// Claims made; zero when it only sends from the address.
    pub(super) claims: u32,
    /// Last claim.
    pub(super) claimed: Timestamp,
    /// Replies that nobody had asked for, sent to one station each.
    pub(super) unasked: u32,
    /// IP frames from the address.
    pub(super) sent: u32,
    /// It gave the address back (DHCP) and has not used it since.
    pub(super) released: bool,
}

impl Holder {
    pub(super) fn new(mac: Mac, time: Timestamp, at: FrameRef, claim: bool) -> Self {
        Holder {
            mac,
            first: time,
            last: time,
            at,
            claims: u32::from(claim),
            claimed: time,
            unasked: 0,
            sent: u32::from(!claim),
            released: false,
        }
    }

    pub(super) fn sign(&mut self, time: Timestamp, at: FrameRef, claim: bool) {
        self.last = time;
        self.at = at;
        self.released = false;
        if claim {
            self.claims = self.claims.saturating_add(1);
            self.claimed = time;
        } else {
            self.sent = self.sent.saturating_add(1);
        }
    }
}

/// Two MACs and one address.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "signs that are found apart from one another"
)]
pub(super) struct Dispute {
    /// The newcomer.
    pub(super) challenger: Holder,
    /// When the newcomer first claimed.
    pub(super) since: Timestamp,
    /// Signs of the owner after that, beyond frames that were under way.
    pub(super) owner_after: u32,
    /// How often the claimant changed since the newcomer's first claim: A, B, A counts one.
    pub(super) turns: u32,
    /// Whether the last claim was the owner's.
    pub(super) owner_last: bool,
    /// The owner claimed the address right after the newcomer did.
    pub(super) defended: bool,
    /// Both answered one request.
    pub(super) both_answered: bool,
    /// The newcomer itself named the owner elsewhere, or restored its address.
    pub(super) contradicted: bool,
    /// Form of the newcomer's announcements, if it announced.
    pub(super) announced: bool,
    /// A verdict was given.
    pub(super) judged: Verdict,
    pub(super) evidence: Vec<Evidence>,
}

/// What became of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not yet.
    Waiting,
    /// `ip.duplicate` is open.
    Duplicate,
    /// `arp.spoofing` is open.
    Spoofing,
    /// `ip.shared` was said.
    Shared,
}

impl Dispute {
    /// Most evidence kept.
    const EVIDENCE: usize = 12;

    pub(super) fn new(challenger: Holder, since: Timestamp) -> Self {
        Dispute {
            challenger,
            since,
            owner_after: 0,
            turns: 0,
            owner_last: false,
            defended: false,
            both_answered: false,
            contradicted: false,
            announced: false,
            judged: Verdict::Waiting,
            evidence: Vec::new(),
        }
    }

    /// Records whose claim was heard.
    pub(super) fn claimed_by(&mut self, owner: bool) {
        self.turns += u32::from(self.owner_last != owner);
        self.owner_last = owner;
    }

    /// Whether all that is known are answers of both to the same questions, which one host with
    /// two interfaces gives as two hosts do.
    pub(super) fn is_only_answers(&self, owner: &Holder) -> bool {
        let both_send = owner.last > self.since && owner.sent > 0 && self.challenger.sent > 0;
        self.both_answered && !self.announced && !self.defended && !both_send
    }

    /// Whether the owner gave signs of life after the newcomer's claim. One claim right after it
    /// may have been under way; claims in turn were not.
    pub(super) fn owner_lives(&self) -> bool {
        self.owner_after > 0 || self.turns >= 3
    }

    pub(super) fn prove(&mut self, evidence: Evidence) {
        if self.evidence.len() < Self::EVIDENCE {
            self.evidence.push(evidence);
        }
    }
}

/// An IP address within a segment.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) ip: IpAddr,
    /// Segment number.
    pub(super) segment: u16,
    pub(super) owner: Holder,
    /// The owner before this one, for addresses that go back and forth.
    pub(super) former: Option<(Mac, Timestamp)>,
    /// A cluster manager announced it for its owner.
    pub(super) is_managed: bool,
    /// The last move or failover that was said of it.
    pub(super) moved: Option<EventId>,
    pub(super) dispute: Option<Box<Dispute>>,
}

/// Addresses by segment and IP, bounded.
pub(super) struct AddressTable {
    slab: Vec<Address>,
    table: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    limit: usize,
    hand: usize,
}

/// How many records are looked at to find an idle one.
const EVICTION_SAMPLE: usize = 16;

impl AddressTable {
    pub(super) fn new(limit: usize) -> Self {
        AddressTable {
            slab: Vec::new(),
            table: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            limit: limit.clamp(1, u32::MAX as usize),
            hand: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slab.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Address> {
        self.slab.iter()
    }

    pub(super) fn find(&self, segment: u16, ip: IpAddr) -> Option<usize> {
        let slab = &self.slab;
        self.table
            .find(self.hasher.hash_one((segment, ip)), |&index| {
                let address = &slab[index as usize];
                address.ip == ip && address.segment == segment
            })
            .map(|&index| index as usize)
    }

    pub(super) fn get(&self, index: usize) -> &Address {
        &self.slab[index]
    }

    pub(super) fn get_mut(&mut self, index: usize) -> &mut Address {
        &mut self.slab[index]
    }

    /// Enters an address that is not there yet. A full table lets an idle one go.
    pub(super) fn insert(&mut self, segment: u16, ip: IpAddr, owner: Holder) -> usize {
        let address = Address {
            ip,
            segment,
            owner,
            former: None,
            is_managed: false,
            moved: None,
            dispute: None,
        };
        let index = if self.slab.len() < self.limit {
            self.slab.push(address);
            self.slab.len() - 1
        } else {
            let index = self.idlest();
            let old = &self.slab[index];
            let hash = self.hasher.hash_one((old.segment, old.ip));
            if let Ok(entry) = self.table.find_entry(hash, |&i| i as usize == index) {
                entry.remove();
            }
            self.slab[index] = address;
            index
        };
        let (slab, hasher) = (&self.slab, &self.hasher);
        let number = u32::try_from(index).expect("the limit keeps indices within 32 bits");
        self.table
            .insert_unique(hasher.hash_one((segment, ip)), number, |&i| {
                let address = &slab[i as usize];
                hasher.hash_one((address.segment, address.ip))
            });
        index
    }

    fn idlest(&mut self) -> usize {
        let len = self.slab.len();
        let candidates = (0..EVICTION_SAMPLE.min(len)).map(|step| (self.hand + step) % len);
        let index = candidates
            .min_by_key(|&i| self.slab[i].owner.last)
            .unwrap_or(0);
        self.hand = (self.hand + EVICTION_SAMPLE) % len;
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    fn holder(octet: u8, secs: i64) -> Holder {
        let time = Timestamp::default() + Span::from_secs(secs);
        Holder::new(
            Mac::new([2, 0, 0, 0, 0, octet]),
            time,
            FrameRef::default(),
            true,
        )
    }

    #[test]
    fn one_ip_in_two_segments_is_two_addresses() {
        let mut table = AddressTable::new(8);
        let ip = IpAddr::from([10, 0, 0, 1]);
        let first = table.insert(0, ip, holder(1, 1));
        let second = table.insert(1, ip, holder(2, 1));
        assert_ne!(first, second);
        assert_eq!(table.find(0, ip), Some(first));
        assert_eq!(table.find(1, ip), Some(second));
    }

    #[test]
    fn a_full_table_lets_an_idle_address_go() {
        let mut table = AddressTable::new(2);
        table.insert(0, IpAddr::from([10, 0, 0, 1]), holder(1, 9));
        table.insert(0, IpAddr::from([10, 0, 0, 2]), holder(2, 3));
        table.insert(0, IpAddr::from([10, 0, 0, 3]), holder(3, 10));
        assert_eq!(table.len(), 2);
        assert_eq!(table.find(0, IpAddr::from([10, 0, 0, 2])), None);
        assert!(table.find(0, IpAddr::from([10, 0, 0, 3])).is_some());
    }
}
