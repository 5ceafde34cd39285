//! How long one frame takes from bytes to sighting. The frames are generated from a fixed seed.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use doppelmac::model::{Direction, Frame, FrameRef, LinkType, PortId, SourceId, Timestamp};
use doppelmac::wire::{Decoder, Options};
use etherparse::PacketBuilder;

const FRAMES: usize = 1024;

fn main() {
    divan::main();
}

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        self.0.rotate_right(23)
    }

    fn mac(&mut self) -> [u8; 6] {
        let [_, _, octets @ ..] = self.next().to_be_bytes();
        octets.map(|octet| octet & 0xfe)
    }

    fn address(&mut self) -> [u8; 4] {
        let [_, b, c, d, ..] = self.next().to_be_bytes();
        [10, b, c, d]
    }
}

fn tcp(numbers: &mut Numbers, payload: usize) -> Vec<u8> {
    let sequence = u32::from_be_bytes(numbers.address());
    let mut bytes = Vec::new();
    PacketBuilder::ethernet2(numbers.mac(), numbers.mac())
        .ipv4(numbers.address(), numbers.address(), 64)
        .tcp(443, 50_000, sequence, 1024)
        .write(&mut bytes, &vec![0x5a; payload])
        .expect("writing to memory");
    bytes
}

fn arp(numbers: &mut Numbers) -> Vec<u8> {
    let sender = numbers.mac();
    let mut bytes = [&[0xff; 6][..], &sender, &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1]].concat();
    bytes.extend(sender);
    bytes.extend(numbers.address());
    bytes.extend([0; 6]);
    bytes.extend(numbers.address());
    bytes.resize(60, 0);
    bytes
}

fn vxlan(numbers: &mut Numbers) -> Vec<u8> {
    let inner = tcp(numbers, 100);
    let mut bytes = Vec::new();
    PacketBuilder::ethernet2(numbers.mac(), numbers.mac())
        .ipv4(numbers.address(), numbers.address(), 64)
        .udp(50_000, 4789)
        .write(
            &mut bytes,
            &[&[8, 0, 0, 0, 0, 0, 9, 0][..], &inner].concat(),
        )
        .expect("writing to memory");
    bytes
}

fn run(bencher: Bencher<'_, '_>, make: impl Fn(&mut Numbers) -> Vec<u8>) {
    let mut numbers = Numbers(42);
    let frames: Vec<Vec<u8>> = (0..FRAMES).map(|_| make(&mut numbers)).collect();
    let mut decoder = Decoder::new(Options::default());
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        for bytes in &frames {
            let frame = Frame {
                time: Timestamp::from_nanos(1),
                at: FrameRef {
                    number: 1,
                    source: SourceId(0),
                },
                port: PortId(0),
                link: LinkType::Ethernet,
                direction: Direction::Unknown,
                wire_len: 60,
                bytes,
            };
            decoder.decode(&frame, &mut |sighting| {
                black_box(sighting);
            });
        }
    });
}

#[divan::bench]
fn arp_requests(bencher: Bencher<'_, '_>) {
    run(bencher, arp);
}

#[divan::bench]
fn tcp_64_bytes(bencher: Bencher<'_, '_>) {
    run(bencher, |numbers| tcp(numbers, 10));
}

#[divan::bench]
fn tcp_1500_bytes(bencher: Bencher<'_, '_>) {
    run(bencher, |numbers| tcp(numbers, 1446));
}

#[divan::bench]
fn tcp_in_vxlan(bencher: Bencher<'_, '_>) {
    run(bencher, vxlan);
}
