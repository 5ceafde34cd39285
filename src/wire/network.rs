use crate::model::{Counts, Fact, IpFact, Reject};

use super::content::Hasher;
use super::ethernet::Llc;
use super::gre::Gre;
use super::ip::{Packet, protocol};
use super::tunnel::Inner;
use super::{
    arp, cdp, dhcp, dhcpv6, ether_type, geneve, glbp, hsrp, ipv4, ipv6, lacp, lldp, ndp, vrrp,
    vxlan,
};

/// IP headers in one another (IP in IP, 6in4, GRE) that are followed for counting.
const MAX_IP_HEADERS: usize = 4;

/// UDP ports that are looked into (IANA registry; 8472 is what Linux took for VXLAN before 4789
/// was assigned, and still its default).
mod port {
    pub(super) const DHCP_SERVER: u16 = 67;
    pub(super) const DHCP_CLIENT: u16 = 68;
    pub(super) const DHCPV6_CLIENT: u16 = 546;
    pub(super) const DHCPV6_SERVER: u16 = 547;
    pub(super) const HSRP: u16 = 1985;
    pub(super) const HSRP_V6: u16 = 2029;
    pub(super) const GLBP: u16 = 3222;
    pub(super) const VXLAN: u16 = 4789;
    pub(super) const GENEVE: u16 = 6081;
    pub(super) const VXLAN_LINUX: u16 = 8472;
}

/// What counts once for a frame, however often it is nested there (tshark counts frames): one
/// bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen(u8);

impl Seen {
    pub(super) const TAG: Seen = Seen(1);
    const VXLAN: Seen = Seen(1 << 1);
    const GENEVE: Seen = Seen(1 << 2);
    const GRE: Seen = Seen(1 << 3);
    const ERSPAN: Seen = Seen(1 << 4);

    #[inline]
    pub(super) fn mark(&mut self, what: Seen) {
        self.0 |= what.0;
    }

    #[inline]
    pub(super) fn count(self, counts: &mut Counts) {
        if self.0 == 0 {
            return;
        }
        let one = |what: Seen| u64::from(self.0 & what.0 != 0);
        counts.vlan_tagged += one(Seen::TAG);
        counts.vxlan += one(Seen::VXLAN);
        counts.geneve += one(Seen::GENEVE);
        counts.gre += one(Seen::GRE);
        counts.erspan += one(Seen::ERSPAN);
    }
}

/// Reads what stands behind one Ethernet header: the packet's own header, and what it says.
pub(super) struct Reader<'d> {
    pub(super) counts: &'d mut Counts,
    pub(super) seen: &'d mut Seen,
    pub(super) hasher: &'d Hasher,
    /// The outermost IP header of this Ethernet frame.
    pub(super) ip: &'d mut Option<IpFact>,
    /// What the frame says beyond it.
    pub(super) fact: &'d mut Fact,
}

