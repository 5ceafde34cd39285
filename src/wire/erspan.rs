use crate::model::{Direction, Reject};

/// An ERSPAN header (draft-foschiano-erspan-03), whichever type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Erspan<'a> {
    /// Session ID, 10 bits; zero for type I, which has none.
    pub(super) session: u16,
    /// Port index, as the platform defines it; zero for type I.
    pub(super) index: u32,
    /// VLAN the mirrored frame was in, zero for none: the frame itself may come without its tag.
    pub(super) vlan: u16,
    /// Type III says whether the frame entered or left the mirrored port. Only "left" is believed:
    /// "entered" is zero, which platforms also send that do not fill in the bit.
    pub(super) direction: Direction,
    /// The mirrored frame.
    pub(super) frame: &'a [u8],
}

/// Direction bit in the last 16 bits of the type III header: set for egress.
const EGRESS: u16 = 0x0008;
/// Kind of the mirrored frame: 0 Ethernet, 2 IP.
const FRAME_TYPE: u16 = 0x7c00;
/// Whether an 8-byte platform-specific subheader follows.
const SUBHEADER: u16 = 0x0001;

impl<'a> Erspan<'a> {
    /// GRE protocol 0x88be. Type I has no header at all and no GRE sequence number; type II:
    /// version 4, VLAN 12, class of service 3, encapsulation 2, truncated 1, session 10, reserved 12, index 20
    /// bits.
    pub(super) fn parse(bytes: &'a [u8], sequenced: bool) -> Result<Self, Reject> {
        if !sequenced {
            return Ok(Erspan {
                session: 0,
                index: 0,
                vlan: 0,
                direction: Direction::Unknown,
                frame: bytes,
            });
        }
        let (&[v0, v1, s0, s1, i0, i1, i2, i3], frame) =
            bytes.split_first_chunk().ok_or(Reject::TunnelMalformed)?;
        let (version, vlan) = version_and_vlan([v0, v1]);
        if version != 1 {
            return Err(Reject::TunnelMalformed);
        }
        Ok(Erspan {
            session: session([s0, s1]),
            index: u32::from_be_bytes([i0, i1, i2, i3]) & 0xf_ffff,
            vlan,
            direction: Direction::Unknown,
            frame,
        })
    }

    /// GRE protocol 0x22eb. Version 4, VLAN 12, class of service 3, BSO 2, truncated 1, session 10, timestamp
    /// 32, group tag 16, P 1, frame type 5, hardware ID 6, direction 1, granularity 2, O 1 bits.
    /// `Ok(None)` when the mirrored frame is bare IP.
    pub(super) fn parse_v3(bytes: &'a [u8]) -> Result<Option<Self>, Reject> {
        let (&[v0, v1, s0, s1, _, _, _, _, _, _, l0, l1], mut frame) =
            bytes.split_first_chunk().ok_or(Reject::TunnelMalformed)?;
        let (version, vlan) = version_and_vlan([v0, v1]);
        if version != 2 {
            return Err(Reject::TunnelMalformed);
        }
        let last = u16::from_be_bytes([l0, l1]);
        let mut index = u32::from(last >> 4 & 0x3f);
        if last & SUBHEADER != 0 {
            let (&platform, rest) = frame.split_first_chunk().ok_or(Reject::TunnelMalformed)?;
            frame = rest;
            index = port_index(platform).unwrap_or(index);
        }
        let is_ethernet = last & FRAME_TYPE == 0;
        Ok(is_ethernet.then_some(Erspan {
            session: session([s0, s1]),
            index,
            vlan,
            direction: if last & EGRESS == 0 {
                Direction::Unknown
            } else {
                Direction::Outbound
            },
            frame,
        }))
    }
}

fn version_and_vlan(bytes: [u8; 2]) -> (u16, u16) {
    let word = u16::from_be_bytes(bytes);
    (word >> 12, word & 0x0fff)
}

fn session(bytes: [u8; 2]) -> u16 {
    u16::from_be_bytes(bytes) & 0x03ff
}

/// The port of the platform-specific subheader, by the platform number in its first six bits;
/// without one the hardware ID has to do. Two switches of one platform 5 fabric may number
/// their ports alike, so their switch ID is part of the index.
fn port_index(subheader: [u8; 8]) -> Option<u32> {
    let [p0, p1, p2, p3, i0, i1, i2, i3] = subheader;
    let head = u32::from_be_bytes([p0, p1, p2, p3]);
    match head >> 26 {
        1 => Some(u32::from_be_bytes([i0, i1, i2, i3])),
        3 => Some(head & 0x3fff),
        5 | 6 => Some(head & 0x03ff_ffff),
        7 => Some(head & 0xf_ffff),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_one_is_the_frame_and_nothing_else() {
        let erspan = Erspan::parse(&[1, 2], false).expect("valid");
        assert_eq!((erspan.session, erspan.index, erspan.vlan), (0, 0, 0));
        assert_eq!(erspan.frame, [1, 2]);
    }

    #[test]
    fn type_two_names_session_index_and_vlan() {
        let bytes = [0x10, 0x64, 0x08, 0x07, 0, 0x01, 0x00, 0x0c, 9];
        let erspan = Erspan::parse(&bytes, true).expect("valid");
        assert_eq!((erspan.session, erspan.index), (7, 0x1_000c));
        assert_eq!((erspan.vlan, erspan.frame), (100, &[9][..]));
        assert!(Erspan::parse(&bytes[..7], true).is_err());
    }

    #[test]
    fn type_three_tells_what_left_the_port() {
        let mut bytes = [0u8; 20];
        bytes[..4].copy_from_slice(&[0x20, 0x0a, 0, 5]);
        bytes[10..12].copy_from_slice(&0x0038u16.to_be_bytes());
        let erspan = Erspan::parse_v3(&bytes).expect("valid").expect("Ethernet");
        assert_eq!((erspan.session, erspan.index, erspan.vlan), (5, 3, 10));
        assert_eq!(erspan.direction, Direction::Outbound);
        assert_eq!(erspan.frame.len(), 8);
    }

    #[test]
    fn the_platform_subheader_names_the_port() {
        let mut bytes = [0u8; 20];
        bytes[0] = 0x20;
        bytes[11] = 1;
        bytes[12..16].copy_from_slice(&(3u32 << 26 | 0x1234).to_be_bytes());
        let erspan = Erspan::parse_v3(&bytes).expect("valid").expect("Ethernet");
        assert_eq!((erspan.index, erspan.frame), (0x1234, &[][..]));
        assert_eq!(erspan.direction, Direction::Unknown);
    }

    #[test]
    fn bare_ip_is_no_mirrored_frame() {
        let mut bytes = [0u8; 12];
        bytes[0] = 0x20;
        bytes[10] = 2 << 2;
        assert_eq!(Erspan::parse_v3(&bytes), Ok(None));
    }
}
