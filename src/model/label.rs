use std::fmt;

/// A short name from the wire (host name, system name), held inline so that a sighting stays `Copy`.
///
/// Names longer than [`Label::MAX`] bytes are cut; the bytes are whatever was sent, so who shows
/// them escapes them. `Display` replaces what is no UTF-8.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Label {
    len: u8,
    bytes: [u8; Label::MAX],
}

impl Label {
    /// Longest name that is kept whole, in bytes.
    pub const MAX: usize = 31;

    /// The name, cut to [`Label::MAX`] bytes, without trailing zero bytes.
    pub fn new(name: &[u8]) -> Self {
        let end = name
            .iter()
            .rposition(|&b| b != 0)
            .map_or(0, |last| last + 1);
        let name = &name[..end.min(Self::MAX)];
        let mut bytes = [0; Self::MAX];
        bytes[..name.len()].copy_from_slice(name);
        Label {
            len: u8::try_from(name.len()).unwrap_or(0),
            bytes,
        }
    }

    /// Whether there is no name.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes as sent.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Display for Label {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&String::from_utf8_lossy(self.as_bytes()))
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.to_string())
    }
}
