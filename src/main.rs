//! The `doppelmac` program. Everything it does is in the library, from [`doppelmac::cli`] on.

use std::process::ExitCode;

fn main() -> ExitCode {
    doppelmac::cli::main()
}
