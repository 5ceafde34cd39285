use etherparse::SingleVlanHeaderSlice;

use crate::model::Segment;

use super::ether_type;

/// The virtual interface that a VN-Tag names (IEEE 802.1BR in its first form, EtherType 0x8926).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Vif {
    /// The interface behind which the frame's one end is attached.
    pub(super) id: u16,
    /// Whether the frame goes to that interface instead of coming from it.
    pub(super) outbound: bool,
}

/// What stood between the source address and the payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tags<'a> {
    /// The broadcast domain.
    pub(super) segment: Segment,
    /// VLAN ID of the outermost tag, taken out of `segment` when a broker put it there.
    pub(super) stamp: Option<u16>,
    /// From a VN-Tag.
    pub(super) vif: Option<Vif>,
    /// Whether there was any VLAN tag.
    pub(super) tagged: bool,
    /// The EtherType or 802.3 length behind all tags.
    pub(super) kind: u16,
    /// What follows it.
    pub(super) payload: &'a [u8],
}

/// Tags that end before the EtherType behind them: which segment the frame is in is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Whether one VLAN tag at least was whole.
    pub(super) tagged: bool,
}

impl<'a> Tags<'a> {
    /// Takes off all tags, however many: each one costs the frame four bytes, so the frame's
    /// length bounds the loop. With `stamped` the outermost VLAN tag is a broker's stamp.
    #[inline]
    pub(super) fn strip(
        kind: u16,
        payload: &'a [u8],
        base: Segment,
        stamped: bool,
    ) -> Result<Self, Cut> {
        let mut tags = Tags {
            segment: base,
            stamp: None,
            vif: None,
            tagged: false,
            kind,
            payload,
        };
        loop {
            match tags.kind {
                ether_type::VLAN
                | ether_type::PROVIDER_VLAN
                | ether_type::QINQ
                | ether_type::QINQ_OLD => tags.vlan(stamped)?,
                ether_type::VN_TAG => tags.vn_tag()?,
                _ => return Ok(tags),
            }
        }
    }

    #[inline]
    fn vlan(&mut self, stamped: bool) -> Result<(), Cut> {
        let Ok(tag) = SingleVlanHeaderSlice::from_slice(self.payload) else {
            return Err(self.cut());
        };
        let id = tag.vlan_identifier().value();
        if stamped && !self.tagged {
            self.stamp = Some(id);
        } else {
            self.segment = self.segment.with_vlan(id);
        }
        self.tagged = true;
        self.kind = tag.ether_type().0;
        self.payload = &self.payload[tag.slice().len()..];
        Ok(())
    }

    /// Direction 1, pointer 1, destination interface 14, looped 1, reserved 1, version 2, source
    /// interface 12 bits; then the EtherType.
    fn vn_tag(&mut self) -> Result<(), Cut> {
        let Some((&[a, b, c, d, high, low], rest)) = self.payload.split_first_chunk() else {
            return Err(self.cut());
        };
        let outbound = a & 0x80 != 0;
        let id = if outbound {
            u16::from_be_bytes([a, b]) & 0x3fff
        } else {
            u16::from_be_bytes([c, d]) & 0x0fff
        };
        self.vif.get_or_insert(Vif { id, outbound });
        self.kind = u16::from_be_bytes([high, low]);
        self.payload = rest;
        Ok(())
    }

    fn cut(&self) -> Cut {
        Cut {
            tagged: self.tagged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(bytes: &[u8], stamped: bool) -> Result<Tags<'_>, Cut> {
        Tags::strip(0x8100, bytes, Segment::UNTAGGED, stamped)
    }

    #[test]
    fn six_tags_are_taken_off_and_three_tell_the_segment() {
        let bytes = [
            0x20, 10, 0x88, 0xa8, 0, 20, 0x91, 0, 0, 30, 0x92, 0, 0, 40, 0x81, 0, 0, 50, 0x81, 0,
            0, 60, 8, 6, 0xaa,
        ];
        let tags = strip(&bytes, false).expect("whole tags");
        assert_eq!(tags.segment.to_string(), "vlan10.20.30");
        assert_eq!((tags.kind, tags.payload), (0x0806, &[0xaa][..]));
    }

    #[test]
    fn a_stamp_is_no_part_of_the_segment() {
        let tags = strip(&[0x0f, 0xa0, 0x81, 0, 0, 7, 8, 0], true).expect("whole tags");
        assert_eq!(tags.stamp, Some(4000));
        assert_eq!(tags.segment.to_string(), "vlan7");
    }

    #[test]
    fn a_cut_tag_leaves_the_segment_unknown() {
        assert!(!strip(&[0, 7, 8], false).expect_err("cut").tagged);
        let cut = strip(&[0, 7, 0x81, 0, 0], false).expect_err("cut");
        assert!(cut.tagged);
    }

    #[test]
    fn a_vn_tag_names_the_station_side_interface() {
        let up = [0x00, 0x00, 0x00, 0x2a, 0x08, 0x00];
        let tags = Tags::strip(0x8926, &up, Segment::UNTAGGED, false).expect("whole tag");
        let from = Vif {
            id: 42,
            outbound: false,
        };
        assert_eq!(tags.vif, Some(from));
        let down = [0x80, 0x2b, 0x00, 0x00, 0x08, 0x00];
        let tags = Tags::strip(0x8926, &down, Segment::UNTAGGED, false).expect("whole tag");
        let to = Vif {
            id: 43,
            outbound: true,
        };
        assert_eq!(tags.vif, Some(to));
    }
}
