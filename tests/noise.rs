//! Damaged captures go all the way through the program without a panic, and in bounded time.

use std::fs;
use std::path::{Path, PathBuf};

use doppelmac::capture::{Inputs, Options};
use doppelmac::model::Span;
use doppelmac::run::{Pipeline, PortFrom, Settings};
use proptest::prelude::*;

/// Captures of many protocols, not compressed: damage is to reach the frames.
const CAPTURES: [&str; 4] = [
    "ip_duplicate/taken_anyway/mirror.pcap",
    "ip_failover/vrrp_virtual_mac/ports-in.pcapng",
    "mac_flapping/unbundled_link/ports-in.pcapng",
    "mac_moved/vxlan/ports-in.pcapng",
];

fn capture(path: &str) -> Vec<u8> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "testdata"].iter().collect();
    fs::read(folder.join(path)).expect("a capture")
}

/// Reads and judges a file; gives the number of frames and of events.
fn judge(path: &Path) -> (u64, usize) {
    let mut inputs = Inputs::open(&[path], Options::default()).expect("the file is there");
    let reorder = Span::from_secs(1);
    let mut pipeline = Pipeline::new(Settings::default(), PortFrom::Auto, reorder, true);
    loop {
        pipeline.expect_lanes(inputs.lanes());
        if inputs.burst(4096, |frame| pipeline.push(&frame)) == 0 {
            break;
        }
    }
    pipeline.finish();
    let frames = inputs.interfaces().iter().map(|i| i.frames).sum();
    (frames, pipeline.engine().events().count())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_capture_is_judged_as_far_as_it_goes(
        which in 0..CAPTURES.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..200),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = capture(CAPTURES[which]);
        // The file header stays, so that what is behind it is read.
        let header = 64;
        for (place, value) in damage {
            let place = header + place.index(bytes.len() - header);
            bytes[place] = value;
        }
        bytes.truncate(header + cut.index(2 * bytes.len()).min(bytes.len() - header));
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("damaged");
        fs::write(&path, &bytes).expect("written");
        let (frames, events) = judge(&path);
        // Each frame takes a record header, and nothing is said over and over of one frame.
        prop_assert!(frames <= bytes.len() as u64 / 16);
        prop_assert!(events as u64 <= 8 * frames + 16);
    }
}
