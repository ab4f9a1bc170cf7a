//! Small systems of packages, each asked for something.

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
                source: String::new(),
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
