//! `oci-slim rules`: the built-in rules, in short or in full.

use std::fmt::Write as _;

use serde_json::json;

use crate::error::{Error, nearest};
use crate::rules::{self, Rule};

use super::flags::Format;
use super::{Exit, Stop, show};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Rules to describe in full [default: all, a line each]
    #[arg(value_name = "RULE")]
    names: Vec<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let all: Vec<&Rule> = rules::all().collect();
    let chosen = if args.names.is_empty() {
        all
    } else {
        args.names
            .iter()
            .map(|name| named(name))
            .collect::<Result<_, _>>()?
    };
    let text = match args.format {
        Format::Json => format!(
            "{:#}\n",
            chosen
                .iter()
                .map(|rule| value(rule))
                .collect::<serde_json::Value>()
        ),
        Format::Html | Format::Sarif | Format::Junit => {
            return Err(Stop::Failed(Error::Setting {
                name: "format",
                fault: "the rules are listed as text, json or md".into(),
            }));
        }
        Format::Text if !args.names.is_empty() => chosen
            .iter()
            .map(|rule| described(rule))
            .collect::<Vec<_>>()
            .join("\n"),
        Format::Text => chosen
            .iter()
            .map(|rule| {
                format!(
                    "{:<20} {:<10} {}\n",
                    rule.name,
                    rule.level.as_str(),
                    rule.summary
                )
            })
            .collect(),
        Format::Md => {
            let rows: String = chosen
                .iter()
                .map(|rule| {
                    format!(
                        "| `{}` | {} | {} | {} |\n",
                        rule.name,
                        rule.level.as_str(),
                        rule.summary,
                        rule.caveat
                    )
                })
                .collect();
            format!("| rule | level | what goes | mind |\n|---|---|---|---|\n{rows}")
        }
    };
    show::data(text.as_bytes())?;
    Ok(Exit::Done)
}

fn named(name: &str) -> Result<&'static Rule, Error> {
    let unknown = || Error::Unknown {
        kind: "rule",
        name: name.to_owned(),
        origin: "the command line".into(),
        nearest: nearest(name, rules::all().map(|rule| rule.name)),
    };
    rules::rule(name).ok_or_else(unknown)
}

fn described(rule: &Rule) -> String {
    let mut text = format!(
        "{} ({})\n  {}\n",
        rule.name,
        rule.level.as_str(),
        rule.summary
    );
    let mut line = |word: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {word:<8} {value}");
        }
    };
    for glob in rule.remove {
        line("removes", glob);
    }
    for glob in rule.keep {
        line("keeps", glob);
    }
    line("mind", rule.caveat);
    line("source", rule.source);
    text
}

fn value(rule: &Rule) -> serde_json::Value {
    json!({
        "name": rule.name,
        "level": rule.level.as_str(),
        "summary": rule.summary,
        "removes": rule.remove,
        "keeps": rule.keep,
        "caveat": rule.caveat,
        "source": rule.source,
    })
}
