use std::net::IpAddr;

use etherparse::Ipv4HeaderSlice;

use crate::model::{IpFact, Reject};

use super::ip::Packet;

/// Reads an IPv4 header with its options (RFC 791).
#[inline]
pub(super) fn parse(bytes: &[u8]) -> Result<Packet<'_>, Reject> {
    let header = Ipv4HeaderSlice::from_slice(bytes).map_err(|_| Reject::Ipv4Malformed)?;
    let length = header.slice().len();
    let total = match usize::from(header.total_len()) {
        // Captured on its way into a NIC that will cut it up (segmentation offload).
        0 => bytes.len(),
        total if total < length => return Err(Reject::Ipv4Malformed),
        total => total,
    };
    let payload = if header.fragments_offset().value() == 0 {
        &bytes[length..total.min(bytes.len())]
    } else {
        &[]
    };
    let fact = IpFact {
        source: IpAddr::V4(header.source_addr()),
        destination: IpAddr::V4(header.destination_addr()),
        hop_limit: header.ttl(),
        protocol: header.protocol().0,
        id: header.identification(),
        ports: 0,
        sequence: 0,
    };
    Ok(Packet::new(fact, payload, total - length))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const UDP: [u8; 28] = [
        0x45, 0, 0, 28, 0x12, 0x34, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 53, 0x80, 1,
        0, 8, 0, 0,
    ];

    #[test]
    fn padding_behind_the_total_length_is_not_read() {
        let mut padded = [0xee; 46];
        padded[..28].copy_from_slice(&UDP);
        let packet = parse(&padded).expect("a whole packet");
        assert_eq!(packet.payload, &UDP[20..]);
        assert_eq!(packet.declared, 8);
        assert_eq!(packet.fact.source, IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)));
        assert_eq!((packet.fact.id, packet.fact.hop_limit), (0x1234, 64));
        assert_eq!(packet.fact.ports, 0x0035_8001);
    }

    #[test]
    fn options_are_stepped_over() {
        let mut packet = [0u8; 32];
        packet[..20].copy_from_slice(&UDP[..20]);
        packet[24..].copy_from_slice(&UDP[20..]);
        packet[0] = 0x46;
        packet[3] = 32;
        let packet = parse(&packet).expect("a whole packet");
        assert_eq!(packet.fact.ports, 0x0035_8001);
    }

    #[test]
    fn later_fragments_have_no_ports() {
        let mut fragment = UDP;
        fragment[7] = 1;
        let packet = parse(&fragment).expect("a whole fragment");
        assert_eq!((packet.fact.ports, packet.payload), (0, &[][..]));
    }

    #[test]
    fn a_total_length_within_the_header_is_malformed() {
        let mut short = UDP;
        short[3] = 19;
        assert_eq!(parse(&short).err(), Some(Reject::Ipv4Malformed));
    }
}
