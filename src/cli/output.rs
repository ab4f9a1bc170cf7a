//! The flags that say how and where a document is shown.

use std::path::PathBuf;

use crate::error::Error;
use crate::report::{Document, Format as Form, Paint};

use super::flags::{Color, Format};
use super::{Stop, show};

/// How and where a document is shown.
#[derive(Debug, clap::Args)]
pub(super) struct Output {
    /// Form of the report on standard output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the report to FILE, by extension: .txt .json .md .html .sarif .xml, which is JUnit (can be repeated)
    #[arg(long, value_name = "FILE", value_parser = report_file)]
    report: Vec<ReportFile>,
    /// Print errors only, no report
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// When colour is used
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
}

/// A file for a report, its form told by its name.
#[derive(Clone, Debug)]
struct ReportFile {
    path: PathBuf,
    form: Form,
}

impl Output {
    /// Shows a document in the files asked for and on standard output, unless that is taken.
    pub(super) fn show(&self, document: &impl Document, is_taken: bool) -> Result<(), Stop> {
        for file in &self.report {
            let text = document.render(file.form, Paint(false));
            let text = text.ok_or_else(|| no_form(file.path.display().to_string()))?;
            show::file(&file.path, &text)?;
        }
        if !self.quiet && !is_taken {
            let text = document.render(self.format.into(), show::paint(self.color));
            let text = text.ok_or_else(|| no_form("--format".into()))?;
            show::data(text.as_bytes())?;
        }
        Ok(())
    }
}

/// SARIF is of inspect and check, JUnit of check alone.
fn no_form(name: String) -> Error {
    Error::Setting {
        name: "report",
        fault: format!("{name}: this command has no report of that form"),
    }
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let path = PathBuf::from(text);
    let extension = path.extension().and_then(|extension| extension.to_str());
    let form = extension
        .and_then(Form::of_extension)
        .ok_or("its name must end in .txt, .json, .md, .html, .sarif or .xml")?;
    Ok(ReportFile { path, form })
}
