use std::net::IpAddr;

/// An attachment point that the capture itself names: an interface or a file.
/// An index into [`Names::ports`](super::Names::ports).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct PortId(pub u16);

/// The attachment point a frame came in on, as far as the capture can tell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Port {
    /// The capture's interface or file.
    Capture(PortId),
    /// An interface index inside a capture of "any" (Linux SLL2).
    Ifindex(PortId, u32),
    /// A stamp that a packet broker put on the frame: its outermost VLAN ID.
    Stamp(PortId, u16),
    /// The source virtual interface of a VN-Tag (IEEE 802.1BR).
    Vif(PortId, u16),
    /// The tunnel end point that sent the encapsulated frame (VXLAN, Geneve, GRE).
    Vtep(IpAddr),
    /// A mirror session that arrives by ERSPAN: source, session and the platform's port index.
    Erspan {
        /// Source address of the encapsulated mirror.
        source: IpAddr,
        /// Session ID, 10 bits.
        session: u16,
        /// Port index, 20 bits, meaning defined by the platform.
        index: u32,
    },
}
