//! How long a capture file takes from its first block to the last verdict.
//! `cargo bench --bench pipeline`.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use doppelmac::capture::{self, Inputs};
use doppelmac::model::Span;
use doppelmac::run::{Pipeline, PortFrom, Settings};
use tempfile::TempDir;
use traffic::{Kind, Traffic, lend};

mod traffic;

const FRAMES: u32 = 500_000;

fn main() {
    divan::main();
}

/// A pcap in nanoseconds, in a folder of its own, of frames of these kinds in turn.
fn record(kinds: &[Kind], hosts: u32) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.pcap");
    let file = std::fs::File::create(&path).expect("a file");
    let mut file = BufWriter::new(file);
    let mut write = |fields: &[u32], bytes: &[u8]| {
        for field in fields {
            file.write_all(&field.to_le_bytes()).expect("room on disk");
        }
        file.write_all(bytes).expect("room on disk");
    };
    write(&[0xa1b2_3c4d, 0x0004_0002, 0, 0, 262_144, 1], &[]);
    let mut traffic = Traffic::new(hosts);
    for (number, &kind) in (0..FRAMES).zip(kinds.iter().cycle()) {
        let bytes = traffic.frame(kind);
        let frame = lend(&bytes, number.into(), 0);
        let second = 1_000_000_000;
        let [seconds, nanos] = [frame.time.nanos() / second, frame.time.nanos() % second]
            .map(|part| u32::try_from(part).expect("before 2106"));
        write(&[seconds, nanos, frame.wire_len, frame.wire_len], &bytes);
    }
    drop(file);
    (folder, path)
}

fn judge(path: &Path) -> usize {
    let mut inputs = Inputs::open(&[path], capture::Options::default()).expect("the file is there");
    let mut pipeline = Pipeline::new(
        Settings::default(),
        PortFrom::Auto,
        Span::from_secs(1),
        false,
    );
    while inputs.burst(4096, |frame| pipeline.push(&frame)) > 0 {}
    pipeline.finish();
    pipeline.engine().events().count()
}

fn whole_file(bencher: Bencher<'_, '_>, kinds: &[Kind], hosts: u32) {
    let (_folder, path) = record(kinds, hosts);
    let bytes = path.metadata().expect("the file is there").len();
    bencher
        .counter(ItemsCount::new(FRAMES))
        .counter(BytesCount::new(bytes))
        .bench(|| judge(&path));
}

#[divan::bench]
fn short_frames(bencher: Bencher<'_, '_>) {
    whole_file(bencher, &[Kind::Tcp], 100);
}

#[divan::bench]
fn long_frames(bencher: Bencher<'_, '_>) {
    whole_file(bencher, &[Kind::LongTcp], 100);
}

#[divan::bench]
fn all_kinds(bencher: Bencher<'_, '_>) {
    whole_file(bencher, &Kind::ALL, 100);
}

#[divan::bench]
fn all_kinds_of_100_000_stations(bencher: Bencher<'_, '_>) {
    whole_file(bencher, &Kind::ALL, 100_000);
}
