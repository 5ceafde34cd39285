use super::interface::{Clock, Interface};
use super::order::ByteOrder;
use super::window::Window;
use super::{MAX_CAPTURED, Record};
use crate::capture::{Damage, DamageKind};
use crate::model::{Direction, Timestamp};

const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
/// Kuznetzov's format adds interface index, protocol and packet type to each record.
const MODIFIED_RECORD_HEADER: usize = 24;

/// The classic format of tcpdump (draft-ietf-opsawg-pcap): a header, then records.
pub(super) struct Pcap {
    order: ByteOrder,
    /// Length of a record's header.
    header: usize,
    /// Nanoseconds in a unit of the sub-second field.
    unit: i64,
    interface: [Interface; 1],
}

impl Pcap {
    /// Reads the file header that begins with `magic`.
    pub(super) fn open(magic: [u8; 4], window: &mut Window) -> Result<Pcap, Damage> {
        let Some((order, header, unit)) = variant(u32::from_le_bytes(magic), ByteOrder::Little)
            .or_else(|| variant(u32::from_be_bytes(magic), ByteOrder::Big))
        else {
            return Err(window.damage(
                DamageKind::NotACapture,
                "not a capture: neither pcap nor pcapng, plain or packed with gzip, zstd, lz4 or xz",
            ));
        };
        let Some(fields) = window.demand(FILE_HEADER)?.first_chunk::<FILE_HEADER>() else {
            return Err(window.damage(
                DamageKind::CutShort,
                "the capture ends within its file header",
            ));
        };
        let (major, minor) = (order.u16(fields, 4), order.u16(fields, 6));
        let snaplen = order.u32(fields, 16);
        // The upper half holds the length of the frame check sequence and reserved bits.
        let link_code = (order.u32(fields, 20) & 0xffff) as u16;
        if major != 2 {
            return Err(window.damage(
                DamageKind::NotACapture,
                format!("pcap version {major}.{minor} is not known; 2.x is"),
            ));
        }
        window.consume(FILE_HEADER);
        Ok(Pcap {
            order,
            header,
            unit,
            interface: [Interface {
                name: None,
                link_code,
                snaplen,
                section: 0,
                index: 0,
                dropped: 0,
                clock: Clock::MICROSECONDS,
            }],
        })
    }

    pub(super) fn interfaces(&self) -> &[Interface] {
        &self.interface
    }

    #[inline]
    pub(super) fn advance(
        &mut self,
        window: &mut Window,
        record: &mut Record,
    ) -> Result<bool, Damage> {
        let bytes = window.demand(self.header)?;
        let fields = match bytes.first_chunk::<RECORD_HEADER>() {
            Some(fields) if bytes.len() >= self.header => fields,
            _ if bytes.is_empty() => return Ok(false),
            _ => {
                return Err(window.damage(
                    DamageKind::CutShort,
                    "the capture ends within the header of a record",
                ));
            }
        };
        let seconds = i64::from(self.order.u32(fields, 0));
        let fraction = i64::from(self.order.u32(fields, 4));
        let len = self.order.u32(fields, 8) as usize;
        let wire_len = self.order.u32(fields, 12);
        if len > MAX_CAPTURED {
            return Err(window.damage(
                DamageKind::Malformed,
                format!("a record claims {len} captured bytes; more than {MAX_CAPTURED} cannot be"),
            ));
        }
        let whole = self.header + len;
        let there = window.demand(whole)?.len();
        if there < whole {
            return Err(window.damage(
                DamageKind::CutShort,
                format!(
                    "the capture ends within a frame: {} of {len} bytes are there",
                    there.saturating_sub(self.header)
                ),
            ));
        }
        // Two 32-bit fields stay within 64 bits even if the fraction is out of its range.
        record.time = Timestamp::from_nanos(seconds * 1_000_000_000 + fraction * self.unit);
        record.direction = Direction::Unknown;
        record.interface = 0;
        record.wire_len = wire_len;
        record.start = window.position() + self.header;
        record.len = len;
        window.consume(whole);
        Ok(true)
    }
}

/// What a magic number, read in the given order, announces.
fn variant(magic: u32, order: ByteOrder) -> Option<(ByteOrder, usize, i64)> {
    match magic {
        0xa1b2_c3d4 => Some((order, RECORD_HEADER, 1000)),
        0xa1b2_3c4d => Some((order, RECORD_HEADER, 1)),
        0xa1b2_cd34 => Some((order, MODIFIED_RECORD_HEADER, 1000)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{frames, pcap_header, pcap_record, read};
    use super::*;

    const FRAME: [u8; 14] = *b"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\x06";
    const BOTH: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];

    #[test]
    fn both_byte_orders_and_every_magic_are_read() {
        for order in BOTH {
            for (magic, nanos, extra) in [
                (0xa1b2_c3d4, 7_000_005_000, &[][..]),
                (0xa1b2_3c4d, 7_000_000_005, &[]),
                (0xa1b2_cd34, 7_000_005_000, &[9; 8]),
            ] {
                let mut file = pcap_header(order, magic, 1);
                file.extend(pcap_record(order, (7, 5), extra, &FRAME));
                file.extend(pcap_record(order, (8, 0), extra, &FRAME[..3]));
                let read = frames(&file);
                let expected = (nanos, 0, Direction::Unknown, 18, FRAME.to_vec());
                assert_eq!(read[0], expected);
                assert_eq!(read[1].4, FRAME[..3]);
            }
        }
    }

    #[test]
    fn frame_check_sequence_bits_do_not_hide_the_link_type() {
        let file = pcap_header(ByteOrder::Little, 0xa1b2_c3d4, 0x2400_0001);
        let magic = [0xd4, 0xc3, 0xb2, 0xa1];
        let mut window = Window::new(Box::new(std::io::Cursor::new(file)), false);
        let pcap = Pcap::open(magic, &mut window).expect("a sound header");
        assert_eq!(pcap.interfaces()[0].link_code, 1);
    }

    #[test]
    fn a_header_alone_is_an_empty_capture() {
        assert!(frames(&pcap_header(ByteOrder::Big, 0xa1b2_c3d4, 1)).is_empty());
    }

    #[test]
    fn an_impossible_length_is_damage_where_its_record_begins() {
        let mut file = pcap_header(ByteOrder::Little, 0xa1b2_c3d4, 1);
        file.extend(pcap_record(ByteOrder::Little, (1, 0), &[], &FRAME));
        let at = file.len() as u64;
        file.extend([0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
        file.extend([0; 64]);
        let (frames, damage) = read(&file);
        let damage = damage.expect("4 GiB in a record");
        assert_eq!((frames.len(), damage.offset()), (1, at));
        assert_eq!(damage.kind(), DamageKind::Malformed);
    }

    #[test]
    fn an_unknown_version_is_refused() {
        let mut file = pcap_header(ByteOrder::Little, 0xa1b2_c3d4, 1);
        file[4] = 1;
        let damage = read(&file).1.expect("version 1");
        assert_eq!(damage.kind(), DamageKind::NotACapture);
        assert!(damage.message().contains("1.4"), "{damage}");
    }
}
