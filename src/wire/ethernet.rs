use etherparse::Ethernet2HeaderSlice;

use crate::model::{Mac, Reject};

use super::ether_type;

/// The link header in front of a frame, Ethernet or cooked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link<'a> {
    /// Destination; zero where the link type hides it.
    pub(super) destination: Mac,
    /// Source; `None` where the hardware has no Ethernet address.
    pub(super) source: Option<Mac>,
    /// EtherType, tag protocol or 802.3 length.
    pub(super) kind: u16,
    /// What follows it.
    pub(super) payload: &'a [u8],
}

impl<'a> Link<'a> {
    /// Reads destination, source and the field behind them.
    #[inline]
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Reject> {
        let header = Ethernet2HeaderSlice::from_slice(bytes).map_err(|_| Reject::LinkTruncated)?;
        Ok(Link {
            destination: Mac::new(header.destination()),
            source: Some(Mac::new(header.source())),
            kind: header.ether_type().0,
            payload: &bytes[header.slice().len()..],
        })
    }
}

/// What an 802.3 frame carries behind its length field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Llc<'a> {
    /// SNAP with the zero OUI: an EtherType after all (RFC 1042).
    EtherType(u16, &'a [u8]),
    /// Cisco Discovery Protocol.
    Cdp(&'a [u8]),
    /// Spanning tree, IS-IS and the rest: presence only.
    Other,
}

impl<'a> Llc<'a> {
    /// Reads an LLC header (IEEE 802.2) and SNAP behind it. `length` is the 802.3 length field;
    /// what follows it is padding.
    pub(super) fn parse(length: u16, bytes: &'a [u8]) -> Self {
        let bytes = bytes.get(..usize::from(length)).unwrap_or(bytes);
        let Some((&[0xaa, 0xaa, 0x03, a, b, c, high, low], rest)) = bytes.split_first_chunk()
        else {
            return Llc::Other;
        };
        match ([a, b, c], u16::from_be_bytes([high, low])) {
            ([0, 0, 0], kind) if kind >= ether_type::FIRST => Llc::EtherType(kind, rest),
            ([0, 0, 0x0c], 0x2000) => Llc::Cdp(rest),
            _ => Llc::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_fourteen_bytes_or_nothing() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 6, 0xff];
        let link = Link::parse(&bytes).expect("a whole header");
        assert_eq!(link.destination, Mac::new([1, 2, 3, 4, 5, 6]));
        assert_eq!(link.source, Some(Mac::new([7, 8, 9, 10, 11, 12])));
        assert_eq!((link.kind, link.payload), (0x0806, &[0xff][..]));
        assert_eq!(Link::parse(&bytes[..13]).err(), Some(Reject::LinkTruncated));
    }

    #[test]
    fn snap_leads_back_to_ether_types_and_to_cdp() {
        let arp = [0xaa, 0xaa, 3, 0, 0, 0, 8, 6, 0x11, 0, 0];
        assert_eq!(Llc::parse(9, &arp), Llc::EtherType(0x0806, &[0x11]));
        let cdp = [0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 2];
        assert_eq!(Llc::parse(9, &cdp), Llc::Cdp(&[2]));
        assert_eq!(Llc::parse(38, &[0x42, 0x42, 3, 0, 0]), Llc::Other);
    }
}
