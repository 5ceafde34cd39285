//! The nouns of the program: addresses, segments, ports, time, frames, sightings and events.
//!
//! Nothing here does I/O, and nothing here imports another room. Three of these types are the
//! waists everything flows through: a [`Frame`] is lent by a capture, a [`Sighting`] is what one
//! frame proves, an [`Event`] is what the program says.

mod counts;
mod event;
mod finding;
mod frame;
mod label;
mod mac;
mod names;
mod port;
mod segment;
mod sighting;
mod time;

pub use counts::{Counts, Reject};
pub use event::{
    Announcement, Announcer, Cause, Confidence, Event, EventId, Evidence, Kind, Origin, Phase,
    Severity, Side,
};
pub use finding::Finding;
pub use frame::{Direction, Frame, FrameRef, LinkType, SourceId};
pub use label::Label;
pub use mac::{Mac, ParseMacError};
pub use names::Names;
pub use port::{Port, PortId};
pub use segment::Segment;
pub use sighting::{
    ArpFact, ArpOperation, DhcpFact, DhcpMessage, Dhcpv6Fact, DiscoveryFact, Fact, IpFact,
    LacpFact, NdpFact, NdpMessage, RedundancyFact, RedundancyProtocol, RedundancyState, Sighting,
};
pub use time::{Span, Timestamp};
