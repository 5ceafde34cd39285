//! Documents made from the declaration of the arguments: completions and manual pages.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Cli;
use crate::run::Error;

/// Writes the completion script for `shell` to standard output.
pub(super) fn completions(shell: Shell) -> Result<(), Error> {
    let mut command = Cli::command();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "doppelmac", &mut script);
    to_stdout(&script)
}

/// Writes the program's manual page to standard output.
pub(super) fn man() -> Result<(), Error> {
    let mut page = Vec::new();
    Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| Error::output("standard output", error))?;
    to_stdout(&page)
}

/// Writes one manual page for the program and one for each command into `folder`.
pub(super) fn man_pages(folder: &Path) -> Result<(), Error> {
    let failed = |error| Error::output(folder.display(), error);
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), folder).map_err(failed)
}

/// Writes the JSON Schema of events to standard output.
pub(super) fn schema() -> Result<(), Error> {
    let mut text = serde_json::to_vec_pretty(&crate::output::schema())
        .map_err(|error| Error::output("standard output", error.into()))?;
    text.push(b'\n');
    to_stdout(&text)
}

fn to_stdout(bytes: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|error| Error::output("standard output", error))
}
