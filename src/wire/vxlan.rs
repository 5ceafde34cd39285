use crate::model::{Reject, Segment};

use super::tunnel::Entry;

/// Flag that says that the network identifier is valid.
const VNI_VALID: u8 = 0x08;

/// Reads a VXLAN header (RFC 7348, 5): flags, reserved 3, VNI 3, reserved. Reserved bits are
/// ignored on receipt, so group policy and other extensions pass.
pub(super) fn parse(bytes: &[u8]) -> Result<Entry<'_>, Reject> {
    match bytes.split_first_chunk() {
        Some((&[flags, _, _, _, a, b, c, _], frame)) if flags & VNI_VALID != 0 => Ok(Entry {
            segment: Segment::vni(u32::from_be_bytes([0, a, b, c])),
            frame,
        }),
        _ => Err(Reject::TunnelMalformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_identifier_is_the_segment() {
        let entry = parse(&[0x88, 0xff, 0xff, 0xff, 0, 0x13, 0x92, 0xff, 7]).expect("valid");
        assert_eq!(entry.segment, Segment::vni(5010));
        assert_eq!(entry.frame, [7]);
    }

    #[test]
    fn without_a_valid_identifier_it_is_no_tunnel() {
        let reserved = [0x80, 0, 0, 0, 0, 0, 1, 0];
        assert_eq!(parse(&reserved).err(), Some(Reject::TunnelMalformed));
        assert_eq!(parse(&[8; 7]).err(), Some(Reject::TunnelMalformed));
    }
}
