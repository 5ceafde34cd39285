use crate::model::{
    Counts, Direction, Fact, Frame, LinkType, Mac, Port, Reject, Segment, Sighting,
};

use super::content::Hasher;
use super::cooked::Cooked;
use super::ethernet::Link;
use super::network::{Reader, Seen};
use super::tags::Tags;
use super::tunnel::Inner;

/// How deep Ethernet within Ethernet is entered.
pub const MAX_TUNNELS: usize = 4;

/// Which of the things that can tell a port apart are believed (SPEC section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum PortFrom {
    /// Encapsulated frames by their tunnel, all others by the capture.
    #[default]
    Auto,
    /// By the capture alone. Encapsulated frames are counted, but not judged: the capture knows
    /// nothing of where they entered.
    Capture,
    /// By tunnels alone. What came in no tunnel is counted, but not judged.
    Encapsulation,
    /// A packet broker's stamp: the outermost VLAN ID is the port and no part of the segment.
    /// Frames without a tag and encapsulated ones as with [`PortFrom::Auto`].
    OuterVlan,
    /// The station's interface in a VN-Tag. Frames without one and encapsulated ones as with
    /// [`PortFrom::Auto`].
    VnTag,
}

/// What a decoder is told once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Seed of every hash in a sighting. Drawn at random once per process, so that nobody can
    /// build frames that pass as copies of another's; decoders whose sightings are compared must
    /// have the same.
    pub seed: u64,
    /// Where ports come from.
    pub port_from: PortFrom,
}

/// Turns frames into sightings. Holds no state between frames but its counters.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// What was read so far.
    pub counts: Counts,
    port_from: PortFrom,
    hasher: Hasher,
}

/// One Ethernet frame on its way through the decoder, and what is known of it from outside.
struct Layer<'a> {
    link: Link<'a>,
    port: Port,
    segment: Segment,
    /// VLAN when there is no tag; zero for none.
    vlan: u16,
    direction: Direction,
    wire_len: u32,
    outermost: bool,
}

impl Decoder {
    /// A decoder with all counters at zero.
    pub fn new(options: Options) -> Self {
        Decoder {
            counts: Counts::default(),
            port_from: options.port_from,
            hasher: Hasher::new(options.seed),
        }
    }

    /// Reads one frame and calls `emit` for each sighting in it: first the frame itself, then
    /// each Ethernet frame it carries in tunnels, outermost first. Never panics and never
    /// allocates, whatever the bytes.
    #[inline]
    pub fn decode(&mut self, frame: &Frame<'_>, emit: &mut impl FnMut(&Sighting)) {
        self.counts.frames += 1;
        self.counts.bytes += frame.bytes.len() as u64;
        let mut seen = Seen::default();
        let mut next = match outermost(frame) {
            Ok(layer) => Some(layer),
            Err(reason) => {
                self.counts.reject(reason);
                None
            }
        };
        let mut tunnels = 0;
        while let Some(layer) = next {
            let inner = self.layer(frame, &layer, &mut seen, emit);
            next = inner.and_then(|inner| self.enter(frame, &inner, &mut tunnels));
        }
        seen.count(&mut self.counts);
    }

    /// The source address in the outermost Ethernet header, for who counts those. `None` for
    /// cooked captures, which have no Ethernet header, and for frames too short for one.
    #[inline]
    pub fn outer_source(frame: &Frame<'_>) -> Option<Mac> {
        match frame.link {
            LinkType::Ethernet => Link::parse(frame.bytes).ok()?.source,
            LinkType::LinuxSll | LinkType::LinuxSll2 => None,
        }
    }

