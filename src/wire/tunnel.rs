use std::net::IpAddr;

use crate::model::{Direction, Port, Reject, Segment};

use super::erspan::Erspan;
use super::ether_type;
use super::gre::Gre;

/// The segment a tunnel leads into and the Ethernet frame that comes out there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) segment: Segment,
    pub(super) frame: &'a [u8],
}

/// An Ethernet frame within another, with what its carrier says of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inner<'a> {
    pub(super) frame: &'a [u8],
    pub(super) port: Port,
    pub(super) segment: Segment,
    /// VLAN of the frame if it carries no tag itself; zero for none.
    pub(super) vlan: u16,
    pub(super) direction: Direction,
}

impl<'a> Inner<'a> {
    /// What a tunnel end point sent.
    ///
    /// Its direction is unknown, whatever the capture says of the carrier: a carrier that leaves
    /// this host still tells truly which stations are behind the end point that sent it.
    pub(super) fn from_endpoint(entry: Entry<'a>, source: IpAddr) -> Self {
        Inner {
            frame: entry.frame,
            port: Port::Vtep(source),
            segment: entry.segment,
            vlan: 0,
            direction: Direction::Unknown,
        }
    }

    fn mirrored(erspan: Erspan<'a>, source: IpAddr) -> Self {
        Inner {
            frame: erspan.frame,
            port: Port::Erspan {
                source,
                session: erspan.session,
                index: erspan.index,
            },
            segment: Segment::UNTAGGED,
            vlan: erspan.vlan,
            direction: erspan.direction,
        }
    }

    /// What GRE carries, if that is Ethernet: a bridged frame, with its virtual subnet when there
    /// is a key (RFC 7637), or a mirrored one.
    pub(super) fn from_gre(gre: &Gre<'a>, source: IpAddr) -> Result<Option<Self>, Reject> {
        Ok(match gre.protocol {
            ether_type::BRIDGING => {
                let segment = gre
                    .key
                    .map_or(Segment::UNTAGGED, |key| Segment::vni(key >> 8));
                let frame = gre.payload;
                Some(Self::from_endpoint(Entry { segment, frame }, source))
            }
            ether_type::ERSPAN => {
                let erspan = Erspan::parse(gre.payload, gre.sequenced)?;
                Some(Self::mirrored(erspan, source))
            }
            ether_type::ERSPAN_III => {
                Erspan::parse_v3(gre.payload)?.map(|erspan| Self::mirrored(erspan, source))
            }
            _ => None,
        })
    }
}
