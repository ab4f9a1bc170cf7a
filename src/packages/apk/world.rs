//! `etc/apk/world`: the names from which apk reaches all that it keeps.
//!
//! What relations mean is told by the rows.

use crate::packages::package::Database;

use super::super::removal::Leaving;
use super::relation_name;

/// Returns world without the names of what leaves, and with those of what stays but would be reached no more: apk would
/// take it the next time that it runs.
pub(super) fn after(database: &Database, leaving: &Leaving, world: &[u8]) -> Vec<u8> {
    let names: Vec<&str> = leaving
        .keys()
        .map(|&number| &database.package(number).name[..])
        .collect();
    let is_gone = |word: &str| names.contains(&relation_name(word));
    let mut kept = Vec::with_capacity(world.len());
    for word in world.split_inclusive(|b| b.is_ascii_whitespace()) {
        let text = String::from_utf8_lossy(word);
        if !is_gone(text.trim_ascii()) {
            kept.extend_from_slice(word);
        }
    }
    for number in unreached(database, leaving) {
        if !kept.is_empty() && !kept.ends_with(b"\n") {
            kept.push(b'\n');
        }
        kept.extend_from_slice(database.package(number).name.as_bytes());
        kept.push(b'\n');
    }
    kept
}

/// What was reached from world before and is not now though it stays: of what needs each other, the one that needs the rest.
fn unreached(database: &Database, leaving: &Leaving) -> Vec<u32> {
    let packages = database.packages();
    let count = u32::try_from(packages.len()).expect("the file bounds the packages");
    let by_hand = || (0..count).filter(|&number| !packages[number as usize].automatic);
    let before = reach(database, by_hand());
    let mut roots: Vec<u32> = by_hand()
        .filter(|number| !leaving.contains_key(number))
        .collect();
    let mut added = Vec::new();
    loop {
        let reached = reach(database, roots.iter().copied());
        let lost: Vec<u32> = (0..count)
            .filter(|number| before[*number as usize] && !reached[*number as usize])
            .filter(|number| !leaving.contains_key(number))
            .collect();
        let is_needed = |number: u32| {
            let mut others = lost.iter().filter(|&&other| other != number);
            others.any(|&other| {
                let mut needs = packages[other as usize].needs.iter().flatten();
                needs.any(|&needed| needed == number)
            })
        };
        let next = lost.iter().copied().find(|&number| !is_needed(number));
        let Some(next) = next.or(lost.first().copied()) else {
            return added;
        };
        added.push(next);
        roots.push(next);
    }
}

/// Marks what is needed from `roots` on, and what these bring along.
fn reach(database: &Database, roots: impl Iterator<Item = u32>) -> Vec<bool> {
    let packages = database.packages();
    let mut reached = vec![false; packages.len()];
    let mut queue: Vec<u32> = roots.collect();
    while !queue.is_empty() {
        while let Some(number) = queue.pop() {
            if !std::mem::replace(&mut reached[number as usize], true) {
                queue.extend(packages[number as usize].needs.iter().flatten());
            }
        }
        let met = |group: &Vec<u32>| group.iter().any(|&number| reached[number as usize]);
        let joined = (0u32..).zip(packages).filter(|(number, package)| {
            let joins = &package.joins;
            !reached[*number as usize] && !joins.is_empty() && joins.iter().all(met)
        });
        queue.extend(joined.map(|(number, _)| number));
    }
    reached
}
