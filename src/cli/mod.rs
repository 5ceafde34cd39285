//! The command line: in come arguments, out goes an exit status.
//!
//! Two stages, so that each can be read and tested alone. `args` is what was typed, checked for
//! form. `resolve` turns it into what it means, in the terms of [`crate::run`]. Nothing here
//! reads a capture or judges one.

mod addresses;
mod args;
mod docs;
mod exit;
#[cfg(feature = "live")]
mod interfaces;
mod resolve;
mod span;
mod thresholds;
mod values;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command};
use self::exit::ExitStatus;
use self::resolve::Surroundings;
use crate::run::{self, Error, Outcome};

/// Runs the program with the arguments of the process and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let status = if error.use_stderr() {
                ExitStatus::Refused
            } else {
                ExitStatus::Done
            };
            // Help that nobody reads to its end is no failure, and there is nowhere to report one.
            let _ = error.print();
            return status.into();
        }
    };
    match perform(cli.command) {
        Ok(outcome) => ExitStatus::from(outcome).into(),
        Err(error) if error.is_broken_pipe() => ExitStatus::Done.into(),
        Err(error) => {
            let _ = writeln!(io::stderr(), "doppelmac: {error}");
            ExitStatus::Refused.into()
        }
    }
}

fn perform(command: Command) -> Result<Outcome, Error> {
    match command {
        Command::Read(args) => return run::read(&resolve::read(args, Surroundings::look())?),
        Command::Mac(args) => addresses::show(&args)?,
        Command::Schema => docs::schema()?,
        #[cfg(feature = "live")]
        Command::Interfaces => interfaces::list()?,
        Command::Completions { shell } => docs::completions(shell)?,
        Command::Man { out: None } => docs::man()?,
        Command::Man { out: Some(folder) } => docs::man_pages(&folder)?,
    }
    Ok(Outcome::Done)
}
