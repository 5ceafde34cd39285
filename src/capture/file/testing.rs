//! Writes captures for tests, number by number, and reads them back.

use std::io::{Cursor, Read, Write};

use super::order::ByteOrder;
use super::{Damage, Reader};
use crate::model::Direction;

/// Gives a few bytes at a time, as a pipe may.
pub(crate) struct Dribble(pub(crate) Cursor<Vec<u8>>);

impl Read for Dribble {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let len = into.len().min(7);
        self.0.read(&mut into[..len])
    }
}

/// A frame as it was read: time in ns, interface, direction, length on the wire, bytes.
pub(crate) type Read1 = (i64, u32, Direction, u32, Vec<u8>);

/// Reads a whole stream: its frames, and what stopped it.
pub(crate) fn read_stream(input: impl Read + Send + 'static) -> (Vec<Read1>, Option<Damage>) {
    let mut frames = Vec::new();
    let mut reader = match Reader::new(Box::new(input)) {
        Ok(reader) => reader,
        Err(damage) => return (frames, Some(damage)),
    };
    loop {
        match reader.advance() {
            Ok(true) => {
                let record = *reader.record();
                frames.push((
                    record.time.nanos(),
                    record.interface,
                    record.direction,
                    record.wire_len,
                    reader.bytes().to_vec(),
                ));
            }
            Ok(false) => return (frames, None),
            Err(damage) => return (frames, Some(damage)),
        }
    }
}

/// Reads a capture in memory.
pub(crate) fn read(bytes: &[u8]) -> (Vec<Read1>, Option<Damage>) {
    read_stream(Cursor::new(bytes.to_vec()))
}

/// Reads a capture that must be sound.
pub(crate) fn frames(bytes: &[u8]) -> Vec<Read1> {
    let (frames, damage) = read(bytes);
    assert_eq!(damage, None);
    frames
}

pub(crate) fn u16(order: ByteOrder, value: u16) -> [u8; 2] {
    match order {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    }
}

pub(crate) fn u32(order: ByteOrder, value: u32) -> [u8; 4] {
    match order {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    }
}

fn u32s(order: ByteOrder, values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|&v| u32(order, v)).collect()
}

fn len(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("tests are small")
}

/// A pcap file header.
pub(crate) fn pcap_header(order: ByteOrder, magic: u32, network: u32) -> Vec<u8> {
    let mut bytes = u32s(order, &[magic]);
    bytes.extend(u16(order, 2));
    bytes.extend(u16(order, 4));
    bytes.extend(u32s(order, &[0, 0, 262_144, network]));
    bytes
}

/// A pcap record; `extra` stands between header and frame in the modified format.
pub(crate) fn pcap_record(
    order: ByteOrder,
    time: (u32, u32),
    extra: &[u8],
    frame: &[u8],
) -> Vec<u8> {
    let mut bytes = u32s(order, &[time.0, time.1, len(frame), len(frame) + 4]);
    bytes.extend(extra);
    bytes.extend(frame);
    bytes
}

/// A little-endian pcap in nanoseconds with one Ethernet frame per (time, frame).
pub(crate) fn pcap(frames: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let order = ByteOrder::Little;
    let mut bytes = pcap_header(order, 0xa1b2_3c4d, 1);
    for (time, frame) in frames {
        let seconds = u32::try_from(time / 1_000_000_000).expect("before 2106");
        let nanos = u32::try_from(time % 1_000_000_000).expect("a remainder");
        bytes.extend(pcap_record(order, (seconds, nanos), &[], frame));
    }
    bytes
}

/// A pcapng block around a body, which is padded.
pub(crate) fn block(order: ByteOrder, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let total = u32::try_from(padded + 12).expect("tests are small");
    let mut bytes = u32s(order, &[kind, total]);
    bytes.extend(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(u32(order, total));
    bytes
}

/// A section header block.
pub(crate) fn section(order: ByteOrder) -> Vec<u8> {
    let mut body = u32s(order, &[0x1a2b_3c4d]);
    body.extend(u16(order, 1));
    body.extend(u16(order, 0));
    body.extend([0xff; 8]);
    block(order, 0x0a0d_0d0a, &body)
}

/// One option, padded.
pub(crate) fn option(order: ByteOrder, code: u16, value: &[u8]) -> Vec<u8> {
    let len = u16::try_from(value.len()).expect("tests are small");
    let mut bytes = [u16(order, code), u16(order, len)].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// An interface description block.
pub(crate) fn interface(order: ByteOrder, link: u16, snaplen: u32, options: &[u8]) -> Vec<u8> {
    let mut body = [u16(order, link), u16(order, 0)].concat();
    body.extend(u32(order, snaplen));
    body.extend(options);
    block(order, 1, &body)
}

/// An enhanced packet block.
pub(crate) fn packet(
    order: ByteOrder,
    id: u32,
    stamp: u64,
    frame: &[u8],
    options: &[u8],
) -> Vec<u8> {
    let high = u32::try_from(stamp >> 32).expect("half of 64 bits");
    let low = u32::try_from(stamp & 0xffff_ffff).expect("half of 64 bits");
    let mut body = u32s(order, &[id, high, low, len(frame), len(frame) + 4]);
    body.extend(frame);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(options);
    block(order, 6, &body)
}

/// A little-endian pcapng in nanoseconds with one nameless Ethernet interface.
pub(crate) fn pcapng(frames: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let order = ByteOrder::Little;
    let mut bytes = section(order);
    bytes.extend(interface(order, 1, 0, &option(order, 9, &[9])));
    for (time, frame) in frames {
        bytes.extend(packet(order, 0, *time, frame, &[]));
    }
    bytes
}

/// The bytes packed by gzip, zstd, lz4 and xz, each as two members one after the other.
pub(crate) fn packed_in_two(bytes: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    let halves = bytes.split_at(bytes.len() / 2);
    let both = |pack: fn(&[u8]) -> Vec<u8>| [pack(halves.0), pack(halves.1)].concat();
    [
        ("gzip", both(gzip)),
        (
            "zstd",
            both(|part| zstd::encode_all(part, 1).expect("in memory")),
        ),
        ("lz4", both(lz4)),
        ("xz", both(xz)),
    ]
}

/// One gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("in memory");
    packer.finish().expect("in memory")
}

/// One LZ4 frame.
pub(crate) fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut packer = lz4_flex::frame::FrameEncoder::new(Vec::new());
    packer.write_all(bytes).expect("in memory");
    packer.finish().expect("in memory")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut packer = lzma_rust2::XzWriter::new(Vec::new(), options).expect("in memory");
    packer.write_all(bytes).expect("in memory");
    packer.finish().expect("in memory")
}
