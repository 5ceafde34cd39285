//! Decompression by content: what a stream is packed with stands in its first bytes.

use std::io::{self, BufRead, BufReader, Read};

/// How much compressed data is read at a time.
const CHUNK: usize = 128 * 1024;

/// Memory that an xz stream may ask for, in KiB: its strongest preset needs 65 MiB.
const XZ_MEMORY_KIB: u32 = 256 * 1024;

/// The compressions that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Lz4,
    Xz,
}

impl Compression {
    /// How many bytes of a stream tell.
    pub(super) const MAGIC_LEN: usize = 6;

    /// What the stream that begins with `start` is packed with, if anything.
    pub(super) fn detect(start: &[u8]) -> Option<Compression> {
        if start.starts_with(&[0x1f, 0x8b]) {
            Some(Compression::Gzip)
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Some(Compression::Zstd)
        } else if start.starts_with(&[0x04, 0x22, 0x4d, 0x18]) {
            Some(Compression::Lz4)
        } else if start.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0x00]) {
            Some(Compression::Xz)
        } else {
            None
        }
    }

    /// Unpacks a stream, all its members or frames one after another.
    pub(super) fn unpack(self, packed: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
        let packed = BufReader::with_capacity(CHUNK, packed);
        Ok(match self {
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Compression::Zstd => Box::new(zstd::Decoder::with_buffer(packed)?),
            Compression::Lz4 => Box::new(Lz4Frames::new(packed)),
            Compression::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(
                packed,
                true,
                XZ_MEMORY_KIB,
            )),
        })
    }
}

/// LZ4 frames one after another, and an error when the last one has no end.
///
/// `FrameDecoder` gives an end of file after each frame, and also when the stream ends between
/// two blocks of a frame. The two are told apart by whether it asked for bytes that were not
/// there.
struct Lz4Frames<R: BufRead> {
    decoder: lz4_flex::frame::FrameDecoder<Watched<R>>,
}

struct Watched<R> {
    input: R,
    asked_past_end: bool,
}

impl<R: BufRead> Lz4Frames<R> {
    fn new(input: R) -> Self {
        Lz4Frames {
            decoder: lz4_flex::frame::FrameDecoder::new(Watched {
                input,
                asked_past_end: false,
            }),
        }
    }
}

impl<R: BufRead> Read for Lz4Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            // The decoder consumes at least a block header in each turn, so this ends.
            match self.decoder.read(into)? {
                0 => {
                    let watched = self.decoder.get_mut();
                    if watched.asked_past_end {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    if watched.input.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                }
                read => return Ok(read),
            }
        }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.asked_past_end |= read == 0 && !into.is_empty();
        Ok(read)
    }
}
