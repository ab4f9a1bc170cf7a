//! The program: parses the command line, runs a command, and ends with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    oci_slim::cli::main()
}