/// Where the reading goes on.
enum Next<'a> {
    /// Nowhere.
    Done,
    /// At another network header, by EtherType.
    Network(u16, &'a [u8]),
    /// At an Ethernet header inside a tunnel.
    Ethernet(Inner<'a>),
}

impl Reader<'_> {
    /// Reads from an EtherType or 802.3 length on. Gives back the Ethernet frame that is carried
    /// inside, if there is one.
    ///
    /// IP within IP is followed for the counters and for tunnels further in; facts come from
    /// behind the outermost IP header only, for they are said on this link.
    #[inline]
    pub(super) fn read<'a>(&mut self, mut kind: u16, mut payload: &'a [u8]) -> Option<Inner<'a>> {
        for _ in 0..MAX_IP_HEADERS {
            match self.header(kind, payload) {
                Ok(Next::Done) => return None,
                Ok(Next::Network(next, rest)) => (kind, payload) = (next, rest),
                Ok(Next::Ethernet(inner)) => return Some(inner),
                Err(reason) => {
                    self.counts.reject(reason);
                    return None;
                }
            }
        }
        self.counts.reject(Reject::TunnelTooDeep);
        None
    }

    #[inline]
    fn header<'a>(&mut self, kind: u16, payload: &'a [u8]) -> Result<Next<'a>, Reject> {
        match kind {
            ether_type::IPV4 => {
                let packet = ipv4::parse(payload)?;
                self.packet(&packet)
            }
            ether_type::IPV6 => {
                let packet = ipv6::parse(payload)?;
                self.packet(&packet)
            }
            ether_type::RARP => self.reverse(payload),
            ether_type::ARP if arp::is_reverse(payload) => self.reverse(payload),
            ether_type::ARP => {
                let fact = arp::parse(payload);
                arp::count(payload, fact.as_ref().ok(), self.counts);
                *self.fact = Fact::Arp(fact?);
                Ok(Next::Done)
            }
            ether_type::LLDP => {
                self.counts.lldp_cdp += 1;
                *self.fact = Fact::Discovery(lldp::parse(payload, self.hasher)?);
                Ok(Next::Done)
            }
            ether_type::SLOW => {
                if let Some(fact) = lacp::parse(payload)? {
                    self.counts.lacp += 1;
                    *self.fact = Fact::Lacp(fact);
                }
                Ok(Next::Done)
            }
            length if length < ether_type::FIRST => match Llc::parse(length, payload) {
                Llc::EtherType(kind, rest) => Ok(Next::Network(kind, rest)),
                Llc::Cdp(packet) => {
                    self.counts.lldp_cdp += 1;
                    *self.fact = Fact::Discovery(cdp::parse(packet, self.hasher)?);
                    Ok(Next::Done)
                }
                Llc::Other => Ok(Next::Done),
            },
            _ => Ok(Next::Done),
        }
    }

    #[inline]
    fn packet<'a>(&mut self, packet: &Packet<'a>) -> Result<Next<'a>, Reject> {
        let outermost = self.ip.is_none();
        if outermost {
            *self.ip = Some(packet.fact);
        }
        if packet.payload.is_empty() {
            return Ok(Next::Done);
        }
        match packet.fact.protocol {
            protocol::UDP => return self.datagram(packet, outermost),
            protocol::ICMPV6 => {
                ndp::count(packet, self.counts);
                if let Some(fact) = ndp::parse(packet)?.filter(|_| outermost) {
                    *self.fact = Fact::Ndp(fact);
                }
            }
            protocol::VRRP => {
                self.counts.vrrp += 1;
                let fact = vrrp::parse(packet, self.hasher)?;
                if outermost {
                    *self.fact = Fact::Redundancy(fact);
                }
            }
            protocol::GRE => return self.gre(packet),
            protocol::IPV4 => return Ok(Next::Network(ether_type::IPV4, packet.payload)),
            protocol::IPV6 => return Ok(Next::Network(ether_type::IPV6, packet.payload)),
            _ => {}
        }
        Ok(Next::Done)
    }

    fn reverse<'a>(&mut self, payload: &[u8]) -> Result<Next<'a>, Reject> {
        self.counts.rarp += 1;
        *self.fact = Fact::Rarp(arp::parse_reverse(payload)?);
        Ok(Next::Done)
    }

    fn gre<'a>(&mut self, packet: &Packet<'a>) -> Result<Next<'a>, Reject> {
        self.seen.mark(Seen::GRE);
        let gre = Gre::parse(packet.payload)?;
        match gre.protocol {
            ether_type::IPV4 | ether_type::IPV6 => {
                return Ok(Next::Network(gre.protocol, gre.payload));
            }
            ether_type::ERSPAN | ether_type::ERSPAN_III => self.seen.mark(Seen::ERSPAN),
            _ => {}
        }
        let inner = Inner::from_gre(&gre, packet.fact.source)?;
        Ok(inner.map_or(Next::Done, Next::Ethernet))
    }

    /// Reads what a UDP datagram carries, by its ports. Nothing else in it says what it is.
    #[inline]
    fn datagram<'a>(&mut self, packet: &Packet<'a>, outermost: bool) -> Result<Next<'a>, Reject> {
        let Some((&[_, _, d0, d1, _, _, _, _], payload)) = packet.payload.split_first_chunk()
        else {
            return Ok(Next::Done);
        };
        if payload.is_empty() {
            // arpspoof and port scanners send such, to provoke ARP.
            return Ok(Next::Done);
        }
        let destination = u16::from_be_bytes([d0, d1]);
        // Hellos are for the link: what goes to one address is on its way through.
        let to_group = packet.fact.destination.is_multicast();
        let fact = match destination {
            port::DHCP_SERVER | port::DHCP_CLIENT => {
                self.counts.dhcp += 1;
                Fact::Dhcp(dhcp::parse(payload, self.hasher)?)
            }
            port::DHCPV6_CLIENT | port::DHCPV6_SERVER => {
                self.counts.dhcpv6 += 1;
                Fact::Dhcpv6(dhcpv6::parse(payload, self.hasher)?)
            }
            port::HSRP | port::HSRP_V6 if to_group => {
                self.counts.hsrp += 1;
                hsrp::parse(payload, self.hasher)?.map_or(Fact::None, Fact::Redundancy)
            }
            port::GLBP => {
                self.counts.glbp += 1;
                glbp::parse(payload, self.hasher)?.map_or(Fact::None, Fact::Redundancy)
            }
            port::VXLAN | port::VXLAN_LINUX => {
                self.seen.mark(Seen::VXLAN);
                let entry = vxlan::parse(payload)?;
                return Ok(Next::Ethernet(Inner::from_endpoint(
                    entry,
                    packet.fact.source,
                )));
            }
            port::GENEVE => {
                self.seen.mark(Seen::GENEVE);
                return Ok(geneve::parse(payload)?.map_or(Next::Done, |entry| {
                    Next::Ethernet(Inner::from_endpoint(entry, packet.fact.source))
                }));
            }
            _ => return Ok(Next::Done),
        };
        if outermost {
            *self.fact = fact;
        }
        Ok(Next::Done)
    }
}
