use std::process::ExitCode;

use crate::run::Outcome;

/// How the program ends, as a number for scripts (SPEC section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum ExitStatus {
    /// Done.
    Done = 0,
    /// `--fail-on` found something.
    Found = 1,
    /// Wrong usage, configuration or permission.
    Refused = 2,
    /// An input was damaged or cut short.
    Damaged = 3,
}

impl From<Outcome> for ExitStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitStatus::Done,
            Outcome::Found => ExitStatus::Found,
            Outcome::Damaged => ExitStatus::Damaged,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status as u8)
    }
}
