//! Who asked for what: tells an ARP reply that was asked for from one that was not.

use std::net::IpAddr;

use super::incidents::digest;
use crate::model::{Mac, Span, Timestamp};

/// Recent requests in a fixed table, one slot per hash. A lost slot makes a reply look unsolicited,
/// which is why no verdict rests on one reply.
pub(super) struct Requests {
    slots: Vec<(u64, Timestamp)>,
}

/// How long an answer may take. Hosts ask again after one second (RFC 1122, 2.3.2.1).
const PATIENCE: Span = Span::from_secs(3);

impl Requests {
    const SLOTS: usize = 4096;

    pub(super) fn new() -> Self {
        Requests {
            slots: vec![(0, Timestamp::MIN); Self::SLOTS],
        }
    }

    fn key(segment: u16, ip: IpAddr, asker: Mac) -> u64 {
        let [high, low] = ip_words(ip);
        digest(u64::from(segment), &[high, low, asker.to_bits()])
    }

    fn index(key: u64) -> usize {
        (key >> 32) as usize % Self::SLOTS
    }

    /// `asker` asked who has `ip`.
    pub(super) fn note(&mut self, segment: u16, ip: IpAddr, asker: Mac, now: Timestamp) {
        let key = Self::key(segment, ip, asker);
        self.slots[Self::index(key)] = (key, now);
    }

    /// Whether `asker` asked for `ip` a moment ago.
    pub(super) fn asked(&self, segment: u16, ip: IpAddr, asker: Mac, now: Timestamp) -> bool {
        let key = Self::key(segment, ip, asker);
        let (slot, time) = self.slots[Self::index(key)];
        slot == key && now.since(time) <= PATIENCE
    }
}

/// An address as two words, IPv4 mapped into IPv6, for keys and digests.
#[expect(clippy::cast_possible_truncation, reason = "the halves of the bits")]
pub(super) fn ip_words(ip: IpAddr) -> [u64; 2] {
    let bits = match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    };
    [(bits >> 64) as u64, bits as u64]
}
