use std::net::Ipv6Addr;

use crate::model::{Dhcpv6Fact, Reject};

use super::content::Hasher;

const RELAY_FORWARD: u8 = 12;
const RELAY_REPLY: u8 = 13;

const CLIENT_ID: u16 = 1;
const IA_NA: u16 = 3;
const IA_ADDRESS: u16 = 5;

/// Reads a message between client and server (RFC 8415, 8). What relays pass on is not entered:
/// it is said of another link.
pub(super) fn parse(bytes: &[u8], hasher: &Hasher) -> Result<Dhcpv6Fact, Reject> {
    let (&[message, _, _, _], options) = bytes.split_first_chunk().ok_or(Reject::DhcpMalformed)?;
    let mut fact = Dhcpv6Fact {
        message,
        client_duid: 0,
        address: Ipv6Addr::UNSPECIFIED,
    };
    if matches!(message, RELAY_FORWARD | RELAY_REPLY) {
        return Ok(fact);
    }
    for (code, value) in Options(options) {
        match code {
            CLIENT_ID => fact.client_duid = hasher.identity(value),
            // Identifier, T1 and T2 stand before the options of the association.
            IA_NA if fact.address.is_unspecified() => {
                let inner = value
                    .split_first_chunk::<12>()
                    .map_or(&[][..], |(_, rest)| rest);
                fact.address = Options(inner)
                    .find(|&(code, _)| code == IA_ADDRESS)
                    .and_then(|(_, value)| value.first_chunk::<16>())
                    .map_or(Ipv6Addr::UNSPECIFIED, |&octets| Ipv6Addr::from(octets));
            }
            _ => {}
        }
    }
    Ok(fact)
}

/// Code and value of each whole option.
struct Options<'a>(&'a [u8]);

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[c0, c1, l0, l1], rest) = self.0.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((u16::from_be_bytes([c0, c1]), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: [u8; 54] = [
        3, 0, 0, 1, 0, 1, 0, 4, 0, 3, 0, 1, 0, 3, 0, 38, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5,
        0, 22, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0,
    ];

    #[test]
    fn a_request_names_client_and_address() {
        let fact = parse(&REQUEST, &Hasher::new(1)).expect("whole");
        assert_eq!(fact.message, 3);
        assert_ne!(fact.client_duid, 0);
        assert_eq!(fact.address.to_string(), "2001:db8::9");
    }

    #[test]
    fn relayed_messages_are_not_entered() {
        let mut relayed = REQUEST;
        relayed[0] = 12;
        let fact = parse(&relayed, &Hasher::new(1)).expect("whole");
        assert_eq!((fact.message, fact.client_duid), (12, 0));
    }

    #[test]
    fn cut_options_are_not_read() {
        for length in 4..REQUEST.len() {
            let fact = parse(&REQUEST[..length], &Hasher::new(1)).expect("a message type");
            assert!(fact.address.is_unspecified(), "{length}");
            assert_eq!(fact.client_duid != 0, length >= 12, "{length}");
        }
    }
}
