//! From what was typed to what it means: the terminal and the environment are looked at here.

use std::io::IsTerminal;
use std::{env, io};

use super::args::ReadArgs;
use super::values::ColorArg;
use crate::run::{Error, ReadConfig};

/// What the process finds around it, so that tests can say otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    /// Standard output is a terminal.
    stdout_terminal: bool,
    /// Standard error is a terminal.
    stderr_terminal: bool,
    /// `NO_COLOR` is set and not empty (<https://no-color.org>), or `TERM` is `dumb`.
    plain: bool,
}

impl Surroundings {
    /// What is really there.
    pub(super) fn look() -> Self {
        Surroundings {
            stdout_terminal: io::stdout().is_terminal(),
            stderr_terminal: io::stderr().is_terminal(),
            plain: env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
                || env::var_os("TERM").is_some_and(|value| value == "dumb"),
        }
    }
}

/// Makes every choice that `read` leaves open.
///
/// # Errors
///
/// When options contradict one another.
pub(super) fn read(args: ReadArgs, around: Surroundings) -> Result<ReadConfig, Error> {
    let stdin_named = args.files.iter().filter(|file| *file == "-").count();
    if stdin_named > 1 {
        return Err(Error::configuration(
            "standard input (-) can be read only once; name it once",
        ));
    }
    let color = match args.color {
        ColorArg::Auto => around.stdout_terminal && !around.plain,
        ColorArg::Always => true,
        ColorArg::Never => false,
    };
    Ok(ReadConfig {
        inputs: args.files,
        format: args.format.into(),
        stats: args.stats,
        fail_on: args.fail_on.map(Into::into),
        port_from: args.port_from.into(),
        ports_by: args.ports_by.into(),
        sensor: args.sensor,
        oui: args.oui,
        color,
        progress: around.stderr_terminal && !args.no_progress,
        threads: args.threads.map_or_else(processors, usize::from),
        reorder: args.thresholds.reorder,
        settings: (&args.thresholds).into(),
    })
}

/// How many processors there are for us; one when nobody can tell.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, Command};
    use crate::model::{Severity, Span};
    use crate::run::{Format, PortFrom, PortsBy, Settings};

    const PIPE: Surroundings = Surroundings {
        stdout_terminal: false,
        stderr_terminal: false,
        plain: false,
    };
    const TERMINAL: Surroundings = Surroundings {
        stdout_terminal: true,
        stderr_terminal: true,
        plain: false,
    };

    fn typed(options: &[&str], around: Surroundings) -> Result<ReadConfig, Error> {
        let line = ["doppelmac", "read"].iter().chain(options);
        match Cli::try_parse_from(line)
            .expect("the test's line parses")
            .command
        {
            Command::Read(args) => super::read(args, around),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn options_left_out_mean_the_documented_defaults() {
        let config = typed(&["a.pcap"], PIPE).expect("valid");
        assert_eq!(config.settings, Settings::default());
        assert_eq!(config.reorder, Span::from_secs(1));
        assert_eq!(config.format, Format::Text);
        assert_eq!(config.port_from, PortFrom::Auto);
        assert_eq!(config.ports_by, PortsBy::Auto);
        assert_eq!(config.fail_on, None);
    }

    #[test]
    fn options_reach_the_run() {
        let config = typed(
            &[
                "--port-from",
                "outer-vlan",
                "--ports-by",
                "file",
                "--fail-on",
                "warning",
                "--settle",
                "500ms",
                "--flap-moves",
                "9",
                "a.pcap",
                "-",
            ],
            PIPE,
        )
        .expect("valid");
        assert_eq!(config.port_from, PortFrom::OuterVlan);
        assert_eq!(config.ports_by, PortsBy::File);
        assert_eq!(config.fail_on, Some(Severity::Warning));
        assert_eq!(config.settings.settle, Span::from_millis(500));
        assert_eq!(config.settings.flap_moves, 9);
        assert_eq!(config.inputs.len(), 2);
    }

    #[test]
    fn colour_and_progress_are_for_terminals() {
        let plain = Surroundings {
            plain: true,
            ..TERMINAL
        };
        for (options, around, color, progress) in [
            (&["f"][..], TERMINAL, true, true),
            (&["f"], PIPE, false, false),
            (&["f"], plain, false, true),
            (&["--color=always", "f"], PIPE, true, false),
            (&["--color=always", "f"], plain, true, true),
            (&["--color=never", "f"], TERMINAL, false, true),
            (&["--no-progress", "f"], TERMINAL, true, false),
        ] {
            let config = typed(options, around).expect("valid");
            assert_eq!(
                (config.color, config.progress),
                (color, progress),
                "{options:?}"
            );
        }
    }

    #[test]
    fn standard_input_is_read_once() {
        let error = typed(&["-", "-"], PIPE).expect_err("contradiction");
        assert!(error.to_string().contains("only once"));
    }

    #[test]
    fn thresholds_out_of_range_are_refused() {
        for line in [
            ["--settle", "2"],
            ["--flap-moves", "1"],
            ["--storm-rate", "0"],
            ["--max-stations", "0"],
            ["--max-addresses", "5000000000"],
        ] {
            let line = ["doppelmac", "read", "f"].into_iter().chain(line);
            assert!(Cli::try_parse_from(line).is_err());
        }
    }
}
