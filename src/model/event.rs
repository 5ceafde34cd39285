use std::fmt;
use std::net::IpAddr;

use super::{Finding, FrameRef, Label, Mac, Port, Segment, Span, Timestamp};

/// Declares a closed enumeration whose variants have a fixed name in JSON and on the command line.
macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The fixed name, as JSON carries it.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(self.name())
            }
        }
    };
}

names! {
    /// What an event says (SPEC section 4).
    Kind {
        /// First frame of a station.
        StationNew = "station.new",
        /// A station heard again after a long silence.
        StationReturned = "station.returned",
        /// A burst of announcements that explains no transition.
        StationAnnounced = "station.announced",
        /// One unannounced transition, old port silent.
        MacMoved = "mac.moved",
        /// One announced transition, old port silent.
        MacMigrated = "mac.migrated",
        /// Many transitions in a short time.
        MacFlapping = "mac.flapping",
        /// Two stations use this MAC.
        MacDuplicate = "mac.duplicate",
        /// An IP went to a new MAC and the old owner fell silent.
        IpMoved = "ip.moved",
        /// An IP or virtual MAC changed owner within a redundancy group.
        IpFailover = "ip.failover",
        /// Two MACs use one IP.
        IpDuplicate = "ip.duplicate",
        /// One host answers for an IP under several MACs.
        IpShared = "ip.shared",
        /// A probe for an IP in use was answered and the prober gave way.
        IpProbeConflict = "ip.probe_conflict",
        /// An attack on address resolution.
        ArpSpoofing = "arp.spoofing",
        /// Ethernet source and ARP sender differ.
        ArpMismatch = "arp.mismatch",
        /// More ARP than one station has any reason to send.
        ArpStorm = "arp.storm",
        /// A source MAC that no station can have.
        FrameInvalidSource = "frame.invalid_source",
        /// The same frames keep coming back.
        L2Loop = "l2.loop",
        /// New stations appear faster than people can add them.
        MacFlood = "mac.flood",
        /// Two masters in one redundancy group, or one group used twice.
        RedundancyConflict = "redundancy.conflict",
        /// A rule of the policy file is broken.
        PolicyViolation = "policy.violation",
        /// The capture dropped frames.
        CaptureLoss = "capture.loss",
        /// An input could not be read to its end.
        CaptureDamaged = "capture.damaged",
    }
}

names! {
    /// Whether an event happened at one moment or belongs to a condition that lasts.
    Phase {
        /// It happened.
        Observed = "observed",
        /// The condition began.
        Raised = "raised",
        /// The condition goes on.
        Updated = "updated",
        /// The condition has been quiet for its window.
        Cleared = "cleared",
    }
}

names! {
    /// How much an event matters, least first.
    Severity {
        /// Normal, for the record.
        Info = "info",
        /// Normal, but somebody may want to know.
        Notice = "notice",
        /// Something is wrong.
        Warning = "warning",
        /// Traffic goes astray now.
        Critical = "critical",
    }
}

names! {
    /// How sure a verdict is.
    Confidence {
        /// Other explanations remain.
        Possible = "possible",
        /// Other explanations are far-fetched.
        Likely = "likely",
        /// The frames leave no other explanation.
        Certain = "certain",
    }
}

names! {
    /// Why a MAC flaps or is heard twice.
    Cause {
        /// Two stations use the MAC.
        DuplicateStation = "duplicate_station",
        /// One host over several links that nobody bundled.
        UnbundledLink = "unbundled_link",
        /// Frames come back through a loop.
        Loop = "loop",
        /// One station moves between attachment points.
        Roaming = "roaming",
        /// A migration went back and forth.
        MigrationPingpong = "migration_pingpong",
        /// Routers of one redundancy group contend.
        Redundancy = "redundancy",
        /// The frames do not tell.
        Unknown = "unknown",
    }
}

names! {
    /// Where a duplicated MAC probably came from.
    Origin {
        /// A virtual machine was cloned with its MAC.
        ClonedVm = "cloned_vm",
        /// Two managers assign from the same pool.
        HypervisorPoolOverlap = "hypervisor_pool_overlap",
        /// Somebody chose the address.
        ManualAssignment = "manual_assignment",
        /// A container runtime derived it.
        Container = "container",
        /// The hardware vendor's address.
        Vendor = "vendor",
        /// The address does not tell.
        Unknown = "unknown",
    }
}

