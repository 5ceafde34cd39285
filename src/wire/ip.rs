use crate::model::IpFact;

use super::transport;

/// IP protocol numbers that are looked into (IANA registry).
pub(super) mod protocol {
    pub(in super::super) const ICMP: u8 = 1;
    pub(in super::super) const IPV4: u8 = 4;
    pub(in super::super) const TCP: u8 = 6;
    pub(in super::super) const UDP: u8 = 17;
    pub(in super::super) const IPV6: u8 = 41;
    pub(in super::super) const GRE: u8 = 47;
    pub(in super::super) const ICMPV6: u8 = 58;
    pub(in super::super) const VRRP: u8 = 112;
}

/// An IP packet after its headers and extension headers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    /// What the sighting carries.
    pub(super) fact: IpFact,
    /// What follows the headers, without link-layer padding, as far as it was captured.
    /// Empty for all fragments but the first.
    pub(super) payload: &'a [u8],
    /// How long that was on the wire, by the IP header.
    pub(super) declared: usize,
}

impl<'a> Packet<'a> {
    /// Puts the flow's ports and counters into the fact.
    #[inline]
    pub(super) fn new(mut fact: IpFact, payload: &'a [u8], declared: usize) -> Self {
        (fact.ports, fact.sequence) = transport::flow(fact.protocol, payload);
        Packet {
            fact,
            payload,
            declared,
        }
    }
}
