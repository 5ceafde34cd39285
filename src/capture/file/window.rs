use std::io::{self, Read};

use crate::capture::{Damage, DamageKind};

/// How much is asked of the input at a time.
const CHUNK: usize = 256 * 1024;

/// Reads land on addresses that are a multiple of this. Into a target 16 bytes past a page, which
/// is where large allocations begin, the kernel copies four times slower than to a page start.
const ALIGNMENT: usize = 4096;

/// The bytes of a stream that are in memory: one reusable buffer that moves along the stream.
///
/// What is unread at its end when more is needed moves to the front; everything else stays where
/// the kernel put it, and is lent from there.
pub(super) struct Window {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Unread bytes: `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Where in the stream `buffer[0]` would be; wraps while what was moved is longer than what
    /// has been read.
    origin: u64,
    decompressed: bool,
}

impl Window {
    /// A window at the start of a stream.
    pub(super) fn new(input: Box<dyn Read + Send>, decompressed: bool) -> Self {
        Window {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            origin: 0,
            decompressed,
        }
    }

    /// Gives back the input and what of it was read ahead.
    pub(super) fn into_parts(mut self) -> (Vec<u8>, Box<dyn Read + Send>) {
        self.buffer.truncate(self.end);
        self.buffer.drain(..self.start);
        (self.buffer, self.input)
    }

    /// The unread bytes that are in memory.
    #[inline]
    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Where in the buffer the unread bytes begin, for [`Window::slice`].
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.start
    }

    /// Bytes that were read and not yet overwritten by a [`Window::demand`].
    #[inline]
    pub(super) fn slice(&self, start: usize, len: usize) -> &[u8] {
        &self.buffer[start..start + len]
    }

    /// Where in the stream the unread bytes begin.
    pub(super) fn offset(&self) -> u64 {
        self.origin.wrapping_add(self.start as u64)
    }

    /// Steps over bytes that are in memory.
    #[inline]
    pub(super) fn consume(&mut self, len: usize) {
        self.start += len;
        debug_assert!(self.start <= self.end, "only what is in memory is consumed");
    }

    /// Makes `need` unread bytes available; fewer are there afterwards only when the stream ends.
    /// Callers keep `need` bounded: it is what memory is used for.
    #[inline]
    pub(super) fn demand(&mut self, need: usize) -> Result<&[u8], Damage> {
        if self.end - self.start < need {
            self.refill(need)?;
        }
        Ok(self.unread())
    }

    /// Steps over `len` bytes of the stream, however many; tells how many there were.
    pub(super) fn skip(&mut self, len: u64) -> Result<u64, Damage> {
        let mut left = len;
        while left > 0 {
            let here = self.demand(1)?.len();
            if here == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(here);
            self.consume(step);
            left -= step as u64;
        }
        Ok(len - left)
    }

    /// Damage to what begins at the unread bytes.
    #[cold]
    pub(super) fn damage(&self, kind: DamageKind, message: impl Into<String>) -> Damage {
        self.damage_at(self.offset(), kind, message)
    }

    /// Damage to what begins at `offset`.
    #[cold]
    pub(super) fn damage_at(
        &self,
        offset: u64,
        kind: DamageKind,
        message: impl Into<String>,
    ) -> Damage {
        Damage::new(kind, offset, message).in_decompressed(self.decompressed)
    }

    #[cold]
    fn refill(&mut self, need: usize) -> Result<(), Damage> {
        while self.end - self.start < need {
            // Short reads (a pipe, a decompressor) append; only when the buffer is used up does
            // the rest move, so that each byte moves at most once or twice.
            if self.start + need > self.buffer.len() || self.buffer.len() - self.end < CHUNK / 4 {
                self.move_to_front(need);
            }
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
        Ok(())
    }

    /// Moves the unread bytes so that the next read goes to an aligned address, with at least a
    /// chunk of room behind it.
    fn move_to_front(&mut self, need: usize) {
        let unread = self.end - self.start;
        let wanted = need.max(unread) + CHUNK + 2 * ALIGNMENT;
        if self.buffer.len() < wanted {
            let mut larger = vec![0; wanted];
            let target = landing(&larger, unread);
            larger[target - unread..target].copy_from_slice(self.unread());
            self.buffer = larger;
            self.place(target, unread);
        } else {
            let target = landing(&self.buffer, unread);
            self.buffer
                .copy_within(self.start..self.end, target - unread);
            self.place(target, unread);
        }
    }

    fn place(&mut self, end: usize, unread: usize) {
        let offset = self.offset();
        self.end = end;
        self.start = end - unread;
        self.origin = offset.wrapping_sub(self.start as u64);
    }

    fn unreadable(&self, error: &io::Error) -> Damage {
        match (self.decompressed, error.kind()) {
            (true, io::ErrorKind::UnexpectedEof) => {
                self.damage(DamageKind::CutShort, "the compressed data ends too early")
            }
            (true, _) => self.damage(
                DamageKind::Decompression,
                format!("the compressed data is damaged: {error}"),
            ),
            (false, _) => self.damage(DamageKind::Unreadable, format!("cannot read on: {error}")),
        }
    }
}

/// The first index of `buffer` at an aligned address that leaves `unread` bytes before it.
fn landing(buffer: &[u8], unread: usize) -> usize {
    let phase = buffer.as_ptr().addr() % ALIGNMENT;
    (phase + unread).next_multiple_of(ALIGNMENT) - phase
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    struct Dribble(Cursor<Vec<u8>>, usize);

    impl Read for Dribble {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let len = into.len().min(self.1);
            self.0.read(&mut into[..len])
        }
    }

    fn numbered(len: usize) -> Vec<u8> {
        (0..=250).cycle().take(len).collect()
    }

    #[test]
    fn bytes_come_in_order_whatever_a_read_gives() {
        let bytes = numbered(3 * CHUNK + 17);
        for step in [1000, 65_536, usize::MAX] {
            let input = Dribble(Cursor::new(bytes.clone()), step);
            let mut window = Window::new(Box::new(input), false);
            let mut at = 0;
            for need in [1, 5000, 40, 700_000, 13].into_iter().cycle() {
                assert_eq!(window.offset(), at as u64);
                let have = window.demand(need).expect("no damage").len();
                if have < need {
                    assert_eq!(window.unread(), &bytes[at..]);
                    break;
                }
                assert_eq!(&window.unread()[..need], &bytes[at..at + need]);
                window.consume(need);
                at += need;
            }
        }
    }

    #[test]
    fn reads_land_on_a_page() {
        struct Page;
        impl Read for Page {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                assert_eq!(into.as_ptr().addr() % ALIGNMENT, 0);
                assert!(into.len() >= CHUNK);
                Ok(into.len())
            }
        }
        let mut window = Window::new(Box::new(Page), false);
        for _ in 0..5000 {
            window.demand(1501).expect("endless");
            window.consume(1501);
        }
    }

    #[test]
    fn skipping_takes_no_memory() {
        let mut window = Window::new(Box::new(io::repeat(7).take(1 << 30)), false);
        assert_eq!(window.skip(1 << 29).expect("no damage"), 1 << 29);
        assert_eq!(window.offset(), 1 << 29);
        assert_eq!(window.skip(1 << 40).expect("no damage"), 1 << 29);
        assert!(window.buffer.len() < 2 * CHUNK);
    }
}
