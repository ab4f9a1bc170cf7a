//! Findings and cases: what other programs show beside code, in SARIF, JUnit and GitHub's annotations.

use serde_json::{Value, json};

use super::document::Document;
use super::value::Tool;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A limit is missed, or a secret lies open.
    Error,
    /// Something is wasted.
    Warning,
    /// Something could be done.
    Note,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something found in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of finding it is.
    pub rule: &'static str,
    /// What all of this kind have in common.
    pub summary: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// Where in the image, as it is displayed.
    pub path: Option<String>,
}

/// Something that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What it belongs to: the image's platform.
    pub group: String,
    /// What was checked.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// What there is.
    pub text: String,
}

/// How many results GitHub takes of one upload.
const RESULTS: usize = 5000;

/// Writes findings as SARIF 2.1.0; places are paths in the image.
pub(super) fn sarif(findings: &[Finding]) -> String {
    let mut kinds: Vec<&Finding> = Vec::new();
    for finding in findings {
        if kinds.iter().all(|known| known.rule != finding.rule) {
            kinds.push(finding);
        }
    }
    let rule = |finding: &&Finding| {
        json!({
            "id": finding.rule,
            "shortDescription": {"text": finding.summary},
            "defaultConfiguration": {"level": finding.level.name()},
        })
    };
    let tool = Tool::this();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": tool.name,
                "version": tool.version,
                "rules": kinds.iter().map(rule).collect::<Vec<_>>(),
            }},
            "results": findings.iter().take(RESULTS).map(result).collect::<Vec<_>>(),
        }],
    });
    format!("{document:#}\n")
}

fn result(finding: &Finding) -> Value {
    // Places that show findings want one each: the root of the image where there is no better.
    let uri = match &finding.path {
        Some(path) => percent_encoded(path),
        None => ".".into(),
    };
    json!({
        "ruleId": finding.rule,
        "level": finding.level.name(),
        "message": {"text": finding.text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}],
    })
}

/// RFC 3986: everything but unreserved characters and slashes.
fn percent_encoded(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(byte.into());
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Writes cases as JUnit's XML, which most CI servers read; one suite for each group.
pub(super) fn junit(cases: &[Case]) -> String {
    let failed = |cases: &[&Case]| cases.iter().filter(|case| !case.holds).count();
    let all: Vec<&Case> = cases.iter().collect();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"oci-slim check\" tests=\"{}\" failures=\"{}\">\n",
        all.len(),
        failed(&all)
    );
    let mut groups: Vec<&str> = Vec::new();
    for case in cases {
        if !groups.contains(&&case.group[..]) {
            groups.push(&case.group);
        }
    }
    for group in groups {
        let own: Vec<&Case> = cases.iter().filter(|case| case.group == group).collect();
        let name = xml(group);
        text.push_str(&format!(
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\">\n",
            own.len(),
            failed(&own)
        ));
        for case in own {
            let head = format!(
                "<testcase classname=\"{name}\" name=\"{}\"",
                xml(&case.name)
            );
            let what = xml(&case.text);
            text.push_str(&if case.holds {
                format!("    {head}/>\n")
            } else {
                format!("    {head}><failure message=\"{what}\"/></testcase>\n")
            });
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn xml(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '&' => "&amp;".into(),
        '"' => "&quot;".into(),
        control if control.is_control() => " ".into(),
        other => other.to_string(),
    });
    escaped.collect()
}

/// The findings of a document as GitHub's workflow commands, a line each; at most ten, as GitHub shows no more of a step.
pub fn annotations(document: &impl Document) -> Vec<String> {
    let findings = document.findings().unwrap_or_default();
    let line = |finding: &Finding| {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        format!(
            "::{level} title=oci-slim {}::{}",
            finding.rule,
            command(&finding.text)
        )
    };
    findings.iter().take(10).map(line).collect()
}

/// A workflow command is one line.
fn command(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
