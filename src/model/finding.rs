use std::net::IpAddr;

use super::{Label, Mac, Port, Span};

/// What was found in the frames, with the values that show it.
///
/// [`Finding::what`] is the closed vocabulary of `evidence[].what` in JSON; the sentence in
/// `evidence[].detail` is made by the output.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// Each port brings its own IP, and the first one spoke again.
    DisjointIps {
        /// The address on the first port.
        left: IpAddr,
        /// The address on the second port.
        right: IpAddr,
    },
    /// Both ports spoke in turn, faster than a station can be re-attached.
    Interleaved {
        /// How often the speaker changed.
        turns: u32,
        /// Within this time.
        within: Span,
    },
    /// The counters of a flow run on separately on each port.
    SeparateCounters {
        /// The port of the proving frame.
        port: Port,
    },
    /// The counters of a flow run on across the ports, or each flow keeps to its port.
    SharedCounters {
        /// The port of the proving frame.
        port: Port,
    },
    /// The station was heard on another port.
    Transition {
        /// Where it was heard last.
        from: Port,
        /// Where it was heard now.
        to: Port,
    },
    /// An announcement by the station.
    Announced {
        /// The announcing port.
        port: Port,
    },
    /// The MAC claims the IP.
    Claim {
        /// The IP.
        ip: IpAddr,
        /// The MAC.
        mac: Mac,
    },
    /// The MAC sends IP frames from the address.
    AliveUnder {
        /// The IP.
        ip: IpAddr,
        /// The MAC.
        mac: Mac,
    },
    /// The owner defended its address (RFC 5227, 2.4).
    Defended {
        /// The IP.
        ip: IpAddr,
        /// The defender.
        mac: Mac,
    },
    /// Both answered one request.
    BothAnswered {
        /// The IP.
        ip: IpAddr,
        /// The one that answered second.
        mac: Mac,
    },
    /// An ARP reply that nobody asked for.
    UnsolicitedReply {
        /// The claimed IP.
        ip: IpAddr,
        /// Whom it was sent to.
        victim: Mac,
    },
    /// A reply restores the owner's address under the attacker's Ethernet source.
    Restored {
        /// The IP.
        ip: IpAddr,
        /// The owner named in the frame.
        owner: Mac,
    },
    /// One MAC claims the addresses of several live owners.
    ManyVictims {
        /// How many addresses.
        addresses: u32,
    },
    /// Ethernet source and ARP sender differ.
    SenderMismatch {
        /// Ethernet source.
        ethernet: Mac,
        /// ARP sender hardware address.
        sender: Mac,
    },
    /// A probe or DAD for an address in use.
    Probed {
        /// The address.
        ip: IpAddr,
        /// Who probed.
        mac: Mac,
    },
    /// The client declined the address because it is in use.
    Declined {
        /// The address.
        ip: IpAddr,
    },
    /// The lease was released.
    Released {
        /// The address.
        ip: IpAddr,
    },
    /// A router advertised itself as active.
    Advertised {
        /// Group identifier.
        group: u16,
        /// The router's own address.
        router: IpAddr,
        /// Its priority.
        priority: u8,
    },
    /// The same frame came back.
    Returned {
        /// How often this frame was seen.
        copies: u32,
        /// On this port.
        port: Port,
    },
    /// More frames than one station has reason to send.
    Burst {
        /// Frames within one second.
        frames: u32,
        /// Distinct targets among the last of them.
        targets: u32,
    },
    /// New stations within one second.
    NewStations {
        /// How many.
        stations: u32,
    },
    /// A source address that no station can have.
    InvalidSource {
        /// The address.
        mac: Mac,
    },
    /// Client identifiers of one hardware address return in turn.
    DhcpIdentities {
        /// Name given with the first identity.
        left: Label,
        /// Name given with the second.
        right: Label,
    },
    /// Two systems name themselves from one MAC.
    SystemIdentities {
        /// The first name.
        left: Label,
        /// The second name.
        right: Label,
    },
    /// Two families of initial TTL from one local address.
    TtlFamilies {
        /// The first initial TTL.
        left: u8,
        /// The second.
        right: u8,
    },
    /// DAD for the MAC's own address was answered or came from a live station.
    OwnDad {
        /// The address.
        ip: IpAddr,
    },
    /// The MAC embeds another IPv4 address than the one in use.
    EmbeddedIp {
        /// In the MAC.
        embedded: IpAddr,
        /// In use.
        used: IpAddr,
    },
    /// LACPDUs with one system on both ports.
    OneLacpSystem {
        /// The system.
        system: Mac,
    },
    /// Several IPs answer under the same MACs.
    SharedBy {
        /// The other MAC.
        mac: Mac,
        /// The other IP they share.
        ip: IpAddr,
    },
    /// The input ends or turns to garbage here.
    DamagedAt {
        /// Byte offset.
        offset: u64,
    },
}

impl Finding {
    /// Every name that [`Finding::what`] can give.
    pub const NAMES: &'static [&'static str] = &[
        "disjoint_ips",
        "interleaved",
        "separate_counters",
        "shared_counters",
        "transition",
        "announced",
        "claim",
        "alive_under",
        "defended",
        "both_answered",
        "unsolicited_reply",
        "restored",
        "many_victims",
        "sender_mismatch",
        "probed",
        "declined",
        "released",
        "advertised",
        "returned",
        "burst",
        "new_stations",
        "invalid_source",
        "dhcp_identities",
        "system_identities",
        "ttl_families",
        "own_dad",
        "embedded_ip",
        "one_lacp_system",
        "shared_by",
        "damaged_at",
    ];

    /// The fixed name, as JSON carries it in `what`.
    pub const fn what(&self) -> &'static str {
        match self {
            Finding::DisjointIps { .. } => "disjoint_ips",
            Finding::Interleaved { .. } => "interleaved",
            Finding::SeparateCounters { .. } => "separate_counters",
            Finding::SharedCounters { .. } => "shared_counters",
            Finding::Transition { .. } => "transition",
            Finding::Announced { .. } => "announced",
            Finding::Claim { .. } => "claim",
            Finding::AliveUnder { .. } => "alive_under",
            Finding::Defended { .. } => "defended",
            Finding::BothAnswered { .. } => "both_answered",
            Finding::UnsolicitedReply { .. } => "unsolicited_reply",
            Finding::Restored { .. } => "restored",
            Finding::ManyVictims { .. } => "many_victims",
            Finding::SenderMismatch { .. } => "sender_mismatch",
            Finding::Probed { .. } => "probed",
            Finding::Declined { .. } => "declined",
            Finding::Released { .. } => "released",
            Finding::Advertised { .. } => "advertised",
            Finding::Returned { .. } => "returned",
            Finding::Burst { .. } => "burst",
            Finding::NewStations { .. } => "new_stations",
            Finding::InvalidSource { .. } => "invalid_source",
            Finding::DhcpIdentities { .. } => "dhcp_identities",
            Finding::SystemIdentities { .. } => "system_identities",
            Finding::TtlFamilies { .. } => "ttl_families",
            Finding::OwnDad { .. } => "own_dad",
            Finding::EmbeddedIp { .. } => "embedded_ip",
            Finding::OneLacpSystem { .. } => "one_lacp_system",
            Finding::SharedBy { .. } => "shared_by",
            Finding::DamagedAt { .. } => "damaged_at",
        }
    }
}
