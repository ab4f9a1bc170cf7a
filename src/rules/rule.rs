//! What a built-in rule is: data, one static per file under `builtin/`.
//!
//! How the data is read is said at each field; nothing here looks at an image.

use crate::rules::facts::Facts;

/// A built-in rule. Its globs speak of paths relative to the image's root.
#[derive(Debug)]
pub struct Rule {
    /// Its name for users; the file that holds it is named so too, with `_` for `-`.
    pub name: &'static str,
    /// From which profile on it acts.
    pub level: Level,
    /// What it takes, in one sentence.
    pub summary: &'static str,
    /// What a user should know before it acts: what is slower, or does not work, afterwards.
    pub caveat: &'static str,
    /// Who else removes this, or where its layout is described.
    pub source: &'static str,
    /// What it takes. A glob that names a directory takes all under it; one that ends in `/` takes what is in the
    /// directory and leaves the directory. `~/` stands for each home directory, `$NAME/` for the directory that the
    /// image's environment variable names, `{a,b}` for either.
    pub remove: &'static [&'static str],
    /// What it leaves, with all under it; one that ends in `/` leaves the directory alone. `<locale>` stands for each
    /// language of the image's environment. They bind this rule only.
    pub keep: &'static [&'static str],
    /// What must hold of each path that a glob names, besides its name.
    pub only: &'static [Only],
    /// What must hold of the image for the rule to act at all.
    pub when: &'static [When],
    /// What becomes of the paths.
    pub action: Action,
    /// Which guarded places it may touch.
    pub reach: Reach,
    /// Files that it takes, each from an image that holds little else.
    pub fires: &'static [&'static str],
    /// Files near by that it does not take.
    pub spares: &'static [&'static str],
    /// What else the images of `fires` and `spares` hold, for rules that look at neighbours; `$NAME=value` is a variable of
    /// their environment.
    pub beside: &'static [&'static str],
}

impl Rule {
    /// The fields that most rules leave as they are.
    pub const PLAIN: Self = Self {
        name: "",
        level: Level::Aggressive,
        summary: "",
        caveat: "",
        source: "",
        remove: &[],
        keep: &[],
        only: &[],
        when: &[],
        action: Action::Remove,
        reach: Reach::System,
        fires: &[],
        spares: &[],
        beside: &[],
    };
}

/// From which profile on a rule acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// In every profile: no program reads it at run time, or it comes back by itself.
    Safe,
    /// From `lean` on: a small loss, said in the caveat.
    Standard,
    /// Only when enabled by name.
    Aggressive,
}

impl Level {
    /// The first profile that has rules of this level; `none` for those that act only when enabled by name.
    pub fn profile(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Standard => "lean",
            Self::Aggressive => "none",
        }
    }

    /// Its name for users.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Standard => "standard",
            Self::Aggressive => "aggressive",
        }
    }
}

/// What becomes of the paths that a rule takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// They go.
    Remove,
    /// Regular files stay, empty; all else is left alone.
    Truncate,
}

/// Which of the protect list's guards hold against a rule. The hard ones hold against each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// All: it acts outside of places where users put their own files.
    System,
    /// Licence texts and package metadata; it may act where users put their own files.
    Everywhere,
    /// None: it names an exact cache or leftover, of which all goes, licence texts and metadata of the copies too.
    Owned,
}

/// What must hold of a path.
#[derive(Clone, Copy, Debug)]
pub enum Only {
    /// It is a regular file.
    File,
    /// It is a symbolic link.
    Symlink,
    /// It is a regular file that holds one of these at these offsets, in bytes.
    Magic(&'static [(usize, &'static [u8])]),
    /// One of these globs, relative to the directory that holds the path, names something.
    Near(&'static [&'static str]),
    /// The file that this function makes of the path is there.
    Twin(fn(&[u8]) -> Option<Vec<u8>>),
    /// Its name says that it is for a platform or a C library that is not the image's.
    Foreign,
}

/// What must hold of the image.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// One of these globs names something.
    Has(&'static [&'static str]),
    /// None of these globs names anything.
    Lacks(&'static [&'static str]),
    /// The image's commands, or the scripts that they start, say one of these: words in a row, the first without its
    /// directory; `*.dll` is any word with that end.
    Runs(&'static [&'static str]),
    /// They say none of these.
    RunsNone(&'static [&'static str]),
    /// The image starts a program of its own, not just a shell or an interpreter that waits for input.
    Serves,
    /// Neither the command nor the working directory nor a volume lies in this directory.
    Idle(&'static str),
    /// The image's environment meets this condition.
    Environment(fn(&Facts) -> bool),
}
