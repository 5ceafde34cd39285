use std::net::Ipv4Addr;

use crate::model::{DhcpFact, DhcpMessage, Label, Mac, Reject};

use super::content::Hasher;

const ETHERNET: u8 = 1;
const COOKIE: [u8; 4] = [99, 130, 83, 99];

const PAD: u8 = 0;
const HOST_NAME: u8 = 12;
const REQUESTED_IP: u8 = 50;
const OVERLOAD: u8 = 52;
const MESSAGE_TYPE: u8 = 53;
const VENDOR_CLASS: u8 = 60;
const CLIENT_ID: u8 = 61;
const END: u8 = 255;

/// Reads BOOTP (RFC 951) with the options of DHCP (RFC 2131, RFC 2132). What is needed of the
/// fixed part ends behind `chaddr`; options may be cut off anywhere.
pub(super) fn parse(bytes: &[u8], hasher: &Hasher) -> Result<DhcpFact, Reject> {
    let (&[op, hardware, length, _], rest) =
        bytes.split_first_chunk().ok_or(Reject::DhcpMalformed)?;
    let (&transaction, rest) = rest.split_first_chunk().ok_or(Reject::DhcpMalformed)?;
    // Seconds and flags, then ciaddr, yiaddr, siaddr, giaddr.
    let (&[_, client_ip, your_ip, _, relay_ip], rest) =
        chunks(rest).ok_or(Reject::DhcpMalformed)?;
    let (client, rest) = rest
        .split_first_chunk::<16>()
        .ok_or(Reject::DhcpMalformed)?;
    if !matches!(op, 1 | 2) {
        return Err(Reject::DhcpMalformed);
    }
    let mut fact = DhcpFact {
        message: DhcpMessage::Other(0),
        transaction: u32::from_be_bytes(transaction),
        client_mac: match (hardware, length, client.first_chunk()) {
            (ETHERNET, 6, Some(&octets)) => Mac::new(octets),
            _ => Mac::ZERO,
        },
        client_ip: Ipv4Addr::from(client_ip),
        your_ip: Ipv4Addr::from(your_ip),
        relay_ip: Ipv4Addr::from(relay_ip),
        requested_ip: Ipv4Addr::UNSPECIFIED,
        client_id: 0,
        vendor_class: 0,
        hostname: Label::default(),
    };
    let Some((names, rest)) = rest.split_first_chunk::<192>() else {
        return Ok(fact);
    };
    if let Some((&COOKIE, options)) = rest.split_first_chunk() {
        let overload = read_options(options, &mut fact, hasher);
        // RFC 2131 section 4.1: first `file` (bit 1), then `sname` (bit 2).
        let (server_name, file) = names.split_at(64);
        if overload & 1 != 0 {
            read_options(file, &mut fact, hasher);
        }
        if overload & 2 != 0 {
            read_options(server_name, &mut fact, hasher);
        }
    }
    Ok(fact)
}

fn chunks(bytes: &[u8]) -> Option<(&[[u8; 4]; 5], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<20>()?;
    let (words, _) = head.as_chunks::<4>();
    Some((words.first_chunk()?, rest))
}

/// Reads options up to the end mark or the end of the bytes, and gives back the overload option.
fn read_options(mut options: &[u8], fact: &mut DhcpFact, hasher: &Hasher) -> u8 {
    let mut overload = 0;
    while let Some((&code, rest)) = options.split_first() {
        if code == PAD {
            options = rest;
            continue;
        }
        let Some((&length, rest)) = rest.split_first() else {
            break;
        };
        let Some((value, rest)) = rest.split_at_checked(usize::from(length)) else {
            break;
        };
        options = rest;
        match (code, value) {
            (END, _) => break,
            (HOST_NAME, name) => fact.hostname = Label::new(name),
            (REQUESTED_IP, &[a, b, c, d]) => fact.requested_ip = Ipv4Addr::new(a, b, c, d),
            (OVERLOAD, &[fields]) => overload = fields,
            (MESSAGE_TYPE, &[kind]) => fact.message = message(kind),
            (VENDOR_CLASS, class) => fact.vendor_class = hasher.identity(class),
            (CLIENT_ID, id) => fact.client_id = hasher.identity(id),
            _ => {}
        }
    }
    overload
}

fn message(kind: u8) -> DhcpMessage {
    match kind {
        1 => DhcpMessage::Discover,
        2 => DhcpMessage::Offer,
        3 => DhcpMessage::Request,
        4 => DhcpMessage::Decline,
        5 => DhcpMessage::Ack,
        6 => DhcpMessage::Nak,
        7 => DhcpMessage::Release,
        8 => DhcpMessage::Inform,
        other => DhcpMessage::Other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(options: &[u8]) -> Vec<u8> {
        let mut bytes = vec![1, 1, 6, 0, 0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0];
        bytes.extend([10, 0, 0, 1, 10, 0, 0, 2, 10, 0, 0, 3, 10, 0, 0, 4]);
        bytes.extend([0x52, 0x54, 0, 1, 2, 3]);
        bytes.resize(236, 0);
        bytes.extend(COOKIE);
        bytes.extend(options);
        bytes
    }

    fn read(bytes: &[u8]) -> DhcpFact {
        parse(bytes, &Hasher::new(1)).expect("a whole fixed part")
    }

    #[test]
    fn a_request_names_its_client() {
        let fact = read(&request(&[
            0, 53, 1, 3, 50, 4, 10, 0, 0, 9, 12, 4, b'w', b'e', b'b', b'1', 60, 2, 1, 2, 61, 2, 1,
            2, 255, 53, 1, 1,
        ]));
        assert_eq!(fact.message, DhcpMessage::Request);
        assert_eq!(fact.transaction, 0xcafe_babe);
        assert_eq!(fact.client_mac, Mac::new([0x52, 0x54, 0, 1, 2, 3]));
        assert_eq!(fact.client_ip, Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(fact.your_ip, Ipv4Addr::new(10, 0, 0, 2));
        assert_eq!(fact.relay_ip, Ipv4Addr::new(10, 0, 0, 4));
        assert_eq!(fact.requested_ip, Ipv4Addr::new(10, 0, 0, 9));
        assert_eq!(fact.hostname.as_bytes(), b"web1");
        assert!(fact.client_id != 0 && fact.client_id == fact.vendor_class);
    }

    #[test]
    fn options_may_go_on_in_the_file_field() {
        let mut bytes = request(&[52, 1, 1, 255]);
        bytes[108..112].copy_from_slice(&[53, 1, 5, 255]);
        assert_eq!(read(&bytes).message, DhcpMessage::Ack);
    }

    #[test]
    fn cut_options_are_not_read_and_no_error() {
        let bytes = request(&[53, 1, 1, 12, 200, b'w']);
        let fact = read(&bytes);
        assert_eq!(fact.message, DhcpMessage::Discover);
        assert!(fact.hostname.is_empty());
        let fact = read(&bytes[..44]);
        assert_eq!(fact.message, DhcpMessage::Other(0));
        let cut = parse(&bytes[..43], &Hasher::new(1));
        assert_eq!(cut.err(), Some(Reject::DhcpMalformed));
    }
}
