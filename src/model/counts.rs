/// Declares the counters of a run together with their names.
macro_rules! counters {
    ($($(#[$doc:meta])* $field:ident,)+) => {
        /// What the decoder counted, by the names of `--stats` (SPEC section 7). Headers inside
        /// tunnels count too.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Counts {
            $($(#[$doc])* pub $field: u64,)+
            /// Frames that could not be used, by [`Reject`].
            pub rejected: [u64; Reject::ALL.len()],
        }

        impl Counts {
            /// Every counter with its name, in the order of the documentation.
            pub fn named(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($field), self.$field),)+].into_iter()
            }

            /// Adds what another part of the run counted.
            pub fn add(&mut self, other: &Counts) {
                $(self.$field += other.$field;)+
                for (sum, &count) in self.rejected.iter_mut().zip(&other.rejected) {
                    *sum += count;
                }
            }
        }
    };
}

counters! {
    /// Frames read.
    frames,
    /// Bytes of those frames as captured.
    bytes,
    /// ARP requests.
    arp_requests,
    /// ARP replies.
    arp_replies,
    /// ARP with sender equal to target and not 0.0.0.0.
    arp_gratuitous,
    /// ARP requests with sender 0.0.0.0.
    arp_probes,
    /// RARP frames.
    rarp,
    /// Frames with at least one VLAN tag.
    vlan_tagged,
    /// VXLAN headers.
    vxlan,
    /// Geneve headers.
    geneve,
    /// GRE headers.
    gre,
    /// ERSPAN headers.
    erspan,
    /// Neighbour solicitations.
    ndp_ns,
    /// Neighbour advertisements.
    ndp_na,
    /// Neighbour solicitations from the unspecified address.
    ndp_dad,
    /// DHCP for IPv4.
    dhcp,
    /// DHCP for IPv6.
    dhcpv6,
    /// VRRP and CARP.
    vrrp,
    /// HSRP.
    hsrp,
    /// GLBP.
    glbp,
    /// LLDP and CDP.
    lldp_cdp,
    /// LACPDUs.
    lacp,
}

/// Why a frame, or a header within it, could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Reject {
    /// Cut off before the Ethernet (or cooked) header was complete.
    LinkTruncated,
    /// A cooked header for another kind of hardware than Ethernet.
    LinkNotEthernet,
    /// Cut off within a VLAN tag or the EtherType behind it.
    VlanTruncated,
    /// ARP cut off.
    ArpTruncated,
    /// ARP for other hardware or another protocol than Ethernet and IPv4.
    ArpUnsupported,
    /// IPv4 header cut off, too short or of another version.
    Ipv4Malformed,
    /// IPv6 header or extension header cut off or of another version.
    Ipv6Malformed,
    /// An ICMPv6 neighbour discovery message that RFC 4861 section 6 and 7 say to discard.
    NdpMalformed,
    /// DHCP or DHCPv6 without its fixed part or with broken options.
    DhcpMalformed,
    /// A redundancy advertisement that its protocol says to discard.
    RedundancyMalformed,
    /// LLDP, CDP or LACP with broken lengths.
    LinkProtocolMalformed,
    /// A tunnel header cut off or broken.
    TunnelMalformed,
    /// Tunnels nested deeper than the decoder enters.
    TunnelTooDeep,
}

impl Reject {
    /// Every reason, in order of declaration: `ALL[r as usize] == r`.
    pub const ALL: [Reject; 13] = [
        Reject::LinkTruncated,
        Reject::LinkNotEthernet,
        Reject::VlanTruncated,
        Reject::ArpTruncated,
        Reject::ArpUnsupported,
        Reject::Ipv4Malformed,
        Reject::Ipv6Malformed,
        Reject::NdpMalformed,
        Reject::DhcpMalformed,
        Reject::RedundancyMalformed,
        Reject::LinkProtocolMalformed,
        Reject::TunnelMalformed,
        Reject::TunnelTooDeep,
    ];

    /// The fixed name, as `--stats` carries it.
    pub const fn name(self) -> &'static str {
        match self {
            Reject::LinkTruncated => "link_truncated",
            Reject::LinkNotEthernet => "link_not_ethernet",
            Reject::VlanTruncated => "vlan_truncated",
            Reject::ArpTruncated => "arp_truncated",
            Reject::ArpUnsupported => "arp_unsupported",
            Reject::Ipv4Malformed => "ipv4_malformed",
            Reject::Ipv6Malformed => "ipv6_malformed",
            Reject::NdpMalformed => "ndp_malformed",
            Reject::DhcpMalformed => "dhcp_malformed",
            Reject::RedundancyMalformed => "redundancy_malformed",
            Reject::LinkProtocolMalformed => "link_protocol_malformed",
            Reject::TunnelMalformed => "tunnel_malformed",
            Reject::TunnelTooDeep => "tunnel_too_deep",
        }
    }
}

impl Counts {
    /// Counts one refusal.
    pub fn reject(&mut self, reason: Reject) {
        self.rejected[reason as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_at_their_own_index() {
        for (index, reason) in Reject::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
        }
    }
}
