use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Direction, FrameRef, Label, Mac, Port, Segment, Timestamp};

/// What frames prove: this MAC was heard on this port of this segment, and maybe it claimed an
/// IP, announced itself or named itself.
///
/// One frame gives one sighting with `first == last` and `count == 1`, and one more for each
/// tunnel it carries. Small, `Copy`, no heap.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// Packet time of the first frame.
    pub first: Timestamp,
    /// Packet time of the last frame.
    pub last: Timestamp,
    /// How many frames are folded into this sighting.
    pub count: u32,
    /// Length on the wire of the (last) frame, in bytes.
    pub wire_len: u32,
    /// Where the (first) frame is found again.
    pub at: FrameRef,
    /// Hash of the frame's content without its VLAN tags: equal for copies of one frame.
    pub content: u64,
    /// The broadcast domain.
    pub segment: Segment,
    /// The attachment point.
    pub port: Port,
    /// Whether the port received or sent the frame, if the capture says so.
    pub direction: Direction,
    /// Ethernet source.
    pub mac: Mac,
    /// Ethernet destination; [`Mac::ZERO`] where the link type hides it (Linux SLL).
    pub destination: Mac,
    /// The IP header, if there is one.
    pub ip: Option<IpFact>,
    /// What the frame says beyond its headers.
    pub fact: Fact,
}

/// What a frame says beyond its Ethernet and IP headers.
#[derive(Clone, Copy, Debug, Default)]
pub enum Fact {
    /// Ordinary traffic.
    #[default]
    None,
    /// ARP (RFC 826) for Ethernet and IPv4.
    Arp(ArpFact),
    /// Reverse ARP (RFC 903, EtherType 0x8035); the same fields.
    Rarp(ArpFact),
    /// IPv6 neighbour discovery (RFC 4861).
    Ndp(NdpFact),
    /// DHCP for IPv4 (RFC 2131).
    Dhcp(DhcpFact),
    /// DHCP for IPv6 (RFC 8415).
    Dhcpv6(Dhcpv6Fact),
    /// An advertisement of a first-hop redundancy protocol.
    Redundancy(RedundancyFact),
    /// LLDP (IEEE 802.1AB) or CDP: a system names itself.
    Discovery(DiscoveryFact),
    /// Link aggregation control (IEEE 802.1AX).
    Lacp(LacpFact),
}

/// The parts of an IPv4 or IPv6 header that tell hosts and flows apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpFact {
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// TTL or hop limit as captured.
    pub hop_limit: u8,
    /// Transport protocol, after IPv6 extension headers.
    pub protocol: u8,
    /// IPv4 identification; zero for IPv6.
    pub id: u16,
    /// TCP and UDP: source port in the upper, destination port in the lower half.
    /// ICMP echo: type (8 or 0, 128 or 129) in the upper, identifier in the lower half. Else zero.
    pub ports: u32,
    /// TCP sequence number or ICMP echo sequence number; else zero.
    pub sequence: u32,
}

/// ARP operation codes (RFC 826, RFC 903).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArpOperation {
    /// 1, and 3 for RARP.
    Request,
    /// 2, and 4 for RARP.
    Reply,
    /// Anything else.
    Other(u16),
}

/// ARP or RARP for Ethernet and IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArpFact {
    /// What is asked or said.
    pub operation: ArpOperation,
    /// Sender hardware address.
    pub sender_mac: Mac,
    /// Sender protocol address.
    pub sender_ip: Ipv4Addr,
    /// Target hardware address.
    pub target_mac: Mac,
    /// Target protocol address.
    pub target_ip: Ipv4Addr,
}

impl ArpFact {
    /// Whether this is a probe: it asks for an address without claiming one (RFC 5227, 2.1.1).
    pub fn is_probe(&self) -> bool {
        self.operation == ArpOperation::Request
            && self.sender_ip.is_unspecified()
            && !self.target_ip.is_unspecified()
    }

    /// Whether sender and target address are the same, so that it announces (RFC 5227, 2.3).
    pub fn is_gratuitous(&self) -> bool {
        self.sender_ip == self.target_ip && !self.sender_ip.is_unspecified()
    }
}

/// The NDP messages that are read (RFC 4861, section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NdpMessage {
    /// Router solicitation, type 133.
    RouterSolicitation,
    /// Router advertisement, type 134.
    RouterAdvertisement,
    /// Neighbour solicitation, type 135.
    NeighborSolicitation,
    /// Neighbour advertisement, type 136.
    NeighborAdvertisement,
}

