use std::net::IpAddr;

use etherparse::Ipv6HeaderSlice;

use crate::model::{IpFact, Reject};

use super::ip::Packet;

/// Extension headers that are stepped over before a packet counts as hostile. RFC 8200 section
/// 4.1 allows each kind once, destination options twice.
const MAX_EXTENSIONS: usize = 8;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;

/// Reads an IPv6 header and steps over its extension headers (RFC 8200).
pub(super) fn parse(bytes: &[u8]) -> Result<Packet<'_>, Reject> {
    let header = Ipv6HeaderSlice::from_slice(bytes).map_err(|_| Reject::Ipv6Malformed)?;
    let rest = &bytes[header.slice().len()..];
    let declared = match usize::from(header.payload_length()) {
        // A jumbogram (RFC 2675) or one that segmentation offload will cut up.
        0 => rest.len(),
        declared => declared,
    };
    let mut extensions = Extensions {
        next: header.next_header().0,
        bytes: &rest[..declared.min(rest.len())],
        declared,
        first: true,
    };
    extensions.step_over()?;
    let fact = IpFact {
        source: IpAddr::V6(header.source_addr()),
        destination: IpAddr::V6(header.destination_addr()),
        hop_limit: header.hop_limit(),
        protocol: extensions.next,
        id: 0,
        ports: 0,
        sequence: 0,
    };
    let payload = if extensions.first {
        extensions.bytes
    } else {
        &[]
    };
    Ok(Packet::new(fact, payload, extensions.declared))
}

struct Extensions<'a> {
    next: u8,
    bytes: &'a [u8],
    declared: usize,
    /// Whether this is no fragment or the first one.
    first: bool,
}

impl Extensions<'_> {
    #[inline]
    fn step_over(&mut self) -> Result<(), Reject> {
        for _ in 0..MAX_EXTENSIONS {
            if !matches!(
                self.next,
                HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION
            ) {
                return Ok(());
            }
            let &[next, length, offset_high, offset_low] =
                self.bytes.first_chunk().ok_or(Reject::Ipv6Malformed)?;
            let length = match self.next {
                FRAGMENT => 8,
                // In words of four bytes, less two (RFC 4302, 2.2); the others in words of eight,
                // less one.
                AUTHENTICATION => (usize::from(length) + 2) * 4,
                _ => (usize::from(length) + 1) * 8,
            };
            if self.next == FRAGMENT {
                self.first = u16::from_be_bytes([offset_high, offset_low]) & 0xfff8 == 0;
            }
            self.next = next;
            self.bytes = self.bytes.get(length..).ok_or(Reject::Ipv6Malformed)?;
            self.declared -= length;
            if !self.first {
                return Ok(());
            }
        }
        Err(Reject::Ipv6Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(next: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).expect("short");
        let mut bytes = vec![0x60, 0, 0, 0, 0, length, next, 64];
        bytes.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        bytes.extend([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn extension_headers_lead_to_the_transport_header() {
        let bytes = packet(
            HOP_BY_HOP,
            &[
                DESTINATION,
                0,
                0,
                0,
                0,
                0,
                0,
                0, // hop by hop, 8 bytes
                AUTHENTICATION,
                0,
                0,
                0,
                0,
                0,
                0,
                0, // destination, 8 bytes
                17,
                1,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0, // authentication, 12 bytes
                0x02,
                0x22,
                0x02,
                0x23,
                0,
                8,
                0,
                0,
            ],
        );
        let packet = parse(&bytes).expect("a whole packet");
        assert_eq!((packet.fact.protocol, packet.declared), (17, 8));
        assert_eq!(packet.fact.ports, 0x0222_0223);
    }

    #[test]
    fn only_the_first_fragment_has_ports() {
        let first = packet(FRAGMENT, &[17, 0, 0, 1, 0, 0, 0, 9, 0, 1, 0, 2, 0, 8, 0, 0]);
        assert_ne!(parse(&first).expect("whole").fact.ports, 0);
        let later = packet(FRAGMENT, &[17, 0, 0, 9, 0, 0, 0, 9, 0, 1, 0, 2, 0, 8, 0, 0]);
        let later = parse(&later).expect("whole");
        assert_eq!((later.fact.ports, later.fact.protocol), (0, 17));
    }

    #[test]
    fn an_endless_row_of_extension_headers_is_malformed() {
        let bytes = packet(DESTINATION, &[DESTINATION, 0, 0, 0, 0, 0, 0, 0].repeat(16));
        assert_eq!(parse(&bytes).err(), Some(Reject::Ipv6Malformed));
    }
}
