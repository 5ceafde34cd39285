use crate::model::{Mac, Reject};

use super::ethernet::Link;

/// A Linux cooked header: what is left of the link header in captures of "any".
#[derive(Clone, Copy, Debug)]
pub(super) struct Cooked<'a> {
    /// Source address and protocol; the destination is not recorded.
    pub(super) link: Link<'a>,
    /// Whether the host itself sent the frame (packet type 4).
    pub(super) outbound: bool,
    /// Interface index, in version 2.
    pub(super) ifindex: Option<u32>,
}

/// ARPHRD numbers whose addresses are Ethernet addresses.
const ETHERNET: u16 = 1;
const LOOPBACK: u16 = 772;

/// Packet type "sent by us".
const OUTGOING: u16 = 4;

/// Protocol field of a frame that starts with LLC, as Linux' `ETH_P_802_2`.
const LLC: u16 = 4;

impl<'a> Cooked<'a> {
    /// `LINKTYPE_LINUX_SLL`: packet type, hardware type, address length, address 8, protocol.
    pub(super) fn parse_v1(bytes: &'a [u8]) -> Result<Self, Reject> {
        let (header, payload) = bytes
            .split_first_chunk::<16>()
            .ok_or(Reject::LinkTruncated)?;
        let [t0, t1, h0, h1, l0, l1, a, b, c, d, e, f, _, _, p0, p1] = *header;
        let length = u16::from_be_bytes([l0, l1]);
        Ok(Cooked {
            link: Link {
                destination: Mac::ZERO,
                source: address(u16::from_be_bytes([h0, h1]), length, [a, b, c, d, e, f]),
                kind: protocol(u16::from_be_bytes([p0, p1]), payload),
                payload,
            },
            outbound: u16::from_be_bytes([t0, t1]) == OUTGOING,
            ifindex: None,
        })
    }

    /// `LINKTYPE_LINUX_SLL2`: protocol, reserved, interface index, hardware type, packet type,
    /// address length, address 8.
    pub(super) fn parse_v2(bytes: &'a [u8]) -> Result<Self, Reject> {
        let (header, payload) = bytes
            .split_first_chunk::<20>()
            .ok_or(Reject::LinkTruncated)?;
        let [
            p0,
            p1,
            _,
            _,
            i0,
            i1,
            i2,
            i3,
            h0,
            h1,
            kind,
            length,
            a,
            b,
            c,
            d,
            e,
            f,
            _,
            _,
        ] = *header;
        let length = u16::from(length);
        Ok(Cooked {
            link: Link {
                destination: Mac::ZERO,
                source: address(u16::from_be_bytes([h0, h1]), length, [a, b, c, d, e, f]),
                kind: protocol(u16::from_be_bytes([p0, p1]), payload),
                payload,
            },
            outbound: u16::from(kind) == OUTGOING,
            ifindex: Some(u32::from_be_bytes([i0, i1, i2, i3])),
        })
    }
}

fn address(hardware: u16, length: u16, octets: [u8; 6]) -> Option<Mac> {
    (matches!(hardware, ETHERNET | LOOPBACK) && length == 6).then(|| Mac::new(octets))
}

/// Linux has its own numbers below the EtherTypes. The one for LLC becomes an 802.3 length, so
/// that the same code reads it; the others mean nothing here.
fn protocol(protocol: u16, payload: &[u8]) -> u16 {
    if protocol == LLC {
        u16::try_from(payload.len()).map_or(1500, |length| length.min(1500))
    } else {
        protocol
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: [u8; 18] = [
        0, 4, 0, 1, 0, 6, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0, 0, 8, 6, 0xaa, 0xbb,
    ];
    const V2: [u8; 21] = [
        8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0, 0, 0x45,
    ];
    const SOURCE: Mac = Mac::new([0x52, 0x54, 0, 0x12, 0x34, 0x56]);

    #[test]
    fn version_one_tells_source_and_direction() {
        let cooked = Cooked::parse_v1(&V1).expect("a whole header");
        assert_eq!(cooked.link.source, Some(SOURCE));
        assert_eq!(cooked.link.destination, Mac::ZERO);
        assert_eq!(cooked.link.kind, 0x0806);
        assert!(cooked.outbound);
        assert_eq!(cooked.ifindex, None);
    }

    #[test]
    fn version_two_tells_the_interface_as_well() {
        let cooked = Cooked::parse_v2(&V2).expect("a whole header");
        assert_eq!(cooked.link.source, Some(SOURCE));
        assert_eq!(cooked.link.kind, 0x0800);
        assert_eq!(cooked.ifindex, Some(3));
        assert!(!cooked.outbound);
    }

    #[test]
    fn other_hardware_has_no_ethernet_address() {
        let mut ppp = V1;
        [ppp[2], ppp[3]] = 512u16.to_be_bytes();
        let cooked = Cooked::parse_v1(&ppp).expect("a whole header");
        assert_eq!(cooked.link.source, None);
    }

    #[test]
    fn a_cut_header_is_refused() {
        assert_eq!(
            Cooked::parse_v1(&V1[..15]).err(),
            Some(Reject::LinkTruncated)
        );
        assert_eq!(
            Cooked::parse_v2(&V2[..19]).err(),
            Some(Reject::LinkTruncated)
        );
    }
}
