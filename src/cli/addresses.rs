//! `doppelmac mac`: what addresses say of themselves.

use std::io::{self, Write};

use super::args::MacArgs;
use crate::output::{write_mac_json, write_mac_text};
use crate::run::{self, Error, Format};

/// Writes what is known of each address to standard output.
pub(super) fn show(args: &MacArgs) -> Result<(), Error> {
    let vendors = run::vendors(args.oui.as_deref())?;
    let format: Format = args.format.into();
    let mut out = io::stdout().lock();
    for (index, &mac) in args.addresses.iter().enumerate() {
        let written = match format {
            Format::Json => write_mac_json(&mut out, mac, &vendors),
            Format::Text if index > 0 => {
                writeln!(out).and_then(|()| write_mac_text(&mut out, mac, &vendors))
            }
            Format::Text => write_mac_text(&mut out, mac, &vendors),
        };
        written.map_err(|error| Error::output("standard output", error))?;
    }
    out.flush()
        .map_err(|error| Error::output("standard output", error))
}
