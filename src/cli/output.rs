//! The flags that say how and where a document is shown.

use std::path::PathBuf;

use crate::report::{Document, Format as Form, Paint};

use super::flags::{Color, Format};
use super::{Stop, show};

/// How and where a document is shown.
#[derive(Debug, clap::Args)]
pub(super) struct Output {
    /// Form of the report on standard output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the report to FILE, by extension: .txt .json .md (can be repeated)
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
            show::file(&file.path, &document.render(file.form, Paint(false)))?;
        }
        if !self.quiet && !is_taken {
            show::document(document, self.format, self.color)?;
        }
        Ok(())
    }
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let path = PathBuf::from(text);
    let extension = path.extension().and_then(|extension| extension.to_str());
    let form = extension
        .and_then(Form::of_extension)
        .ok_or("its name must end in .txt, .json or .md")?;
    Ok(ReportFile { path, form })
}
