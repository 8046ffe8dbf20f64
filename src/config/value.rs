//! Values as people write them, each with the rule that it must keep.

use std::{fmt::Display, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration};

use toml::de::DeValue;

use super::Paths;
use crate::model::Memory;

/// What a value must be, when it is not.
pub(super) type Rule = String;

/// A value in the file, and what is needed to understand it.
pub(super) struct Value<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) paths: &'a Paths,
    pub(super) file: &'a std::path::Path,
}

impl Value<'_> {
    /// Text in one line, at most 4096 bytes.
    pub(super) fn text(&self) -> Result<&str, Rule> {
        let text = self.value.as_str().ok_or("must be text in quotes")?;
        if text.len() > 4096 || text.chars().any(char::is_control) {
            return Err("must be one line of at most 4096 bytes without control characters".into());
        }
        Ok(text)
    }

    /// Text that keeps a rule of its own, or nothing when it is empty.
    pub(super) fn text_or_none(
        &self,
        rule: impl Fn(&str) -> Result<(), Rule>,
    ) -> Result<Option<String>, Rule> {
        match self.text()? {
            "" => Ok(None),
            text => rule(text).map(|()| Some(text.to_owned())),
        }
    }

    /// A list of such texts, each of which keeps a rule; at most 64.
    pub(super) fn texts(&self, rule: impl Fn(&str) -> Result<(), Rule>) -> Result<Vec<String>, Rule> {
        let wanted = "must be a list of at most 64 texts in quotes, such as [\"one\", \"two\"]";
        let list = self.value.as_array().filter(|list| list.len() <= 64).ok_or(wanted)?;
        let read = |value: &toml::Spanned<DeValue<'_>>| {
            let text = value.get_ref().as_str().ok_or(wanted)?;
            rule(text).map(|()| text.to_owned())
        };
        list.iter().map(read).collect()
    }

    /// A path, or nothing when it is empty.
    pub(super) fn path_or_none(&self) -> Result<Option<PathBuf>, Rule> {
        if self.text()?.is_empty() { Ok(None) } else { self.path().map(Some) }
    }

    pub(super) fn flag(&self) -> Result<bool, Rule> {
        self.value.as_bool().ok_or_else(|| "must be true or false".into())
    }

    pub(super) fn whole<N>(&self, range: RangeInclusive<N>) -> Result<N, Rule>
    where
        N: TryFrom<i64> + PartialOrd + Display,
    {
        let rule = || format!("must be a whole number from {} to {}", range.start(), range.end());
        let number = self.value.as_integer().ok_or_else(rule)?;
        let number = i64::from_str_radix(number.as_str(), number.radix()).map_err(|_| rule())?;
        N::try_from(number).ok().filter(|number| range.contains(number)).ok_or_else(rule)
    }

    /// A whole number, or `word` for none.
    pub(super) fn whole_or<N>(&self, word: &str, range: RangeInclusive<N>) -> Result<Option<N>, Rule>
    where
        N: TryFrom<i64> + PartialOrd + Display,
    {
        match self.value.as_str() {
            Some(text) if text == word => Ok(None),
            _ => self.whole(range).map(Some).map_err(|rule| format!("{rule}, or \"{word}\"")),
        }
    }

    /// A time such as `10m` or `1h 30m`.
    pub(super) fn duration(&self, range: RangeInclusive<Duration>) -> Result<Duration, Rule> {
        let show = humantime::format_duration;
        let rule = || {
            format!(
                "must be a time from {} to {}, such as \"90s\" or \"10m\"",
                show(*range.start()),
                show(*range.end())
            )
        };
        let text = self.value.as_str().filter(|text| text.len() <= 64).ok_or_else(rule)?;
        let time = humantime::parse_duration(text.trim()).map_err(|_| rule())?;
        Some(time).filter(|time| range.contains(time)).ok_or_else(rule)
    }

    /// An amount of memory such as `512 KiB` or `2G`; a whole number is bytes.
    pub(super) fn size(&self, range: RangeInclusive<Memory>) -> Result<Memory, Rule> {
        let rule =
            || format!("must be from {} to {}, such as \"512 KiB\" or \"2G\"", range.start(), range.end());
        let size = match self.value {
            DeValue::Integer(_) => Memory::bytes(self.whole(0..=u64::MAX).map_err(|_| rule())?),
            value => value
                .as_str()
                .filter(|text| text.len() <= 64)
                .ok_or_else(rule)?
                .parse()
                .map_err(|_| rule())?,
        };
        Some(size).filter(|size| range.contains(size)).ok_or_else(rule)
    }

    /// One of a type's words.
    pub(super) fn choice<T: FromStr<Err = String>>(&self) -> Result<T, Rule> {
        match self.value {
            // `color = 256` is what one writes without thinking of quotes.
            DeValue::Integer(number) => number.as_str().parse(),
            _ => self.text()?.parse(),
        }
    }

    /// A path; see [`Paths::resolve`].
    pub(super) fn path(&self) -> Result<PathBuf, Rule> {
        let text = self.value.as_str().ok_or("must be a path in quotes")?;
        self.paths.resolve(text, self.file)
    }
}
