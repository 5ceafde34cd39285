//! The closed sets of words that options take, with a line of help for each.

use clap::ValueEnum;

use crate::model::Severity;
use crate::run::{Format, PortFrom, PortsBy};

/// Declares the words of an option and what each of them means elsewhere.
macro_rules! words {
    ($name:ident for $meaning:ty { $($(#[$doc:meta])* $variant:ident = $value:expr,)+ }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub(super) enum $name { $($(#[$doc])* $variant,)+ }

        impl From<$name> for $meaning {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => $value,)+ }
            }
        }
    };
}

words! {
    FormatArg for Format {
        /// A report for people
        Text = Format::Text,
        /// One JSON object a line, see 'doppelmac schema'
        Json = Format::Json,
    }
}

words! {
    SeverityArg for Severity {
        /// Normal, for the record
        Info = Severity::Info,
        /// Normal, but somebody may want to know
        Notice = Severity::Notice,
        /// Something is wrong
        Warning = Severity::Warning,
        /// Traffic goes astray
        Critical = Severity::Critical,
    }
}

words! {
    PortFromArg for PortFrom {
        /// Tunnelled frames by their tunnel, all others by the capture's interfaces and files
        Auto = PortFrom::Auto,
        /// Interfaces and files of the capture; tunnelled frames are not judged
        Capture = PortFrom::Capture,
        /// Tunnel end points and ERSPAN sessions; other frames are not judged
        Encapsulation = PortFrom::Encapsulation,
        /// The outermost VLAN tag, stamped on by a packet broker
        OuterVlan = PortFrom::OuterVlan,
        /// The source interface of a VN-Tag
        #[value(name = "vntag")]
        VnTag = PortFrom::VnTag,
    }
}

words! {
    PortsByArg for PortsBy {
        /// Files that overlap in time are ports, files that follow one another are one port
        Auto = PortsBy::Auto,
        /// Each file is a port
        File = PortsBy::File,
        /// All are one port, cut in time
        Time = PortsBy::Time,
    }
}

/// When to colour: resolved against the terminal, so no type of another room stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}
