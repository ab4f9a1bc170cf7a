//! The keys of slim.toml, table by table.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use globset::Glob;
use toml::de::{DeTable, DeValue};

use crate::error::Result;
use crate::image::Platform;
use crate::plan::{Aim, Mode};
use crate::report::Saving;
use crate::report::check::Limits;
use crate::rules::{self, Origin, Profile, RuleOptions, UserRule};
use crate::run;

use super::Config;
use super::reader::{Reader, Value};
use super::size::{self, SHARE_FAULT, SIZE_FAULT};

/// Reads the whole file.
pub(super) fn config(reader: Reader<'_>) -> Result<Config> {
    const KEYS: [&str; 12] = [
        "profile",
        "platforms",
        "rules",
        "remove",
        "keep",
        "packages",
        "distroless",
        "needs",
        "layers",
        "output",
        "verify",
        "budget",
    ];
    let mut config = Config::default();
    let mut user: Vec<(usize, UserRule)> = Vec::new();
    let document = reader.document()?;
    for (key, value) in reader.entries(document.get_ref(), &KEYS)? {
        match key {
            "profile" => config.rules.profile = profile(reader, value)?,
            "platforms" => config.platforms = platforms(reader, value)?,
            "rules" => rule_table(reader, reader.table(value)?, &mut config.rules)?,
            "remove" | "keep" => {
                for (place, table) in reader.tables(value)? {
                    let rule = user_rule(reader, place, table, key == "keep")?;
                    user.push((place.span().start, rule));
                }
            }
            "packages" => {
                for (_, value) in reader.entries(reader.table(value)?, &["drop"])? {
                    config.drop_packages = names(reader, value)?;
                }
            }
            "distroless" => {
                for (key, value) in
                    reader.entries(reader.table(value)?, &["depth", "traces", "user"])?
                {
                    match key {
                        "depth" => config.distroless.depth = word(reader, value)?,
                        "user" => config.distroless.user = Some(reader.string(value)?.to_owned()),
                        _ => config.traces = traces(reader, value)?,
                    }
                }
            }
            "needs" => {
                for (_, value) in reader.entries(reader.table(value)?, &["run"])? {
                    let lines = reader.strings(value)?.into_iter();
                    config.needs = lines.map(|(_, line)| line.to_owned()).collect();
                }
            }
            "layers" => (config.mode, config.aim) = layers(reader, reader.table(value)?)?,
            "output" => {
                for (_, value) in reader.entries(reader.table(value)?, &["compress"])? {
                    config.compress = word(reader, value)?;
                }
            }
            "verify" => {
                for (key, value) in reader.entries(reader.table(value)?, &["run", "timeout"])? {
                    match key {
                        "run" => config.run = lines(reader, value)?,
                        _ => config.run_timeout = Duration::from_secs(reader.count(value)?),
                    }
                }
            }
            _ => budgets(reader, reader.table(value)?, &mut config)?,
        }
    }
    user.sort_by_key(|(place, _)| *place);
    config.rules.user = user.into_iter().map(|(_, rule)| rule).collect();
    Ok(config)
}

/// Commands, whose quotes are looked at here, where their lines and columns are known.
fn lines(reader: Reader<'_>, value: &Value<'_>) -> Result<Vec<String>> {
    let lines = reader.strings(value)?.into_iter();
    lines
        .map(|(place, line)| match run::split(line) {
            Ok(_) => Ok(line.to_owned()),
            Err(fault) => Err(reader.fault_at(place, format!("`{line}`: {fault}"))),
        })
        .collect()
}

fn rule_table(reader: Reader<'_>, table: &DeTable<'_>, rules: &mut RuleOptions) -> Result<()> {
    for (key, value) in reader.entries(table, &["enable", "disable"])? {
        match key {
            "enable" => rules.enable = rule_names(reader, value, false)?,
            _ => rules.disable = rule_names(reader, value, true)?,
        }
    }
    Ok(())
}

fn profile(reader: Reader<'_>, value: &Value<'_>) -> Result<Profile> {
    let names = Profile::NAMES.map(|(name, _)| name);
    let word = reader.string(value)?;
    word.parse()
        .map_err(|_| reader.unknown(value, "profile", &names))
}

fn platforms(reader: Reader<'_>, value: &Value<'_>) -> Result<Vec<Platform>> {
    let platform = |(place, name): (&Value<'_>, &str)| {
        name.parse()
            .map_err(|fault| reader.fault_at(place, format!("`{name}`: {fault}")))
    };
    reader.strings(value)?.into_iter().map(platform).collect()
}

/// Names are looked up again with the rules; here their lines and columns are known.
fn rule_names(reader: Reader<'_>, value: &Value<'_>, all: bool) -> Result<Vec<(String, Origin)>> {
    for (place, name) in reader.strings(value)? {
        let known = rules::rule(name).is_some() || (all && name == "*");
        if !known {
            let names: Vec<&str> = rules::all().map(|rule| rule.name).collect();
            return Err(reader.unknown_of_many(place, "rule", &names));
        }
    }
    names(reader, value)
}

fn traces(reader: Reader<'_>, value: &Value<'_>) -> Result<Vec<PathBuf>> {
    let files = reader.strings(value)?.into_iter();
    Ok(files.map(|(_, file)| PathBuf::from(file)).collect())
}

fn names(reader: Reader<'_>, value: &Value<'_>) -> Result<Vec<(String, Origin)>> {
    let names = reader.strings(value)?.into_iter();
    Ok(names
        .map(|(place, name)| (name.to_owned(), reader.origin(place)))
        .collect())
}

