use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};
use clap_complete::Shell;

use super::thresholds::Thresholds;
use super::values::{ColorArg, FormatArg, PortFromArg, PortsByArg, SeverityArg};
use crate::model::Mac;

/// What was typed. No effects yet, and nothing resolved: that is [`super::resolve`].
#[derive(Debug, Parser)]
#[command(
    name = "doppelmac",
    version,
    about = "Finds duplicated, flapping and migrating MAC addresses",
    long_about = "Finds duplicated, flapping and migrating MAC addresses.\n\n\
        doppelmac learns from captured Ethernet frames which MAC address sits behind which port \
        and which IP address belongs to which MAC, and says when that stops being true in a way \
        that matters: two stations use one MAC, two stations claim one IP, a MAC flaps, a virtual \
        machine migrated, an address failed over. One verdict per fault, with the evidence, the \
        likely cause and the next step.",
    after_help = "Run 'doppelmac help COMMAND' for the details of a command.",
    after_long_help = EXIT_STATUS,
    max_term_width = 100
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_STATUS: &str = "Exit status:
  0  done
  1  with --fail-on: an event of that severity or above was raised
  2  wrong usage, configuration or permission; an input that cannot be opened
  3  an input was damaged or cut short; the events up to there are out";

const READ_EXAMPLES: &str = "Examples:
  A report on one capture:
    doppelmac read uplink.pcapng

  A ring of files from dumpcap, one port cut in time:
    doppelmac read --ports-by time ring_*.pcapng

  One file per switch port, recorded at the same time:
    doppelmac read --ports-by file swp1.pcap swp2.pcap swp3.pcap

  JSON lines, and a failing status when something is wrong:
    doppelmac read --format json --fail-on warning uplink.pcapng.zst > events.jsonl

  From a pipe:
    tcpdump -i eth1 -w - -c 100000 | doppelmac read -

Exit status:
  0  done
  1  with --fail-on: an event of that severity or above was raised
  2  wrong usage, configuration or permission; an input that cannot be opened
  3  an input was damaged or cut short; the events up to there are out
     (3 even if --fail-on would give 1)";

const MAC_EXAMPLES: &str = "Examples:
    doppelmac mac 00:50:56:8a:12:34
    doppelmac mac 0050.568a.1234 52-54-00-A7-E3-1C 0242ac110002
    doppelmac mac --format json 00:00:5e:00:01:0a";

const COMPLETIONS_EXAMPLES: &str = "Examples:
    doppelmac completions bash > ~/.local/share/bash-completion/completions/doppelmac
    doppelmac completions zsh > ~/.zfunc/_doppelmac
    doppelmac completions fish > ~/.config/fish/completions/doppelmac.fish";

const MAN_EXAMPLES: &str = "Examples:
    doppelmac man | man -l -
    doppelmac man --out ~/.local/share/man/man1";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Judge capture files
    ///
    /// Reads pcap and pcapng, also compressed with gzip, zstd, lz4 or xz (told by content, not by
    /// name), merges them by packet time, and says what happened. Without --format json the
    /// result is a report for people.
    #[command(after_long_help = READ_EXAMPLES)]
    Read(ReadArgs),

    /// Say what addresses tell of themselves
    ///
    /// Vendor, hypervisor or virtual router, pool, and an IP address if the MAC embeds one.
    #[command(after_long_help = MAC_EXAMPLES)]
    Mac(MacArgs),

    /// Print the JSON Schema of events
    ///
    /// Every line of 'doppelmac read --format json' validates against it.
    Schema,

    /// List the interfaces that can be captured on
    #[cfg(feature = "live")]
    Interfaces,

    /// Print a completion script for a shell
    #[command(after_long_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell to complete in
        shell: Shell,
    },

    /// Print the manual page, or write one page for each command
    #[command(after_long_help = MAN_EXAMPLES)]
    Man {
        /// Write doppelmac.1 and a page for each command into DIR
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// Capture files; - is standard input
    ///
    /// Several files are merged by packet time. Whether they are several ports or one port cut in
    /// time is told by their times, see --ports-by.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    /// How to show events
    #[arg(long, value_enum, default_value_t = FormatArg::Text)]
    pub(super) format: FormatArg,

    /// Write the counts of the run to FILE as one JSON object; - is standard output
    #[arg(long, value_name = "FILE")]
    pub(super) stats: Option<PathBuf>,

    /// End with status 1 if an event of this severity or above was raised
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<SeverityArg>,

    /// What tells ports apart
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = PortFromArg::Auto)]
    pub(super) port_from: PortFromArg,

    /// Whether several files, or nameless interfaces of one file, are several ports
    #[arg(long, value_enum, value_name = "HOW", default_value_t = PortsByArg::Auto)]
    pub(super) ports_by: PortsByArg,

    /// Name this sensor in every event
    #[arg(long, value_name = "NAME")]
    pub(super) sensor: Option<String>,

    /// Take vendor names from FILE, an IEEE listing as CSV, instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(super) oui: Option<PathBuf>,

    /// When to colour the report
    ///
    /// With 'auto' it is coloured on a terminal, unless the environment variable `NO_COLOR` is set.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,

    /// Use N threads: with 2, frames are judged while the next ones are read
    ///
    /// The verdicts are the same with any number. Default: 2 where there are two processors.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) threads: Option<u16>,

    /// Draw no progress bar
    ///
    /// A bar is drawn on standard error only if that is a terminal.
    #[arg(long, action = ArgAction::SetTrue)]
    pub(super) no_progress: bool,

    #[command(flatten)]
    pub(super) thresholds: Thresholds,
}

#[derive(Debug, Args)]
pub(super) struct MacArgs {
    /// MAC addresses, in any notation in use
    #[arg(required = true, value_name = "ADDR")]
    pub(super) addresses: Vec<Mac>,

    /// How to show what is known
    #[arg(long, value_enum, default_value_t = FormatArg::Text)]
    pub(super) format: FormatArg,

    /// Take vendor names from FILE, an IEEE listing as CSV, instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(super) oui: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_declaration_of_arguments_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_explains_itself() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let name = format!("{} {}", command.get_name(), argument.get_id());
                let help = argument.get_help().map(ToString::to_string);
                let help = help.unwrap_or_default();
                assert!(!help.is_empty(), "{name} has no help");
                assert!(!help.ends_with('.'), "{name}: short help has no full stop");
            }
        }
    }
}