/// One neighbour discovery message. Source and destination are in the IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NdpFact {
    /// Which message.
    pub message: NdpMessage,
    /// Target address of a solicitation or advertisement; unspecified for router messages.
    pub target: Ipv6Addr,
    /// Source link-layer address option (solicitations, RA) or target link-layer address option (NA).
    pub link_layer: Option<Mac>,
    /// NA: R flag. RA: router lifetime is not zero.
    pub router: bool,
    /// NA: S flag.
    pub solicited: bool,
    /// NA: O flag.
    pub override_flag: bool,
    /// Nonce option of RFC 7527 (enhanced DAD), zero when absent.
    pub nonce: u64,
}

/// DHCP message types (RFC 2132, option 53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 2131, table 2")]
pub enum DhcpMessage {
    Discover,
    Offer,
    Request,
    Decline,
    Ack,
    Nak,
    Release,
    Inform,
    /// BOOTP without option 53, or a type that is none of these.
    Other(u8),
}

/// The parts of a DHCP message that name a client and its address.
#[derive(Clone, Copy, Debug)]
pub struct DhcpFact {
    /// Message type.
    pub message: DhcpMessage,
    /// Transaction ID.
    pub transaction: u32,
    /// `chaddr`, when the hardware type is Ethernet.
    pub client_mac: Mac,
    /// `ciaddr`.
    pub client_ip: Ipv4Addr,
    /// `yiaddr`.
    pub your_ip: Ipv4Addr,
    /// `giaddr`: not zero when a relay passed the message on.
    pub relay_ip: Ipv4Addr,
    /// Option 50, requested address; unspecified when absent.
    pub requested_ip: Ipv4Addr,
    /// Hash of option 61, client identifier; zero when absent.
    pub client_id: u64,
    /// Hash of option 60, vendor class; zero when absent.
    pub vendor_class: u64,
    /// Option 12, host name.
    pub hostname: Label,
}

/// The parts of a DHCPv6 message that name a client.
#[derive(Clone, Copy, Debug)]
pub struct Dhcpv6Fact {
    /// Message type (RFC 8415, 7.3).
    pub message: u8,
    /// Hash of the client DUID; zero when absent.
    pub client_duid: u64,
    /// First address in an IA_NA; unspecified when absent.
    pub address: Ipv6Addr,
}

/// First-hop redundancy protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "protocol names")]
pub enum RedundancyProtocol {
    VrrpV2,
    VrrpV3,
    Carp,
    HsrpV1,
    HsrpV2,
    Glbp,
}

/// What the speaker of an advertisement says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedundancyState {
    /// Forwards for the group: VRRP and CARP speakers, HSRP and GLBP active.
    Active,
    /// Waits: HSRP and GLBP standby, speak, listen.
    Standby,
    /// Gives up the role: VRRP priority 0, HSRP resign.
    Resigning,
    /// Takes the role over: HSRP coup.
    TakingOver,
}

/// One advertisement of a redundancy group.
#[derive(Clone, Copy, Debug)]
pub struct RedundancyFact {
    /// Protocol and version.
    pub protocol: RedundancyProtocol,
    /// VRID, VHID, HSRP or GLBP group.
    pub group: u16,
    /// Priority; for CARP the advertised skew.
    pub priority: u8,
    /// Role of the speaker.
    pub state: RedundancyState,
    /// The first virtual address; `None` where the protocol hides it (CARP).
    pub address: Option<IpAddr>,
    /// The second virtual address.
    pub second: Option<IpAddr>,
    /// Hash of all virtual addresses in the order sent; zero when there are none.
    pub addresses: u64,
    /// The MAC that the group's hosts use, when the advertisement implies one.
    pub virtual_mac: Option<Mac>,
}

/// A system that names itself to its link neighbours.
#[derive(Clone, Copy, Debug)]
pub struct DiscoveryFact {
    /// Hash of chassis identity (LLDP chassis ID, CDP device ID).
    pub system: u64,
    /// System name or device ID.
    pub name: Label,
}

/// The actor of a LACPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LacpFact {
    /// Actor system MAC.
    pub system: Mac,
    /// Actor system priority.
    pub priority: u16,
    /// Actor key: ports with one system and key can form one bundle.
    pub key: u16,
    /// Actor port.
    pub port: u16,
    /// Partner system MAC, zero when none is known yet.
    pub partner: Mac,
}

impl Sighting {
    /// Whether the frame went to every station or to a group.
    pub fn is_flooded(&self) -> bool {
        self.destination.is_group()
    }
}

const _: () = assert!(
    size_of::<Sighting>() <= 240,
    "copied once per frame when inputs are merged"
);
