//! Relations between packages (deb-control(5)): `a (>= 1) | b:any, c`, and who satisfies them.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::version;

/// One alternative: a name and what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    pub(crate) name: String,
    /// `any`, or an architecture.
    pub(crate) qualifier: Option<String>,
    pub(crate) version: Option<(Operator, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Earlier,
    EarlierOrEqual,
    Equal,
    LaterOrEqual,
    Later,
}

impl Operator {
    /// `<` and `>` alone mean what `<=` and `>=` mean, as dpkg still takes them.
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "<<" => Self::Earlier,
            "<=" | "<" => Self::EarlierOrEqual,
            "=" => Self::Equal,
            ">=" | ">" => Self::LaterOrEqual,
            ">>" => Self::Later,
            _ => return None,
        })
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Earlier => order.is_lt(),
            Self::EarlierOrEqual => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::LaterOrEqual => order.is_ge(),
            Self::Later => order.is_gt(),
        }
    }
}

/// Parses a field: all of the groups must hold, one alternative of each is enough.
pub(crate) fn parse(field: &str) -> Vec<Vec<Relation>> {
    field
        .split(',')
        .map(|group| group.split('|').filter_map(parse_one).collect())
        .filter(|group: &Vec<Relation>| !group.is_empty())
        .collect()
}

fn parse_one(text: &str) -> Option<Relation> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_whitespace() || "([<".contains(c));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let (name, qualifier) = match name.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
        None => (name, None),
    };
    let version = rest
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(version, _)| {
            let version = version.trim();
            let end = version.find(|c: char| !"<>=".contains(c))?;
            let (operator, number) = version.split_at(end);
            Some((Operator::parse(operator)?, number.trim().to_owned()))
        });
    (!name.is_empty()).then(|| Relation {
        name: name.to_owned(),
        qualifier,
        version,
    })
}

/// What a package offers to relations.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) architecture: String,
    pub(crate) multi_arch: String,
    pub(crate) version: String,
}

/// Finds who satisfies a relation among the installed packages.
#[derive(Debug, Default)]
pub(crate) struct Index {
    native: String,
    offers: Vec<Offer>,
    /// By name: the package, and the version by which it offers the name; `None` for an unversioned `Provides`.
    names: HashMap<String, Vec<(u32, Option<String>)>>,
}

impl Index {
    /// Starts an index for a system of this architecture.
    pub(crate) fn new(native: String) -> Self {
        Self {
            native,
            ..Self::default()
        }
    }

    /// Adds the next package, by its name and what it provides.
    pub(crate) fn add(&mut self, name: &str, offer: Offer, provides: &[Vec<Relation>]) {
        let number = u32::try_from(self.offers.len()).expect("the file bounds the packages");
        let version = Some(offer.version.clone());
        self.offers.push(offer);
        let mut enter = |name: &str, version| {
            self.names
                .entry(name.to_owned())
                .or_default()
                .push((number, version));
        };
        enter(name, version);
        for provided in provides.iter().flatten() {
            let version = provided
                .version
                .as_ref()
                .map(|(_, version)| version.clone());
            enter(&provided.name, version);
        }
    }

    /// The packages that satisfy one of `group` for a package of `architecture`, in the order of the alternatives.
    pub(crate) fn satisfying(&self, group: &[Relation], architecture: &str) -> Vec<u32> {
        let mut found = Vec::new();
        for relation in group {
            for (number, version) in self.names.get(&relation.name).into_iter().flatten() {
                let fits = self.fits_architecture(*number, relation, architecture)
                    && fits_version(relation, version.as_deref());
                if fits && !found.contains(number) {
                    found.push(*number);
                }
            }
        }
        found
    }

    fn fits_architecture(&self, number: u32, relation: &Relation, architecture: &str) -> bool {
        let offer = &self.offers[number as usize];
        let native = |architecture: &str| match architecture {
            "all" | "" => self.native.clone(),
            other => other.to_owned(),
        };
        let own = native(&offer.architecture);
        match relation.qualifier.as_deref() {
            Some("any") => {
                matches!(&offer.multi_arch[..], "allowed" | "foreign")
                    || own == native(architecture)
            }
            Some("native") => own == self.native,
            Some(named) => own == named,
            None => offer.multi_arch == "foreign" || own == native(architecture),
        }
    }
}

/// An unversioned `Provides` never satisfies a relation with a version (deb-control(5)).
fn fits_version(relation: &Relation, offered: Option<&str>) -> bool {
    match (&relation.version, offered) {
        (None, _) => true,
        (Some((operator, wanted)), Some(offered)) => {
            operator.holds(version::compare(offered, wanted))
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_groups_of_alternatives() {
        let groups = parse("libc6 (>= 2.36), perl:any, a | b (<< 2~) ,\n c [amd64] <!nocheck>,");
        let short: Vec<Vec<String>> = groups
            .iter()
            .map(|group| {
                let show = |r: &Relation| {
                    format!(
                        "{}{}{}",
                        r.name,
                        r.qualifier
                            .as_ref()
                            .map_or(String::new(), |q| format!(":{q}")),
                        r.version
                            .as_ref()
                            .map_or(String::new(), |(op, v)| format!(" {op:?} {v}"))
                    )
                };
                group.iter().map(show).collect()
            })
            .collect();
        assert_eq!(
            short,
            [
                vec!["libc6 LaterOrEqual 2.36"],
                vec!["perl:any"],
                vec!["a", "b Earlier 2~"],
                vec!["c"]
            ]
        );
        assert!(parse(" , ").is_empty());
    }

    fn index() -> Index {
        let mut index = Index::new("amd64".into());
        for (name, architecture, multi_arch, version, provides) in [
            ("mawk", "amd64", "foreign", "1.3", "awk"),
            ("libfoo", "amd64", "same", "2.0", ""),
            ("libfoo", "i386", "same", "2.0", ""),
            (
                "perl",
                "amd64",
                "allowed",
                "5.36",
                "perl5, libx-perl (= 1.5)",
            ),
            ("docs", "all", "", "1", ""),
        ] {
            let offer = Offer {
                architecture: architecture.into(),
                multi_arch: multi_arch.into(),
                version: version.into(),
            };
            index.add(name, offer, &parse(provides));
        }
        index
    }

    #[test]
    fn names_versions_and_architectures_decide_who_satisfies() {
        let index = index();
        for (relation, architecture, expected) in [
            ("awk", "amd64", &[0][..]),
            ("awk (>= 1)", "amd64", &[]),
            ("mawk", "i386", &[0]),
            ("libfoo", "amd64", &[1]),
            ("libfoo", "i386", &[2]),
            ("libfoo", "all", &[1]),
            ("libfoo:i386", "amd64", &[2]),
            ("libfoo (<< 2.0)", "amd64", &[]),
            ("perl", "i386", &[]),
            ("perl:any", "i386", &[3]),
            ("libx-perl (>= 1.4)", "amd64", &[3]),
            ("libx-perl (>> 1.5)", "amd64", &[]),
            ("docs", "amd64", &[4]),
            ("nothing | libfoo | awk", "amd64", &[1, 0]),
        ] {
            let group = &parse(relation)[0];
            assert_eq!(
                index.satisfying(group, architecture),
                expected,
                "{relation} for {architecture}"
            );
        }
    }
}
