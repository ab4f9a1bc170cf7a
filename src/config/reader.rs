//! Reads values of a TOML document; each fault names line and column.
//!
//! It knows no key of slim.toml: those are in the parent.

use std::borrow::Cow;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{self, Error, Result};
use crate::rules::Origin;

/// A value with its place.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// A document being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    /// The whole document.
    pub(super) text: &'a str,
    /// As the user named it.
    pub(super) file: &'a str,
}

impl<'a> Reader<'a> {
    /// Parses the document.
    pub(super) fn document(&self) -> Result<Spanned<DeTable<'a>>> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.fault(at, error.message().trim_end_matches('.').to_owned())
        })
    }

    /// Returns the entries of a table in the order of the file.
    ///
    /// # Errors
    /// A key that is not `known`.
    pub(super) fn entries<'t>(
        &self,
        table: &'t DeTable<'a>,
        known: &[&str],
    ) -> Result<Vec<(&'t str, &'t Value<'a>)>> {
        let mut entries: Vec<(&Spanned<Cow<'_, str>>, &Value<'_>)> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        if let Some((key, _)) = entries
            .iter()
            .find(|(key, _)| !known.contains(&&**key.get_ref()))
        {
            let name = &**key.get_ref();
            let nearest = error::nearest(name, known.iter().copied());
            let fault = format!("unknown key `{name}`");
            return Err(self.error(key.span().start, fault, nearest));
        }
        Ok(entries
            .into_iter()
            .map(|(key, value)| (&**key.get_ref(), value))
            .collect())
    }

    /// Returns a table's content.
    pub(super) fn table<'t>(&self, value: &'t Value<'a>) -> Result<&'t DeTable<'a>> {
        let table = value.get_ref().as_table();
        table.ok_or_else(|| self.wrong_type(value, "a table"))
    }

    /// Returns the tables of `[[name]]`.
    pub(super) fn tables<'t>(
        &self,
        value: &'t Value<'a>,
    ) -> Result<Vec<(&'t Value<'a>, &'t DeTable<'a>)>> {
        self.list(value, "an array of tables")?
            .map(|item| Ok((item, self.table(item)?)))
            .collect()
    }

    /// Returns a string.
    pub(super) fn string<'t>(&self, value: &'t Value<'a>) -> Result<&'t str> {
        let text = value.get_ref().as_str();
        text.ok_or_else(|| self.wrong_type(value, "a string"))
    }

    /// Returns an array of strings, each with its place.
    pub(super) fn strings<'t>(
        &self,
        value: &'t Value<'a>,
    ) -> Result<Vec<(&'t Value<'a>, &'t str)>> {
        self.list(value, "an array of strings")?
            .map(|item| Ok((item, self.string(item)?)))
            .collect()
    }

    /// Returns an integer that is not negative.
    pub(super) fn count(&self, value: &Value<'a>) -> Result<u64> {
        let DeValue::Integer(number) = value.get_ref() else {
            return Err(self.wrong_type(value, "an integer"));
        };
        u64::from_str_radix(number.as_str(), number.radix()).map_err(|_| {
            let fault = format!("`{}` is out of range", self.source(value));
            self.fault_at(value, fault)
        })
    }

    /// Returns a number.
    pub(super) fn number(&self, value: &Value<'a>) -> Result<f64> {
        let text = match value.get_ref() {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            _ => return Err(self.wrong_type(value, "a number")),
        };
        text.parse().map_err(|_| self.wrong_type(value, "a number"))
    }

    /// Where a rule that is written at `value` comes from.
    pub(super) fn origin(&self, value: &Value<'a>) -> Origin {
        Origin::File {
            path: self.file.to_owned(),
            line: self.place(value.span().start).0,
        }
    }

    /// Says what is wrong with a value.
    pub(super) fn fault_at(&self, value: &Value<'a>, fault: String) -> Error {
        self.fault(value.span().start, fault)
    }

    /// Says that a word is none of those `known`.
    pub(super) fn unknown(&self, value: &Value<'a>, kind: &str, known: &[&str]) -> Error {
        let word = value.get_ref().as_str().unwrap_or_default();
        let nearest = error::nearest(word, known.iter().copied());
        let fault = format!("no {kind} `{word}`; there are {}", known.join(", "));
        self.error(value.span().start, fault, nearest)
    }

    /// As [`Reader::unknown`], where there are too many to name all.
    pub(super) fn unknown_of_many(&self, value: &Value<'a>, kind: &str, known: &[&str]) -> Error {
        let word = value.get_ref().as_str().unwrap_or_default();
        let nearest = error::nearest(word, known.iter().copied());
        self.error(value.span().start, format!("no {kind} `{word}`"), nearest)
    }

    fn list<'t>(
        &self,
        value: &'t Value<'a>,
        wanted: &str,
    ) -> Result<impl Iterator<Item = &'t Value<'a>> + use<'t, 'a>> {
        let array = value.get_ref().as_array();
        let array = array.ok_or_else(|| self.wrong_type(value, wanted))?;
        Ok(array.iter())
    }

    fn wrong_type(&self, value: &Value<'a>, wanted: &str) -> Error {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.fault_at(value, format!("expected {wanted}, found {found}"))
    }

    fn source(&self, value: &Value<'a>) -> &'a str {
        self.text.get(value.span()).unwrap_or_default()
    }

    fn fault(&self, at: usize, fault: String) -> Error {
        self.error(at, fault, None)
    }

    fn error(&self, at: usize, fault: String, nearest: Option<String>) -> Error {
        let (line, column) = self.place(at);
        Error::Config {
            path: PathBuf::from(self.file),
            line,
            column,
            fault,
            nearest,
        }
    }

    /// Line and column of a byte, both from 1, the column in characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}
