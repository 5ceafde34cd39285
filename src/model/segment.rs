use std::fmt;

/// One broadcast domain: the VLAN stack and, inside a tunnel, the virtual network.
///
/// Packed into one word: up to three VLAN IDs of 12 bits, outermost first, and a 24-bit network
/// identifier (RFC 7348 VNI, RFC 8926 VNI, RFC 7637 VSID). Tags with VLAN ID 0 carry a priority
/// only (IEEE 802.1Q-2022, 9.6) and are no part of it; tags deeper than the third are read but
/// do not tell segments apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Segment(u64);

const VLAN_BITS: u32 = 12;
const VLAN_MASK: u64 = 0xfff;
const VLAN_SLOTS: u32 = 3;
const VNI_SHIFT: u32 = VLAN_BITS * VLAN_SLOTS;
const VNI_MASK: u64 = 0xff_ffff;
const VNI_PRESENT: u64 = 1 << 63;

impl Segment {
    /// No tag and no tunnel.
    pub const UNTAGGED: Segment = Segment(0);

    /// The segment of a tunnel's virtual network. Only the low 24 bits of `vni` count.
    pub const fn vni(vni: u32) -> Self {
        Segment(VNI_PRESENT | ((vni as u64 & VNI_MASK) << VNI_SHIFT))
    }

    /// The segment one tag further in. Only the low 12 bits of `vlan` count.
    #[must_use]
    pub const fn with_vlan(self, vlan: u16) -> Self {
        let vlan = vlan as u64 & VLAN_MASK;
        let mut slot = 0;
        while slot < VLAN_SLOTS {
            let shift = VLAN_BITS * slot;
            if (self.0 >> shift) & VLAN_MASK == 0 {
                return Segment(self.0 | (vlan << shift));
            }
            slot += 1;
        }
        self
    }

    /// The VLAN IDs, outermost first.
    pub fn vlans(self) -> impl Iterator<Item = u16> {
        (0..VLAN_SLOTS)
            .map(move |slot| ((self.0 >> (VLAN_BITS * slot)) & VLAN_MASK) as u16)
            .take_while(|&vlan| vlan != 0)
    }

    /// The virtual network, when the segment lies inside a tunnel.
    pub const fn network(self) -> Option<u32> {
        if self.0 & VNI_PRESENT == 0 {
            None
        } else {
            Some(((self.0 >> VNI_SHIFT) & VNI_MASK) as u32)
        }
    }

    /// The packed word: equal words are equal segments.
    pub const fn to_bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Segment {
    /// `untagged`, `vlan10`, `vlan100.10`, `vni5010`, `vni5010.10`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = self.network();
        if let Some(vni) = network {
            write!(out, "vni{vni}")?;
        } else if *self == Segment::UNTAGGED {
            return out.write_str("untagged");
        }
        for (depth, vlan) in self.vlans().enumerate() {
            let lead = if depth == 0 && network.is_none() {
                "vlan"
            } else {
                "."
            };
            write!(out, "{lead}{vlan}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_read_as_the_spec_writes_them() {
        assert_eq!(Segment::UNTAGGED.to_string(), "untagged");
        assert_eq!(Segment::UNTAGGED.with_vlan(10).to_string(), "vlan10");
        assert_eq!(
            Segment::UNTAGGED.with_vlan(100).with_vlan(10).to_string(),
            "vlan100.10"
        );
        assert_eq!(Segment::vni(5010).to_string(), "vni5010");
        assert_eq!(Segment::vni(0).to_string(), "vni0");
        assert_eq!(Segment::vni(5010).with_vlan(7).to_string(), "vni5010.7");
    }

    #[test]
    fn priority_tags_are_no_segment() {
        assert_eq!(Segment::UNTAGGED.with_vlan(0), Segment::UNTAGGED);
    }

    #[test]
    fn the_fourth_tag_is_dropped() {
        let three = Segment::UNTAGGED.with_vlan(1).with_vlan(2).with_vlan(3);
        assert_eq!(three.with_vlan(4), three);
        assert_eq!(three.to_string(), "vlan1.2.3");
    }
}
