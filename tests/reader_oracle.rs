//! The reader against two others that know nothing of it: libpcap and the crate `pcap-file`.
//! Files that one of them writes must read the same by all that can read them.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use doppelmac::capture::{Inputs, Options};
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapReader, PcapWriter};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::{Block, PcapNgBlock, PcapNgReader, PcapNgWriter};
use pcap_file::{DataLink, Endianness, TsResolution};
use proptest::collection::vec;
use proptest::prelude::*;

/// Time in ns, length on the wire, captured bytes.
type Frame = (u64, u32, Vec<u8>);

fn captures() -> impl Strategy<Value = Vec<Frame>> {
    // Whole microseconds of the 31 bits of seconds that every reader agrees on.
    let time =
        (0_u64..2_000_000_000, 0_u64..1_000_000).prop_map(|(s, us)| (s * 1_000_000 + us) * 1000);
    let frame = (time, 0_u32..2000, vec(any::<u8>(), 0..200));
    vec(
        frame.prop_map(|(time, cut, bytes)| {
            let len = u32::try_from(bytes.len()).expect("short");
            (time, len + cut, bytes)
        }),
        0..30,
    )
}

fn ours(path: &Path) -> Vec<Frame> {
    let mut inputs = Inputs::open(&[path], Options::default()).expect("the file is there");
    let mut frames = Vec::new();
    while let Some(frame) = inputs.next() {
        let time = u64::try_from(frame.time.nanos()).expect("after 1970");
        assert_eq!(frame.at.number, frames.len() as u64 + 1);
        frames.push((time, frame.wire_len, frame.bytes.to_vec()));
    }
    assert_eq!(inputs.damages().count(), 0);
    frames
}

#[cfg(feature = "live")]
fn libpcap(path: &Path) -> Vec<Frame> {
    let mut capture =
        pcap::Capture::from_file_with_precision(path, pcap::Precision::Nano).expect("a capture");
    let mut frames = Vec::new();
    while let Ok(packet) = capture.next_packet() {
        let stamp = packet.header.ts;
        let nanos = stamp.tv_sec * 1_000_000_000 + stamp.tv_usec;
        let time = u64::try_from(nanos).expect("after 1970");
        frames.push((time, packet.header.len, packet.data.to_vec()));
    }
    frames
}

fn write_pcap(path: &Path, frames: &[Frame], endianness: Endianness, resolution: TsResolution) {
    let header = PcapHeader {
        endianness,
        ts_resolution: resolution,
        snaplen: 65_535,
        datalink: DataLink::ETHERNET,
        ..PcapHeader::default()
    };
    let file = File::create(path).expect("a file");
    let mut writer = PcapWriter::with_header(file, header).expect("a header");
    for (time, wire_len, bytes) in frames {
        let packet = PcapPacket::new(Duration::from_nanos(*time), *wire_len, bytes);
        writer.write_packet(&packet).expect("a packet");
    }
}

fn write_pcapng(path: &Path, frames: &[Frame], endianness: Endianness) {
    let file = File::create(path).expect("a file");
    let mut writer = PcapNgWriter::with_endianness(file, endianness).expect("a section");
    let interface = InterfaceDescriptionBlock {
        linktype: DataLink::ETHERNET,
        snaplen: 0,
        options: vec![InterfaceDescriptionOption::IfTsResol(9)],
    };
    writer
        .write_block(&interface.into_block())
        .expect("an interface");
    for (time, wire_len, bytes) in frames {
        let packet = EnhancedPacketBlock {
            interface_id: 0,
            timestamp: Duration::from_nanos(*time),
            original_len: *wire_len,
            data: Cow::Borrowed(bytes),
            options: Vec::new(),
        };
        writer.write_block(&packet.into_block()).expect("a packet");
    }
}

/// What `pcap-file` reads in a pcap of its own.
fn pcap_file(path: &Path) -> Vec<Frame> {
    let mut reader = PcapReader::new(File::open(path).expect("a file")).expect("a header");
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        let packet = packet.expect("a packet");
        let time = u64::try_from(packet.timestamp.as_nanos()).expect("64 bits");
        frames.push((time, packet.orig_len, packet.data.to_vec()));
    }
    frames
}

/// Lengths and bytes that `pcap-file` reads in a pcapng.
fn pcapng_file(path: &Path) -> Vec<(u32, Vec<u8>)> {
    let mut reader = PcapNgReader::new(File::open(path).expect("a file")).expect("a section");
    let mut frames = Vec::new();
    while let Some(block) = reader.next_block() {
        if let Block::EnhancedPacket(packet) = block.expect("a block") {
            frames.push((packet.original_len, packet.data.to_vec()));
        }
    }
    frames
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pcap_reads_as_the_others_read_it(capture in captures(), big in any::<bool>(), nano in any::<bool>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pcap");
        let order = if big { Endianness::Big } else { Endianness::Little };
        let resolution = if nano { TsResolution::NanoSecond } else { TsResolution::MicroSecond };
        write_pcap(&path, &capture, order, resolution);
        let read = ours(&path);
        prop_assert_eq!(&read, &capture);
        prop_assert_eq!(&read, &pcap_file(&path));
        #[cfg(feature = "live")]
        prop_assert_eq!(&read, &libpcap(&path));
    }

    #[test]
    fn pcapng_reads_as_the_others_read_it(capture in captures(), big in any::<bool>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pcapng");
        let order = if big { Endianness::Big } else { Endianness::Little };
        write_pcapng(&path, &capture, order);
        let read = ours(&path);
        let bytes: Vec<_> = read.iter().map(|frame| (frame.1, frame.2.clone())).collect();
        prop_assert_eq!(bytes, pcapng_file(&path));
        #[cfg(feature = "live")]
        prop_assert_eq!(&read, &libpcap(&path));
    }
}

#[test]
#[cfg(feature = "live")]
fn what_libpcap_writes_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.pcap");
    let dead = pcap::Capture::dead(pcap::Linktype::ETHERNET).expect("a handle");
    let mut savefile = dead.savefile(&path).expect("a file");
    // Headers come from libpcap itself, so that no C types are needed here.
    let original = folder.path().join("b.pcap");
    let frames = [
        (1_500_000_123_456_000, 60, vec![7; 14]),
        (1_500_000_123_457_000, 0, Vec::new()),
    ];
    write_pcap(
        &original,
        &frames,
        Endianness::Big,
        TsResolution::MicroSecond,
    );
    let mut capture = pcap::Capture::from_file(&original).expect("a capture");
    while let Ok(packet) = capture.next_packet() {
        savefile.write(&packet);
    }
    savefile.flush().expect("room on disk");
    assert_eq!(ours(&path), frames);
}
