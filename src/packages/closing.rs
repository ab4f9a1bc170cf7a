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
mod tests;
