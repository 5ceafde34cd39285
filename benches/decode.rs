//! How long one frame takes from bytes to sighting. `cargo bench --bench decode`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use doppelmac::wire::{Decoder, Options};
use traffic::{Kind, Traffic, lend};

mod traffic;

const FRAMES: usize = 1024;

fn main() {
    divan::main();
}

#[divan::bench(args = Kind::ALL)]
fn one_kind(bencher: Bencher<'_, '_>, kind: Kind) {
    let mut traffic = Traffic::new(500);
    let frames: Vec<Vec<u8>> = (0..FRAMES).map(|_| traffic.frame(kind)).collect();
    let mut decoder = Decoder::new(Options::default());
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        for bytes in &frames {
            decoder.decode(&lend(bytes, 1, 0), &mut |sighting| {
                black_box(sighting);
            });
        }
    });
}
