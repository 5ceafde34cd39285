use std::fmt;
use std::io;
use std::path::Path;

/// Why a run could not be carried out.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    context: String,
    source: Option<io::Error>,
}

/// The area in which a run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked for makes no sense together.
    Configuration,
    /// Something to read could not be opened or read.
    Input,
    /// Something could not be written.
    Output,
}

impl Error {
    /// An error in what was asked for; `context` says what and what to do about it.
    pub fn configuration(context: impl Into<String>) -> Self {
        Error {
            kind: ErrorKind::Configuration,
            context: context.into(),
            source: None,
        }
    }

    /// `path` could not be opened or read.
    pub fn input(path: &Path, source: io::Error) -> Self {
        Error {
            kind: ErrorKind::Input,
            context: format!("cannot read {}", path.display()),
            source: Some(source),
        }
    }

    /// `name`, a path or "standard output", could not be written.
    pub fn output(name: impl fmt::Display, source: io::Error) -> Self {
        Error {
            kind: ErrorKind::Output,
            context: format!("cannot write {name}"),
            source: Some(source),
        }
    }

    /// The area in which it failed.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the reader of our output went away, as `head` does: no failure of ours.
    pub fn is_broken_pipe(&self) -> bool {
        self.kind == ErrorKind::Output
            && self
                .source
                .as_ref()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.context)?;
        match &self.source {
            Some(source) => write!(out, ": {source}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_and_where() {
        let error = Error::input(
            Path::new("core.pcap"),
            io::Error::from(io::ErrorKind::PermissionDenied),
        );
        assert_eq!(
            error.to_string(),
            "cannot read core.pcap: permission denied"
        );
        assert_eq!(error.kind(), ErrorKind::Input);
    }

    #[test]
    fn only_output_that_nobody_reads_is_a_broken_pipe() {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(Error::output("standard output", gone()).is_broken_pipe());
        assert!(!Error::input(Path::new("-"), gone()).is_broken_pipe());
    }
}
