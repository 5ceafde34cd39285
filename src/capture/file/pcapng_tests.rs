use super::super::testing::{block, frames, interface, option, packet, read, section, u16, u32};
use super::*;
use std::io::Cursor;

const LITTLE: ByteOrder = ByteOrder::Little;
const FRAME: [u8; 17] = *b"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\x06abc";

fn start(order: ByteOrder) -> Vec<u8> {
    let mut file = section(order);
    file.extend(interface(order, 1, 0, &[]));
    file
}

/// A sound start with one packet, then `bytes`: the packet is read, and the damage begins there.
fn damage_after_one_packet(bytes: &[u8]) -> Damage {
    let mut file = start(LITTLE);
    file.extend(packet(LITTLE, 0, 1, &FRAME, &[]));
    let at = file.len() as u64;
    file.extend(bytes);
    let (frames, damage) = read(&file);
    let damage = damage.expect("damage");
    assert_eq!((frames.len(), damage.offset()), (1, at), "{damage}");
    damage
}

#[test]
fn sections_may_change_byte_order_and_number_interfaces_anew() {
    let mut file = start(LITTLE);
    file.extend(packet(LITTLE, 0, 1_000, &FRAME, &[]));
    file.extend(start(ByteOrder::Big));
    file.extend(packet(ByteOrder::Big, 0, 2_000, &FRAME, &[]));
    let read = frames(&file);
    let unknown = Direction::Unknown;
    assert_eq!(read[0], (1_000_000, 0, unknown, 21, FRAME.to_vec()));
    assert_eq!(read[1], (2_000_000, 1, unknown, 21, FRAME.to_vec()));
}

#[test]
fn interfaces_say_name_clock_snaplen_and_drops() {
    let mut file = section(LITTLE);
    let options = [
        option(LITTLE, 2, b"swp3"),
        option(LITTLE, 9, &[0x80 | 1]),
        option(LITTLE, 14, &100_i64.to_le_bytes()),
        option(LITTLE, 0, &[]),
    ];
    file.extend(interface(LITTLE, 276, 96, &options.concat()));
    file.extend(packet(LITTLE, 0, 3, &FRAME, &[]));
    let mut statistics = [0; 12].to_vec();
    statistics.extend(option(LITTLE, 5, &40_u64.to_le_bytes()));
    statistics.extend(option(LITTLE, 7, &2_u64.to_le_bytes()));
    file.extend(block(LITTLE, 5, &statistics));
    let mut window = Window::new(Box::new(Cursor::new(file)), false);
    let mut pcapng = Pcapng::new();
    let mut record = Record::default();
    assert_eq!(pcapng.advance(&mut window, &mut record), Ok(true));
    assert_eq!(record.time.nanos(), 101_500_000_000);
    assert_eq!(pcapng.advance(&mut window, &mut record), Ok(false));
    let known = &pcapng.interfaces()[0];
    assert_eq!(known.name.as_deref(), Some("swp3"));
    assert_eq!((known.link_code, known.snaplen), (276, 96));
    assert_eq!(known.dropped, 42);
}

#[test]
fn packet_flags_give_the_direction() {
    for (flags, expected) in [
        (0, Direction::Unknown),
        (1, Direction::Inbound),
        (2, Direction::Outbound),
        (0x1d, Direction::Inbound),
    ] {
        let options = [
            option(LITTLE, 1, b"a comment"),
            option(LITTLE, 2, &u32(LITTLE, flags)),
            option(LITTLE, 0, &[]),
        ];
        let mut file = start(LITTLE);
        file.extend(packet(LITTLE, 0, 1, &FRAME, &options.concat()));
        assert_eq!(frames(&file)[0].2, expected);
    }
}

#[test]
fn the_old_packet_block_has_a_narrow_interface_and_a_drop_count() {
    for order in [LITTLE, ByteOrder::Big] {
        let mut body = [u16(order, 0), u16(order, 9)].concat();
        for field in [0, 5, 17, 60] {
            body.extend(u32(order, field));
        }
        body.extend(FRAME);
        let mut file = start(order);
        file.extend(block(order, 2, &body));
        let expected = (5000, 0, Direction::Unknown, 60, FRAME.to_vec());
        assert_eq!(frames(&file), [expected]);
    }
}

