use std::error;
use std::fmt;
use std::io;

/// What is wrong with an input that could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DamageKind {
    /// It does not begin like any capture, or like a version nobody knows.
    NotACapture,
    /// It ends in the middle of a record, a block or a compressed stream.
    CutShort,
    /// A length or a number in it is impossible.
    Malformed,
    /// The compressed data does not decompress.
    Decompression,
    /// The operating system could not read on.
    Unreadable,
}

/// Where and why reading an input stopped. Every whole record before it was delivered.
///
/// Boxed, so that the result of reading a record fits a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    kind: DamageKind,
    offset: u64,
    decompressed: bool,
    message: String,
}

impl Damage {
    /// Damage to the record, block or header that begins at `offset`.
    pub(crate) fn new(kind: DamageKind, offset: u64, message: impl Into<String>) -> Self {
        Damage(Box::new(Details {
            kind,
            offset,
            decompressed: false,
            message: message.into(),
        }))
    }

    /// The same, found in what a decompressor gave.
    pub(crate) fn in_decompressed(mut self, decompressed: bool) -> Self {
        self.0.decompressed = decompressed;
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> DamageKind {
        self.0.kind
    }

    /// First byte of the record, block or header that could not be read, counted from 0; of a
    /// compressed input, in the decompressed data.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// What is wrong, for people, without the offset.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = if self.0.decompressed {
            " of the decompressed data"
        } else {
            ""
        };
        write!(out, "{} (at byte {}{of})", self.0.message, self.0.offset)
    }
}

impl error::Error for Damage {}

/// Why an input could not be opened at all: wrong usage or permission, never the input's content.
#[derive(Debug)]
pub struct OpenError {
    path: String,
    cause: io::Error,
}

impl OpenError {
    pub(crate) fn new(path: &str, cause: io::Error) -> Self {
        OpenError {
            path: path.to_owned(),
            cause,
        }
    }

    /// The path as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the operating system said.
    pub fn cause(&self) -> &io::Error {
        &self.cause
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.cause.kind() {
            io::ErrorKind::NotFound => write!(out, "{path}: no such file"),
            io::ErrorKind::PermissionDenied => {
                write!(out, "{path}: no permission to read this file")
            }
            io::ErrorKind::IsADirectory => {
                write!(out, "{path}: is a directory; name the files in it")
            }
            _ => write!(out, "{path}: {}", self.cause),
        }
    }
}

impl error::Error for OpenError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.cause)
    }
}
