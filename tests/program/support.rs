//! The cases of `testdata/` and the program itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;

/// The folder of recorded cases.
pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// A capture of a case, by its path below `testdata/`.
pub(crate) fn capture(path: &str) -> PathBuf {
    let path = testdata().join(path);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

/// Every capture of every case.
pub(crate) fn captures() -> Vec<PathBuf> {
    let mut folders = vec![testdata()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("case.json") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found.sort();
    found
}

/// The program, its surroundings plain.
pub(crate) fn doppelmac() -> Command {
    let mut command = cargo_bin_cmd!();
    command.env("NO_COLOR", "1").env("LC_ALL", "C");
    command
}

/// The program about to read with JSON output.
pub(crate) fn read_json() -> Command {
    let mut command = doppelmac();
    command.args(["read", "--format", "json"]);
    command
}

/// Runs it, however it ends.
pub(crate) fn run(command: &mut Command) -> Output {
    command.output().expect("the program starts and ends")
}

/// What the program wrote to standard output.
pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("output is UTF-8")
}

/// What the program wrote to standard error.
pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("messages are UTF-8")
}

/// The events that a run with `--format json` said.
pub(crate) fn events(output: &Output) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}"));
    stdout(output).lines().map(parse).collect()
}

/// A JSON file.
pub(crate) fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
