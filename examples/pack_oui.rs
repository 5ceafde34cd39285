//! Packs IEEE listings (CSV) into the table that the program embeds.
//!
//! ```text
//! cargo run --example pack_oui -- src/vendor/oui.bin oui.csv oui28.csv oui36.csv iab.csv
//! ```

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};

use doppelmac::vendor::Vendors;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let target = arguments.next().ok_or("usage: pack_oui TARGET LISTING…")?;
    let mut listings: Box<dyn Read> = Box::new(io::empty());
    for path in arguments {
        // A listing need not end with a line break.
        listings = Box::new(listings.chain(File::open(path)?).chain(&b"\n"[..]));
    }
    let vendors = Vendors::from_csv(listings)?;
    std::fs::write(target, vendors.as_bytes())?;
    Ok(())
}