fn user_rule(
    reader: Reader<'_>,
    place: &Value<'_>,
    table: &DeTable<'_>,
    keep: bool,
) -> Result<UserRule> {
    let known: &[&str] = if keep {
        &["name", "globs"]
    } else {
        &["name", "globs", "larger-than"]
    };
    let mut rule = UserRule {
        name: String::new(),
        globs: Vec::new(),
        larger_than: None,
        keep,
        origin: reader.origin(place),
    };
    for (key, value) in reader.entries(table, known)? {
        match key {
            "name" => rule.name = reader.string(value)?.to_owned(),
            "globs" => rule.globs = globs(reader, value)?,
            _ => rule.larger_than = Some(bytes(reader, value)?),
        }
    }
    let Some(first) = rule.globs.first() else {
        return Err(reader.fault_at(place, "the rule has no `globs`".into()));
    };
    if rule.name.is_empty() {
        rule.name.clone_from(first);
    }
    Ok(rule)
}

/// Globs are compiled with the rules too; here their lines and columns are known.
fn globs(reader: Reader<'_>, value: &Value<'_>) -> Result<Vec<String>> {
    reader
        .strings(value)?
        .into_iter()
        .map(|(place, glob)| match Glob::new(glob) {
            Ok(_) => Ok(glob.to_owned()),
            Err(error) => Err(reader.fault_at(place, format!("glob `{glob}`: {}", error.kind()))),
        })
        .collect()
}

fn layers(reader: Reader<'_>, table: &DeTable<'_>) -> Result<(Mode, Option<Aim>)> {
    let (mut mode, mut above, mut max, mut aim) = (Mode::Keep, None, None, None);
    for (key, value) in reader.entries(table, &["mode", "above", "max", "aim"])? {
        let count = |value| {
            let count = reader.count(value)?;
            usize::try_from(count).map_err(|_| reader.fault_at(value, "too many layers".into()))
        };
        match key {
            "mode" if reader.string(value)? == "squash-above" => mode = Mode::SquashAbove(1),
            "mode" => mode = word(reader, value)?,
            "aim" => aim = Some(word(reader, value)?),
            "above" => above = Some(count(value)?),
            _ => max = Some((value, count(value)?)),
        }
    }
    if let (Mode::SquashAbove(base), Some(above)) = (&mut mode, above) {
        *base = above;
    }
    if let (Mode::Regroup(_), Some((place, max))) = (mode, max) {
        mode = Mode::regroup(max).map_err(|fault| reader.fault_at(place, fault))?;
    }
    Ok((mode, aim))
}

const LIMITS: [&str; 7] = [
    "max-size",
    "min-efficiency",
    "max-wasted",
    "min-saving",
    "max-growth",
    "forbid",
    "require",
];

/// The limits, and tables of limits for one platform each: a key with a slash is a platform.
fn budgets(reader: Reader<'_>, table: &DeTable<'_>, config: &mut Config) -> Result<()> {
    let platforms: Vec<&str> = table
        .keys()
        .map(|key| &**key.get_ref())
        .filter(|key| key.contains('/'))
        .collect();
    let known: Vec<&str> = LIMITS.iter().copied().chain(platforms).collect();
    for (key, value) in reader.entries(table, &known)? {
        if !key.contains('/') {
            limit(reader, key, value, &mut config.limits)?;
            continue;
        }
        let platform = key
            .parse()
            .map_err(|fault| reader.fault_at(value, format!("`{key}`: {fault}")))?;
        let mut own = Limits::default();
        for (key, value) in reader.entries(reader.table(value)?, &LIMITS)? {
            limit(reader, key, value, &mut own)?;
        }
        config.platform_limits.push((platform, own));
    }
    Ok(())
}

fn limit(reader: Reader<'_>, key: &str, value: &Value<'_>, limits: &mut Limits) -> Result<()> {
    let budget = &mut limits.budget;
    match key {
        "max-size" => budget.max_size = Some(bytes(reader, value)?),
        "max-wasted" => budget.max_wasted = Some(bytes(reader, value)?),
        "min-saving" => budget.min_saving = Some(saving(reader, value)?),
        "max-growth" => limits.max_growth = Some(saving(reader, value)?),
        "forbid" => limits.forbid = globs(reader, value)?,
        "require" => limits.require = globs(reader, value)?,
        _ => {
            let share = reader.number(value)?;
            if !(0.0..=1.0).contains(&share) {
                let fault = "an efficiency lies between 0 and 1".into();
                return Err(reader.fault_at(value, fault));
            }
            budget.min_efficiency = Some(share);
        }
    }
    Ok(())
}

fn saving(reader: Reader<'_>, value: &Value<'_>) -> Result<Saving> {
    let text = reader.string(value)?;
    size::percent(text)
        .map(Saving::Percent)
        .or_else(|| size::size(text).map(Saving::Bytes))
        .ok_or_else(|| reader.fault_at(value, format!("`{text}` {SHARE_FAULT}")))
}

/// A size as text, or a plain number of bytes.
fn bytes(reader: Reader<'_>, value: &Value<'_>) -> Result<u64> {
    if let DeValue::Integer(_) = value.get_ref() {
        return reader.count(value);
    }
    let text = reader.string(value)?;
    size::size(text).ok_or_else(|| reader.fault_at(value, format!("`{text}` {SIZE_FAULT}")))
}

fn word<T: FromStr<Err = String>>(reader: Reader<'_>, value: &Value<'_>) -> Result<T> {
    let word = reader.string(value)?;
    word.parse()
        .map_err(|fault| reader.fault_at(value, format!("`{word}`: {fault}")))
}
