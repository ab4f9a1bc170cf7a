//! Which packages go when some are asked to: what holds them back, what falls with them, what is left over.
//!
//! Pure over the packages' numbers; why a package must not go is told from outside.

use std::collections::{BTreeMap, VecDeque};

use super::package::Package;

/// Why a package goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It was asked for; the number is the asker's.
    Asked(usize),
    /// It needs this package, which goes, and nothing that stays does instead.
    Needs(u32),
    /// It was installed for this package or others that go, and nothing that stays needs it.
    Leftover(u32),
}

/// Why a package stays though it was asked for, or is needed by one that was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// A reason of its own.
    Own(String),
    /// This package stays and needs it.
    NeededBy(u32),
}

/// What is asked of the packages.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Packages that the user named, with the asker's number: what needs them falls with them.
    pub(crate) named: BTreeMap<u32, usize>,
    /// Packages that a rule lists: what was installed by hand and needs them keeps them.
    pub(crate) listed: BTreeMap<u32, usize>,
    /// Packages that must stay, and why.
    pub(crate) held: BTreeMap<u32, String>,
    /// Packages that are never left over, though they may be asked for.
    pub(crate) never_left_over: Vec<u32>,
}

/// What becomes of the packages.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) gone: BTreeMap<u32, Gone>,
    /// What stays because something else says so.
    pub(crate) held: BTreeMap<u32, Held>,
    /// What would be left over, were it not held; and for which package that goes.
    pub(crate) spared: BTreeMap<u32, u32>,
}

/// Decides.
pub(crate) fn close(packages: &[Package], asked: &Asked) -> Outcome {
    let graph = Graph::new(packages);
    let mut outcome = Outcome::default();
    let mut own: Vec<(u32, String)> = asked
        .held
        .iter()
        .map(|(&number, why)| (number, why.clone()))
        .collect();
    let essential = graph.numbers().filter_map(|number| {
        let why = packages[number as usize].essential?;
        Some((number, format!("it is {why}")))
    });
    own.extend(essential);
    let wished =
        |number: u32| asked.named.contains_key(&number) || asked.listed.contains_key(&number);
    graph.hold(own, &wished, &outcome.gone, &mut outcome.held);

    for (&number, &by) in &asked.named {
        if !outcome.held.contains_key(&number) {
            outcome.gone.insert(number, Gone::Asked(by));
        }
    }
    graph.fall(&mut outcome.gone);

    let by_hand: Vec<(u32, String)> = graph
        .numbers()
        .filter(|number| !wished(*number) && !outcome.gone.contains_key(number))
        .filter(|&number| !packages[number as usize].automatic)
        .map(|number| (number, "it was installed by hand".to_owned()))
        .collect();
    graph.hold(by_hand, &wished, &outcome.gone, &mut outcome.held);
    for (&number, &by) in &asked.listed {
        if !outcome.held.contains_key(&number) {
            outcome.gone.entry(number).or_insert(Gone::Asked(by));
        }
    }
    graph.fall(&mut outcome.gone);
    graph.leave_over(asked, &mut outcome);
    outcome
}

struct Graph<'a> {
    packages: &'a [Package],
    /// By package: who needs it, perhaps with alternatives.
    needed_by: Vec<Vec<u32>>,
}

