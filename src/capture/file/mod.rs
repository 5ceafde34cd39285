//! Reads one capture: a stream of bytes comes in, packet records go out, in file order.
//!
//! The stream may be compressed, and may be pcap or pcapng; its first bytes tell. Records are
//! lent from one buffer per stream, whose size no length in the stream can drive past a fixed
//! bound. It never opens anything, never orders by time and never decides what is a port. What
//! cannot be read is a [`Damage`] with its offset, after every whole record before it.

mod compression;
mod interface;
mod order;
mod pcap;
mod pcapng;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod testing;
mod window;

use std::io::{Cursor, Read};

use self::compression::Compression;
use self::pcap::Pcap;
use self::pcapng::Pcapng;
use self::window::Window;
use super::{Damage, DamageKind};
use crate::model::{Direction, Timestamp};

pub(crate) use self::interface::{Interface, link_name, link_type};
#[cfg(test)]
pub(crate) use self::order::ByteOrder;

/// Longest captured frame. Linux offload (BIG TCP) makes frames of 512 KiB; libpcap and Wireshark
/// stop at 256 KiB. What claims more is garbage.
const MAX_CAPTURED: usize = 1024 * 1024;

/// One packet record: what its header says, and where its bytes lie in the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Packet time.
    pub(crate) time: Timestamp,
    /// Direction, where the capture records it.
    pub(crate) direction: Direction,
    /// Index into [`Reader::interfaces`]; the reader has checked that it is one.
    pub(crate) interface: u32,
    /// Length on the wire in bytes.
    pub(crate) wire_len: u32,
    /// Where the captured bytes lie in the window.
    start: usize,
    len: usize,
}

/// A walk over the packet records of one capture.
pub(crate) struct Reader {
    window: Window,
    format: Format,
    /// The record read last. It is written in place, field by field: moving it through results
    /// was a third of the time of a walk.
    record: Record,
}

enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Reader {
    /// Looks at the first bytes of a stream and gets ready to read what they announce.
    pub(crate) fn new(input: Box<dyn Read + Send>) -> Result<Reader, Damage> {
        let mut window = Window::new(input, false);
        let start = window.demand(Compression::MAGIC_LEN)?;
        if let Some(compression) = Compression::detect(start) {
            let (start, rest) = window.into_parts();
            let unpacked = compression
                .unpack(Box::new(Cursor::new(start).chain(rest)))
                .map_err(|error| Damage::new(DamageKind::Decompression, 0, error.to_string()))?;
            window = Window::new(unpacked, true);
        }
        let magic = window.demand(4)?;
        let Some(&magic) = magic.first_chunk::<4>() else {
            let message = if magic.is_empty() {
                "the input is empty"
            } else {
                "not a capture: it ends within its first four bytes"
            };
            return Err(window.damage(DamageKind::NotACapture, message));
        };
        let format = if magic == pcapng::MAGIC {
            Format::Pcapng(Pcapng::new())
        } else {
            Format::Pcap(Pcap::open(magic, &mut window)?)
        };
        Ok(Reader {
            window,
            format,
            record: Record::default(),
        })
    }

    /// Goes on to the next packet record; tells whether there is one. After the end, or damage,
    /// there is nothing more to read.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, Damage> {
        match &mut self.format {
            Format::Pcap(pcap) => pcap.advance(&mut self.window, &mut self.record),
            Format::Pcapng(pcapng) => pcapng.advance(&mut self.window, &mut self.record),
        }
    }

    /// The record that [`Reader::advance`] went to.
    #[inline]
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// The captured bytes of that record.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.window.slice(self.record.start, self.record.len)
    }

    /// The interfaces declared so far, of all sections.
    #[inline]
    pub(crate) fn interfaces(&self) -> &[Interface] {
        match &self.format {
            Format::Pcap(pcap) => pcap.interfaces(),
            Format::Pcapng(pcapng) => pcapng.interfaces(),
        }
    }

    /// Which section of the capture is being read, from 0.
    pub(crate) fn section(&self) -> u32 {
        match &self.format {
            Format::Pcap(_) => 0,
            Format::Pcapng(pcapng) => pcapng.section(),
        }
    }
}