#[test]
fn a_simple_packet_is_cut_by_the_snaplen_and_has_the_time_before_it() {
    let mut file = section(LITTLE);
    file.extend(interface(LITTLE, 1, 6, &[]));
    file.extend(packet(LITTLE, 0, 77, &FRAME, &[]));
    let body = [&u32(LITTLE, 1000)[..], &FRAME[..6]].concat();
    file.extend(block(LITTLE, 3, &body));
    let expected = (77_000, 0, Direction::Unknown, 1000, FRAME[..6].to_vec());
    assert_eq!(frames(&file)[1], expected);
}

#[test]
fn unknown_blocks_are_skipped_whatever_their_size() {
    let mut file = start(LITTLE);
    file.extend(block(LITTLE, 0x0bad, &[1; 21]));
    file.extend(block(LITTLE, 0x4000_0bad, &vec![0; 3 << 20]));
    file.extend(packet(LITTLE, 0, 1, &FRAME, &[]));
    assert_eq!(frames(&file).len(), 1);
}

#[test]
fn impossible_block_lengths_are_damage() {
    for kind in [1_u32, 2, 3, 5, 6, 0x0bad] {
        for len in [0_u32, 8, 13, 0xffff_ffff] {
            let framing = [u32(LITTLE, kind), u32(LITTLE, len), [0; 4], [0; 4]].concat();
            let damage = damage_after_one_packet(&framing);
            assert_eq!(damage.kind(), DamageKind::Malformed, "{kind} {len}");
        }
    }
}

#[test]
fn a_block_of_four_gibibytes_needs_no_memory_for_them() {
    let framing = [u32(LITTLE, 0x0bad), u32(LITTLE, 0xffff_fffc), [0; 4]].concat();
    let damage = damage_after_one_packet(&framing);
    assert_eq!(damage.kind(), DamageKind::CutShort);
    let framing = [u32(LITTLE, 6), u32(LITTLE, 0xffff_fffc), [0; 4]].concat();
    let damage = damage_after_one_packet(&framing);
    assert_eq!(damage.kind(), DamageKind::Malformed);
}

#[test]
fn lengths_before_and_after_a_body_must_agree() {
    for kind in [6, 0x0bad] {
        let mut bad = block(LITTLE, kind, &[0; 40]);
        let at = bad.len() - 4;
        bad[at] ^= 4;
        let damage = damage_after_one_packet(&bad);
        assert!(damage.message().contains("52 bytes before"), "{damage}");
    }
}

#[test]
fn a_packet_must_fit_its_block_and_name_a_declared_interface() {
    let mut long = packet(LITTLE, 0, 1, &FRAME, &[]);
    long[20] = 21;
    let damage = damage_after_one_packet(&long);
    assert!(damage.message().contains("21 captured bytes"), "{damage}");
    let damage = damage_after_one_packet(&packet(LITTLE, 1, 1, &FRAME, &[]));
    assert!(damage.message().contains("interface 1"), "{damage}");
    let damage = damage_after_one_packet(&packet(LITTLE, u32::MAX, 1, &FRAME, &[]));
    assert_eq!(damage.kind(), DamageKind::Malformed);
}

#[test]
fn a_section_must_say_its_byte_order_and_version() {
    let mut bad = section(LITTLE);
    bad[8] = 0;
    assert_eq!(damage_after_one_packet(&bad).kind(), DamageKind::Malformed);
    let mut bad = section(LITTLE);
    bad[12] = 2;
    let damage = damage_after_one_packet(&bad);
    assert!(damage.message().contains("version 2.0"), "{damage}");
}

#[test]
fn broken_options_are_no_reason_to_give_up() {
    let mut file = section(LITTLE);
    let options = [2, 0, 0xff, 0xff, b'x', 0, 0, 0];
    file.extend(interface(LITTLE, 1, 0, &options));
    file.extend(packet(LITTLE, 0, 1, &FRAME, &options));
    assert_eq!(frames(&file).len(), 1);
}

#[test]
fn interfaces_are_bounded() {
    let mut file = section(LITTLE);
    let one = interface(LITTLE, 1, 0, &[]);
    let full = file.len() + one.len() * MAX_INTERFACES;
    for _ in 0..=MAX_INTERFACES {
        file.extend(&one);
    }
    let damage = read(&file).1.expect("one too many");
    assert_eq!(damage.offset(), full as u64);
}