names! {
    /// The form of an announcement.
    Announcement {
        /// RARP with the station's own address.
        Rarp = "rarp",
        /// Gratuitous ARP request.
        GarpRequest = "garp-request",
        /// Gratuitous ARP reply.
        GarpReply = "garp-reply",
        /// Unsolicited neighbour advertisement.
        Una = "una",
    }
}

names! {
    /// The program that announced, judged by the form and timing of its frames.
    Announcer {
        /// QEMU self-announcement.
        Qemu = "qemu",
        /// ESXi "notify switches".
        Esxi = "esxi",
        /// keepalived.
        Keepalived = "keepalived",
        /// MetalLB in layer 2 mode.
        Metallb = "metallb",
        /// kube-vip.
        KubeVip = "kube-vip",
        /// The Linux kernel or a tool on it.
        Linux = "linux",
        /// None of these.
        Unknown = "unknown",
    }
}

/// Identity of one incident or one observation: the same capture gives the same ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId(pub u64);

impl fmt::Display for EventId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

/// One side of a verdict: where and when a claimant was heard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// Its port.
    pub port: Option<Port>,
    /// Its MAC.
    pub mac: Option<Mac>,
    /// First frame of this presence.
    pub first_seen: Option<Timestamp>,
    /// Last frame of this presence.
    pub last_seen: Option<Timestamp>,
    /// Frames of this presence.
    pub frames: Option<u64>,
    /// IPs it used there.
    pub ips: Vec<IpAddr>,
    /// The name it gave itself.
    pub hostname: Option<Label>,
}

/// One fact from the frames that speaks for a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What was found.
    pub finding: Finding,
    /// Packet time of the proving frame.
    pub time: Timestamp,
    /// The proving frame.
    pub at: FrameRef,
}

/// A verdict with its evidence. Text is made where it is shown.
#[derive(Clone, Debug)]
pub struct Event {
    /// Stable identity; an incident keeps it through its phases.
    pub id: EventId,
    /// What is said.
    pub kind: Kind,
    /// Moment, or phase of a condition.
    pub phase: Phase,
    /// How much it matters.
    pub severity: Severity,
    /// Packet time at which this could be said.
    pub time: Timestamp,
    /// Broadcast domain.
    pub segment: Option<Segment>,
    /// The MAC it is about.
    pub mac: Option<Mac>,
    /// The IP it is about.
    pub ip: Option<IpAddr>,
    /// The earlier or rightful side.
    pub from: Option<Side>,
    /// The later or disputing side.
    pub to: Option<Side>,
    /// Form of the announcement.
    pub announcement: Option<Announcement>,
    /// Who announced.
    pub announcer: Option<Announcer>,
    /// How many announcements.
    pub announcements: Option<u32>,
    /// Last frame on the old port to first on the new.
    pub blackout: Option<Span>,
    /// Transitions, or frames of a storm, that were counted.
    pub moves: Option<u32>,
    /// The window they were counted in.
    pub window: Option<Span>,
    /// How sure.
    pub confidence: Option<Confidence>,
    /// Why.
    pub cause: Option<Cause>,
    /// Where the duplicated address came from.
    pub origin: Option<Origin>,
    /// What proves it.
    pub evidence: Vec<Evidence>,
    /// Earlier events that this one explains.
    pub related: Vec<EventId>,
}

impl Event {
    /// An event with nothing but its head.
    pub fn new(id: EventId, kind: Kind, phase: Phase, severity: Severity, time: Timestamp) -> Self {
        Event {
            id,
            kind,
            phase,
            severity,
            time,
            segment: None,
            mac: None,
            ip: None,
            from: None,
            to: None,
            announcement: None,
            announcer: None,
            announcements: None,
            blackout: None,
            moves: None,
            window: None,
            confidence: None,
            cause: None,
            origin: None,
            evidence: Vec::new(),
            related: Vec::new(),
        }
    }
}
