//! How fast captures are walked. `cargo bench --bench reader`.

use std::io::Write;
use std::path::PathBuf;

use divan::counter::ItemsCount;
use doppelmac::capture::{Inputs, Options};
use tempfile::TempDir;

const FRAMES: u32 = 1_000_000;

fn main() {
    divan::main();
}

/// A pcap of short frames in a folder of its own, 100 MB.
fn capture() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.pcap");
    let file = std::fs::File::create(&path).expect("a file");
    let mut file = std::io::BufWriter::new(file);
    let header = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1_u32];
    let mut write = |fields: &[u32]| {
        for field in fields {
            file.write_all(&field.to_le_bytes()).expect("room on disk");
        }
    };
    write(&header);
    for number in 0..FRAMES {
        write(&[number / 1000, number % 1000, 84, 84]);
        write(&[number; 21]);
    }
    drop(file);
    (folder, path)
}

#[divan::bench]
fn pcap(bencher: divan::Bencher<'_, '_>) {
    let (_folder, path) = capture();
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| {
        let mut inputs = Inputs::open(&[&path], Options::default()).expect("the file is there");
        let mut sum = 0;
        while inputs.burst(4096, |frame| sum += frame.bytes.len()) > 0 {}
        sum
    });
}

#[divan::bench]
fn two_pcaps_merged(bencher: divan::Bencher<'_, '_>) {
    let (_first, one) = capture();
    let (_second, two) = capture();
    bencher.counter(ItemsCount::new(2 * FRAMES)).bench(|| {
        let paths = [&one, &two];
        let mut inputs = Inputs::open(&paths, Options::default()).expect("the files are there");
        let mut sum = 0;
        while inputs.burst(4096, |frame| sum += frame.bytes.len()) > 0 {}
        sum
    });
}