    fn enter<'a>(
        &mut self,
        frame: &Frame<'_>,
        inner: &Inner<'a>,
        tunnels: &mut usize,
    ) -> Option<Layer<'a>> {
        *tunnels += 1;
        let link = if *tunnels > MAX_TUNNELS {
            Err(Reject::TunnelTooDeep)
        } else {
            Link::parse(inner.frame)
        };
        match link {
            Ok(link) => Some(Layer {
                link,
                port: inner.port,
                segment: inner.segment,
                vlan: inner.vlan,
                direction: inner.direction,
                wire_len: inner_wire_len(frame, inner.frame),
                outermost: false,
            }),
            Err(reason) => {
                self.counts.reject(reason);
                None
            }
        }
    }

    /// Reads one Ethernet frame from its tags on and gives back the one it carries.
    #[inline]
    fn layer<'a>(
        &mut self,
        frame: &Frame<'_>,
        layer: &Layer<'a>,
        seen: &mut Seen,
        emit: &mut impl FnMut(&Sighting),
    ) -> Option<Inner<'a>> {
        let stamped = layer.outermost && self.port_from == PortFrom::OuterVlan;
        let link = &layer.link;
        let tags = match Tags::strip(link.kind, link.payload, layer.segment, stamped) {
            Ok(tags) => tags,
            Err(cut) => {
                if cut.tagged {
                    seen.mark(Seen::TAG);
                }
                self.counts.reject(Reject::VlanTruncated);
                return None;
            }
        };
        if tags.tagged {
            seen.mark(Seen::TAG);
        }
        let judged = link.source.filter(|_| self.judges(layer));
        let (port, direction) = self.attachment(frame, layer, &tags);
        // Filled in where it lies: copying facts around costs as much as reading them.
        let mut sighting = Sighting {
            first: frame.time,
            last: frame.time,
            count: 1,
            wire_len: layer.wire_len,
            at: frame.at,
            content: 0,
            segment: if tags.tagged {
                tags.segment
            } else {
                tags.segment.with_vlan(layer.vlan)
            },
            port,
            direction,
            mac: judged.unwrap_or_default(),
            destination: link.destination,
            ip: None,
            fact: Fact::None,
        };
        let mut reader = Reader {
            counts: &mut self.counts,
            seen,
            hasher: &self.hasher,
            ip: &mut sighting.ip,
            fact: &mut sighting.fact,
        };
        let inner = reader.read(tags.kind, tags.payload);
        if let Some(mac) = judged {
            sighting.content = self
                .hasher
                .frame(link.destination, mac, tags.kind, tags.payload);
            emit(&sighting);
        }
        inner
    }

    /// Whether the options leave this frame a port.
    #[inline]
    fn judges(&self, layer: &Layer<'_>) -> bool {
        match self.port_from {
            PortFrom::Auto | PortFrom::OuterVlan | PortFrom::VnTag => true,
            PortFrom::Capture => layer.outermost,
            PortFrom::Encapsulation => !layer.outermost,
        }
    }

    #[inline]
    fn attachment(
        &self,
        frame: &Frame<'_>,
        layer: &Layer<'_>,
        tags: &Tags<'_>,
    ) -> (Port, Direction) {
        let vif = tags
            .vif
            .filter(|_| layer.outermost && self.port_from == PortFrom::VnTag);
        match (tags.stamp, vif) {
            (Some(stamp), _) => (Port::Stamp(frame.port, stamp), layer.direction),
            (None, Some(vif)) if vif.outbound => {
                (Port::Vif(frame.port, vif.id), Direction::Outbound)
            }
            (None, Some(vif)) => (Port::Vif(frame.port, vif.id), layer.direction),
            (None, None) => (layer.port, layer.direction),
        }
    }
}

/// Length of a carried frame on the wire: that of its carrier without what stands around it.
fn inner_wire_len(carrier: &Frame<'_>, inner: &[u8]) -> u32 {
    let around = carrier.bytes.len().saturating_sub(inner.len());
    carrier
        .wire_len
        .saturating_sub(u32::try_from(around).unwrap_or(u32::MAX))
}

/// Reads the link header that the capture begins with.
#[inline]
fn outermost<'a>(frame: &Frame<'a>) -> Result<Layer<'a>, Reject> {
    match frame.link {
        LinkType::Ethernet => Ok(Layer {
            link: Link::parse(frame.bytes)?,
            port: Port::Capture(frame.port),
            segment: Segment::UNTAGGED,
            vlan: 0,
            direction: frame.direction,
            wire_len: frame.wire_len,
            outermost: true,
        }),
        LinkType::LinuxSll => Ok(cooked(frame, &Cooked::parse_v1(frame.bytes)?)),
        LinkType::LinuxSll2 => Ok(cooked(frame, &Cooked::parse_v2(frame.bytes)?)),
    }
}

/// Kept out of the way of Ethernet.
#[inline(never)]
fn cooked<'a>(frame: &Frame<'a>, cooked: &Cooked<'a>) -> Layer<'a> {
    let port = match cooked.ifindex {
        Some(index) => Port::Ifindex(frame.port, index),
        None => Port::Capture(frame.port),
    };
    Layer {
        link: cooked.link,
        port,
        segment: Segment::UNTAGGED,
        vlan: 0,
        direction: if cooked.outbound {
            Direction::Outbound
        } else {
            frame.direction
        },
        wire_len: frame.wire_len,
        outermost: true,
    }
}
