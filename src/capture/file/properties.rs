//! What must hold for any capture, in any wrapping, cut or spoilt anywhere.

use std::io::Cursor;

use proptest::collection::vec;
use proptest::prelude::*;

use super::testing::{Dribble, frames, gzip, lz4, packed_in_two, pcap, pcapng, read, read_stream};
use crate::capture::DamageKind;

/// Times before 2106 and frames of any bytes.
fn captures() -> impl Strategy<Value = Vec<(u64, Vec<u8>)>> {
    vec(
        (0_u64..4_000_000_000_000_000_000, vec(any::<u8>(), 0..90)),
        0..25,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_wrapping_gives_the_same_frames(capture in captures()) {
        let plain = pcap(&capture);
        let expected = frames(&plain);
        prop_assert_eq!(expected.len(), capture.len());
        for (frame, (time, bytes)) in expected.iter().zip(&capture) {
            prop_assert_eq!(u64::try_from(frame.0), Ok(*time));
            prop_assert_eq!(&frame.4, bytes);
        }
        prop_assert_eq!(&frames(&pcapng(&capture)), &expected);
        let (piped, damage) = read_stream(Dribble(Cursor::new(plain.clone())));
        prop_assert_eq!((&piped, damage), (&expected, None));
        for (_, packed) in packed_in_two(&plain) {
            prop_assert_eq!(&frames(&packed), &expected);
        }
    }

    #[test]
    fn garbage_never_panics(
        capture in captures(),
        ng in any::<bool>(),
        spoilt in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = if ng { pcapng(&capture) } else { pcap(&capture) };
        for (place, byte) in spoilt {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        read(&bytes);
        for (_, mut packed) in packed_in_two(&bytes) {
            let place = packed.len() / 2;
            packed[place] ^= 0x55;
            read(&packed);
        }
    }

    #[test]
    fn random_bytes_never_panic(magic in 0_usize..9, bytes in vec(any::<u8>(), 0..600)) {
        let magic: &[u8] = [
            &b"\xd4\xc3\xb2\xa1\x02\0\x04\0"[..],
            b"\xa1\xb2\xc3\xd4\0\x02\0\x04",
            b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\0\0\0\0\0\0\0\0\x1c\0\0\0",
            b"\x0a\x0d\x0d\x0a",
            b"\x1f\x8b\x08\0",
            b"\x28\xb5\x2f\xfd",
            b"\x04\x22\x4d\x18",
            b"\xfd7zXZ\0",
            b"",
        ][magic];
        read(&[magic, &bytes].concat());
    }
}

/// Four frames of different lengths, the last one empty.
fn sample() -> Vec<(u64, Vec<u8>)> {
    let frame = |len: u8| (u64::from(len) * 1_000_000, (0..len).collect());
    vec![frame(60), frame(3), frame(18), frame(0)]
}

#[test]
fn a_capture_cut_at_any_byte_gives_the_whole_records_before_the_cut() {
    for write in [pcap, pcapng] {
        let capture = sample();
        let whole = write(&capture);
        let expected = frames(&whole);
        let ends: Vec<usize> = (0..=4).map(|n| write(&capture[..n]).len()).collect();
        for cut in 0..whole.len() {
            let (read, damage) = read(&whole[..cut]);
            let complete = ends[1..].iter().filter(|&&end| end <= cut).count();
            assert_eq!(read, expected[..complete], "cut at {cut}");
            if cut >= ends[0] && !ends.contains(&cut) {
                let damage = damage.expect("cut within a record");
                assert_eq!(damage.kind(), DamageKind::CutShort, "cut at {cut}");
                assert_eq!(damage.offset(), ends[complete] as u64, "cut at {cut}");
            } else if ends.contains(&cut) {
                assert_eq!(damage, None, "cut at {cut}");
            }
        }
    }
}

#[test]
fn a_packed_capture_cut_at_any_byte_is_cut_short() {
    let expected = frames(&pcap(&sample()));
    for (name, packed) in packed_in_two(&pcap(&sample())) {
        // The cut right between the two members shows only in what was packed.
        for cut in 1..packed.len() {
            let (read, damage) = read(&packed[..cut]);
            assert!(expected.starts_with(&read), "{name} cut at {cut}");
            assert!(damage.is_some(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn what_is_no_capture_is_refused_at_its_start() {
    for bytes in [
        &b""[..],
        b"\xd4\xc3",
        b"GET / HTTP/1.1\r\n",
        &gzip(b"text"),
        &lz4(b""),
    ] {
        let (_, damage) = read(bytes);
        let damage = damage.expect("no capture");
        assert_eq!(damage.kind(), DamageKind::NotACapture, "{damage}");
        assert_eq!(damage.offset(), 0);
    }
}

#[test]
fn offsets_count_in_the_decompressed_data_and_say_so() {
    let mut plain = pcap(&sample()[..1]);
    let at = plain.len() as u64;
    plain.extend([0xff; 16]);
    let damage = read(&gzip(&plain)).1.expect("an impossible length");
    assert_eq!(damage.offset(), at);
    assert!(
        damage.to_string().ends_with("of the decompressed data)"),
        "{damage}"
    );
}

#[test]
fn a_bomb_is_a_long_stream_and_no_more() {
    // Zeros pack a thousandfold: records of no bytes at all, one after another.
    let mut plain = pcap(&[]);
    plain.resize(4 << 20, 0);
    let bomb = gzip(&plain);
    let (mut count, mut reader) = (
        0_usize,
        super::Reader::new(Box::new(Cursor::new(bomb))).expect("sound"),
    );
    while reader.advance().expect("whole records until the end") {
        count += 1;
        if count == 100_000 {
            return;
        }
    }
    panic!("the stream is longer");
}
