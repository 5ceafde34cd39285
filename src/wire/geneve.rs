use crate::model::{Reject, Segment};

use super::ether_type;
use super::tunnel::Entry;

/// Reads a Geneve header (RFC 8926, 3.4): version 2 bits, length of options in words 6 bits, flags,
/// protocol 2, VNI 3, reserved. Options are stepped over; `Ok(None)` for what is no Ethernet.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Entry<'_>>, Reject> {
    let (&[head, _, p0, p1, a, b, c, _], rest) =
        bytes.split_first_chunk().ok_or(Reject::TunnelMalformed)?;
    let options = usize::from(head & 0x3f) * 4;
    let frame = rest.get(options..).ok_or(Reject::TunnelMalformed)?;
    if head >> 6 != 0 {
        return Err(Reject::TunnelMalformed);
    }
    let entry = Entry {
        segment: Segment::vni(u32::from_be_bytes([0, a, b, c])),
        frame,
    };
    Ok((u16::from_be_bytes([p0, p1]) == ether_type::BRIDGING).then_some(entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_stepped_over() {
        let bytes = [1, 0, 0x65, 0x58, 0, 0, 9, 0, 1, 2, 3, 4, 7];
        let entry = parse(&bytes).expect("valid").expect("Ethernet");
        assert_eq!(entry.segment, Segment::vni(9));
        assert_eq!(entry.frame, [7]);
        assert!(parse(&bytes[..11]).is_err());
    }

    #[test]
    fn only_ethernet_is_entered() {
        let ip = [0, 0, 0x08, 0x00, 0, 0, 9, 0, 0x45];
        assert!(parse(&ip).is_ok_and(|entry| entry.is_none()));
    }
}