impl<'a> Graph<'a> {
    fn new(packages: &'a [Package]) -> Self {
        let mut needed_by = vec![Vec::new(); packages.len()];
        for (number, package) in (0u32..).zip(packages) {
            for &needed in package.needs.iter().flatten() {
                needed_by[needed as usize].push(number);
            }
        }
        Self {
            packages,
            needed_by,
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u32> + use<> {
        0..u32::try_from(self.packages.len()).expect("the file bounds the packages")
    }

    /// Holds `own` and what they need. Of alternatives one is held, one that nobody wishes away where there is one.
    fn hold(
        &self,
        own: Vec<(u32, String)>,
        wished: &dyn Fn(u32) -> bool,
        gone: &BTreeMap<u32, Gone>,
        held: &mut BTreeMap<u32, Held>,
    ) {
        let mut queue = VecDeque::new();
        for (number, why) in own {
            if let std::collections::btree_map::Entry::Vacant(place) = held.entry(number) {
                place.insert(Held::Own(why));
                queue.push_back(number);
            }
        }
        while let Some(number) = queue.pop_front() {
            for group in &self.packages[number as usize].needs {
                if group.iter().any(|needed| held.contains_key(needed)) {
                    continue;
                }
                // What nobody wishes away is still held, so that nothing it needs is taken from under it.
                let staying = || group.iter().filter(|needed| !gone.contains_key(needed));
                let first = staying().find(|&&needed| !wished(needed));
                if let Some(&needed) = first.or(staying().next()) {
                    held.insert(needed, Held::NeededBy(number));
                    queue.push_back(needed);
                }
            }
        }
    }

    /// Adds all that lose a need to what goes already.
    fn fall(&self, gone: &mut BTreeMap<u32, Gone>) {
        let mut queue: VecDeque<u32> = gone.keys().copied().collect();
        while let Some(lost) = queue.pop_front() {
            for &number in &self.needed_by[lost as usize] {
                let breaks = |group: &Vec<u32>| {
                    group.contains(&lost) && group.iter().all(|needed| gone.contains_key(needed))
                };
                if !gone.contains_key(&number)
                    && self.packages[number as usize].needs.iter().any(breaks)
                {
                    gone.insert(number, Gone::Needs(lost));
                    queue.push_back(number);
                }
            }
        }
    }

    /// Adds what was installed for what goes and is not reached any more from what was asked for by hand.
    ///
    /// What was not reached before either stays: some other hand than the package manager's may rely on it.
    fn leave_over(&self, asked: &Asked, outcome: &mut Outcome) {
        let by_hand = |number: u32| {
            let package = &self.packages[number as usize];
            !package.automatic || package.essential.is_some()
        };
        let before = self.reach(self.numbers().filter(|&n| by_hand(n)), &BTreeMap::new());
        let stays = |number: u32| {
            !outcome.gone.contains_key(&number)
                && (by_hand(number)
                    || !before[number as usize]
                    || asked.never_left_over.contains(&number))
        };
        let roots: Vec<u32> = self.numbers().filter(|&number| stays(number)).collect();
        let unheld = self.reach(roots.iter().copied(), &outcome.gone);
        let held = outcome.held.keys().copied();
        let after = self.reach(roots.iter().copied().chain(held), &outcome.gone);
        let left_by = |reached: &[bool]| -> Vec<u32> {
            self.numbers()
                .filter(|&n| !reached[n as usize] && !outcome.gone.contains_key(&n))
                .collect()
        };
        let candidates = left_by(&unheld);
        let mut blame: BTreeMap<u32, u32> = BTreeMap::new();
        let mut queue: VecDeque<u32> = outcome.gone.keys().copied().collect();
        while let Some(number) = queue.pop_front() {
            for &needed in self.reached_from(number) {
                if candidates.binary_search(&needed).is_ok() && !blame.contains_key(&needed) {
                    blame.insert(needed, number);
                    queue.push_back(needed);
                }
            }
        }
        let blame = |number: u32| blame.get(&number).copied().unwrap_or(number);
        let left = left_by(&after);
        for &number in &candidates {
            let wished = asked.named.contains_key(&number) || asked.listed.contains_key(&number);
            if left.binary_search(&number).is_err() && !wished {
                outcome.spared.insert(number, blame(number));
            }
        }
        for number in left {
            outcome.gone.insert(number, Gone::Leftover(blame(number)));
        }
    }

    /// What a package needs or recommends, of what is installed.
    fn reached_from(&self, number: u32) -> impl Iterator<Item = &'a u32> + use<'a> {
        let package = &self.packages[number as usize];
        package.needs.iter().flatten().chain(&package.wants)
    }

    /// Marks what is needed or recommended from `roots` on, as apt does: of alternatives all that are installed.
    fn reach(&self, roots: impl Iterator<Item = u32>, gone: &BTreeMap<u32, Gone>) -> Vec<bool> {
        let mut reached = vec![false; self.packages.len()];
        let mut queue: VecDeque<u32> = roots.collect();
        loop {
            while let Some(number) = queue.pop_front() {
                if std::mem::replace(&mut reached[number as usize], true) {
                    continue;
                }
                let next = self.reached_from(number).copied();
                queue.extend(next.filter(|needed| !gone.contains_key(needed)));
            }
            let joins = |number: &u32| {
                let joins = &self.packages[*number as usize].joins;
                let met = |group: &Vec<u32>| group.iter().any(|&n| reached[n as usize]);
                !joins.is_empty() && joins.iter().all(met)
            };
            let joined = self
                .numbers()
                .filter(|number| !reached[*number as usize] && !gone.contains_key(number))
                .filter(joins);
            queue.extend(joined);
            if queue.is_empty() {
                return reached;
            }
        }
    }
}

/// The chain that holds a package, from the reason to the package: `ENTRYPOINT runs make`, `make needs libfoo`.
pub(crate) fn chain(
    held: &BTreeMap<u32, Held>,
    number: u32,
    label: &dyn Fn(u32) -> String,
) -> Vec<String> {
    let mut chain = Vec::new();
    let mut at = number;
    // Each step leads to what was held before it, so this ends.
    while let Some(why) = held.get(&at) {
        match why {
            Held::Own(why) => {
                chain.push(format!("`{}` stays: {why}", label(at)));
                break;
            }
            Held::NeededBy(by) => {
                chain.push(format!("`{}` needs `{}`", label(*by), label(at)));
                at = *by;
            }
        }
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name*: needs | alternative, needs ? recommends`; a star marks what was installed by hand, `!` what is essential.
    fn packages(lines: &[&str]) -> Vec<Package> {
        let split = |line: &str| -> (String, String) {
            let (name, rest) = line.split_once(':').unwrap_or((line, ""));
            (name.to_owned(), rest.to_owned())
        };
        let names: Vec<String> = lines
            .iter()
            .map(|line| split(line).0.trim_end_matches(['*', '!']).to_owned())
            .collect();
        let number = |name: &str| {
            let place = names.iter().position(|known| known == name.trim());
            u32::try_from(place.unwrap()).unwrap()
        };
        let list = |text: &str| -> Vec<Vec<u32>> {
            text.split(',')
                .filter(|group| !group.trim().is_empty())
                .map(|group| group.split('|').map(number).collect())
                .collect()
        };
        lines
            .iter()
            .map(|line| {
                let (name, rest) = split(line);
                let (rest, joins) = rest.split_once('&').unwrap_or((&rest, ""));
                let (needs, wants) = rest.split_once('?').unwrap_or((rest, ""));
                Package {
                    name: name.trim_end_matches(['*', '!']).to_owned(),
                    version: "1".into(),
                    architecture: String::new(),
                    automatic: !name.ends_with('*'),
                    essential: name.ends_with('!').then_some("Essential"),
                    needs: list(needs),
                    wants: list(wants).concat(),
                    joins: list(joins),
                    files: (0, 0),
                }
            })
            .collect()
    }

    struct Case<'a> {
        packages: &'a [&'a str],
        named: &'a [&'a str],
        listed: &'a [&'a str],
        held: &'a [&'a str],
        gone: &'a [&'a str],
    }

    fn check(case: &Case<'_>) -> (Vec<Package>, Outcome) {
        let packages = packages(case.packages);
        let number = |name: &&str| {
            let place = packages.iter().position(|package| package.name == *name);
            u32::try_from(place.unwrap()).unwrap()
        };
        let asked = Asked {
            named: case.named.iter().map(|name| (number(name), 0)).collect(),
            listed: case.listed.iter().map(|name| (number(name), 0)).collect(),
            held: case
                .held
                .iter()
                .map(|name| (number(name), "ENTRYPOINT runs it".into()))
                .collect(),
            never_left_over: Vec::new(),
        };
        let outcome = close(&packages, &asked);
        let gone: Vec<&str> = outcome
            .gone
            .keys()
            .map(|&number| &packages[number as usize].name[..])
            .collect();
        assert_eq!(gone, case.gone, "{:?}", case.packages);
        (packages, outcome)
    }

    const NODE: &[&str] = &[
        "base!",
        "node*: base",
        "npm*: node, gyp",
        "gyp: make, cc",
        "make",
        "cc: cpp, base",
        "cpp: isl",
        "isl",
        "app*: node",
    ];

    #[test]
    fn what_is_named_takes_what_needs_it_and_leaves_nothing_over() {
        let (_, outcome) = check(&Case {
            packages: NODE,
            named: &["make"],
            listed: &[],
            held: &[],
            gone: &["npm", "gyp", "make", "cc", "cpp", "isl"],
        });
        assert_eq!(outcome.gone[&2], Gone::Needs(3));
        assert_eq!(outcome.gone[&4], Gone::Asked(0));
        assert_eq!(outcome.gone[&5], Gone::Leftover(3));
    }

    #[test]
    fn what_is_held_is_not_left_over() {
        let (_, outcome) = check(&Case {
            packages: &["gcc*: omp, isl", "omp: base", "isl", "base!"],
            named: &["gcc"],
            listed: &[],
            held: &["omp"],
            gone: &["gcc", "isl"],
        });
        assert_eq!(outcome.spared, [(1, 0)].into());
    }

    #[test]
    fn what_was_installed_by_hand_keeps_what_is_only_listed() {
        let (packages, outcome) = check(&Case {
            packages: NODE,
            named: &[],
            listed: &["make", "cc"],
            held: &[],
            gone: &[],
        });
        let label = |n: u32| packages[n as usize].name.clone();
        assert_eq!(
            chain(&outcome.held, 4, &label),
            [
                "`npm` stays: it was installed by hand",
                "`npm` needs `gyp`",
                "`gyp` needs `make`"
            ]
        );
        check(&Case {
            packages: NODE,
            named: &[],
            listed: &["npm", "make", "cc"],
            held: &[],
            gone: &["npm", "gyp", "make", "cc", "cpp", "isl"],
        });
    }

    #[test]
    fn what_the_entry_needs_holds_all_that_it_needs() {
        check(&Case {
            packages: NODE,
            named: &["make", "cpp", "app"],
            listed: &["npm", "cc"],
            held: &["npm"],
            gone: &["app"],
        });
    }

    #[test]
    fn alternatives_count_as_long_as_one_stays() {
        let system = &["mta: exim | postfix", "exim", "postfix", "cron*: mta"];
        check(&Case {
            packages: system,
            named: &["exim"],
            listed: &[],
            held: &[],
            gone: &["exim"],
        });
        check(&Case {
            packages: system,
            named: &["exim", "postfix"],
            listed: &[],
            held: &[],
            gone: &["mta", "exim", "postfix", "cron"],
        });
        let (_, outcome) = check(&Case {
            packages: system,
            named: &[],
            listed: &["exim", "postfix"],
            held: &[],
            gone: &["postfix"],
        });
        assert_eq!(outcome.held[&1], Held::NeededBy(0));
    }

    #[test]
    fn essential_packages_and_their_needs_stay() {
        check(&Case {
            packages: &[
                "base!: libc",
                "libc: gcc-base",
                "gcc-base",
                "gcc*: gcc-base",
            ],
            named: &["gcc", "gcc-base", "base"],
            listed: &[],
            held: &[],
            gone: &["gcc"],
        });
    }

    #[test]
    fn recommended_packages_are_not_left_over_and_strays_keep_their_needs() {
        check(&Case {
            packages: &[
                "web*: ? certs",
                "certs",
                "gcc*: lib, certs",
                "lib",
                "stray: lib",
            ],
            named: &["gcc"],
            listed: &[],
            held: &[],
            gone: &["gcc"],
        });
    }

    #[test]
    fn what_joins_others_leaves_with_them() {
        let system = &["gcc*", "docs*", "gcc-doc: & gcc, docs", "musl-doc: & docs"];
        check(&Case {
            packages: system,
            named: &["gcc"],
            listed: &[],
            held: &[],
            gone: &["gcc", "gcc-doc"],
        });
    }
}
