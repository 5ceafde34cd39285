use super::{PortId, Timestamp};

/// Which input a frame came from: an index into [`Names::sources`](super::Names::sources).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct SourceId(pub u16);

/// Where to find a frame again: its input and its number there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct FrameRef {
    /// Frame number within the source, from 1, as Wireshark counts.
    pub number: u64,
    /// The input.
    pub source: SourceId,
}

/// How the captured bytes begin.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LinkType {
    /// IEEE 802.3 / Ethernet II (LINKTYPE 1).
    Ethernet,
    /// Linux cooked capture v1 (LINKTYPE 113).
    LinuxSll,
    /// Linux cooked capture v2 (LINKTYPE 276).
    LinuxSll2,
}

/// What the capture says about the way a frame took.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Direction {
    /// The capture does not say.
    #[default]
    Unknown,
    /// Received on the port.
    Inbound,
    /// Sent out of the port: it teaches nothing about who is behind it.
    Outbound,
}

/// One captured frame, its bytes lent by the capture buffer for the length of one call.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Packet time.
    pub time: Timestamp,
    /// Input and number.
    pub at: FrameRef,
    /// The interface or file it was captured on.
    pub port: PortId,
    /// How `bytes` begins.
    pub link: LinkType,
    /// Direction, where the capture records it.
    pub direction: Direction,
    /// Length on the wire in bytes; only for counters, never for reading.
    pub wire_len: u32,
    /// What was captured: the only length that counts when reading.
    pub bytes: &'a [u8],
}
