//! The life of one path.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::image::Offer;
use crate::path;
use crate::report::explain::{ExplainedPath, Explanation, Packages, WouldTake};
use crate::rules::{Decisions, Facts, PACKAGE_RULES, RULES, Rule, RuleSet};
use crate::shrink::{Decided, Deciding, Wanted};
use crate::source::Source;

use super::View;
use super::scanned::Scanned;

/// Explains a path in the images of a source.
///
/// # Errors
/// When no image has, or had, the path; when the source is damaged, an option is wrong, or temporary files cannot be
/// written.
pub fn explain(
    source: &dyn Source,
    asked: &[u8],
    wanted: &Wanted,
    view: &View,
) -> Result<Explanation> {
    let rules = RuleSet::compile(&wanted.rules)?;
    let offer = Offer::load(source, view.platform.as_slice())?;
    let missing = |fault: String| Error::NoImage {
        place: offer.place.clone(),
        fault,
        offered: Vec::new(),
    };
    let cleaned = path::clean(asked).map_err(|fault| missing(fault.to_string()))?;
    let images = (0..offer.images.len())
        .map(|place| image(source, &offer, place, &cleaned, (&rules, wanted), view));
    let images: Vec<Option<ExplainedPath>> = images.collect::<Result<_>>()?;
    let images: Vec<ExplainedPath> = images.into_iter().flatten().collect();
    if images.is_empty() {
        return Err(missing(format!("no path `{}`", path::display(asked))));
    }
    Ok(Explanation::new(images, offer.warnings.clone()))
}

fn image(
    source: &dyn Source,
    offer: &Offer,
    place: usize,
    asked: &[u8],
    (rules, wanted): (&RuleSet, &Wanted),
    view: &View,
) -> Result<Option<ExplainedPath>> {
    let image = &offer.images[place];
    let scanned = Scanned::new(source, image, view)?;
    let contents = scanned.contents();
    let config = &image.config.value;
    let facts = Facts::gather_for(config, &wanted.needs, &scanned.tree, &contents)?;
    let deciding = Deciding::new(&scanned.tree, &contents, facts, rules, wanted)?;
    let Decided {
        decisions,
        packages: report,
        distroless,
    } = deciding.decide()?;
    let acts = |rule: &Rule| rules.rules().iter().any(|acting| acting.name == rule.name);
    let would_take = |rule: &Rule| WouldTake {
        rule: rule.name.into(),
        profile: rule.level.profile().into(),
    };
    let facts = &deciding.inventory.facts;
    let alone = |rule: &&'static Rule| {
        let decisions = RuleSet::alone(rule).decide(&scanned.tree, facts, &contents)?;
        Ok((would_take(rule), decisions))
    };
    let mut others: Vec<(WouldTake, Decisions)> = RULES
        .par_iter()
        .filter(|rule| !acts(rule))
        .map(alone)
        .collect::<Result<_>>()?;
    let whole = |rule: &&'static Rule| {
        let decided = deciding.alone(rule)?;
        Ok((would_take(rule), decided.decisions))
    };
    let of_packages = PACKAGE_RULES.iter().filter(|rule| !acts(rule)).map(whole);
    let of_packages: Vec<_> = of_packages.collect::<Result<_>>()?;
    others.extend(of_packages);
    let facts = scanned.facts(offer, place);
    Ok(ExplainedPath::new(
        &facts,
        &scanned.tree,
        asked,
        Packages {
            databases: &deciding.inventory.databases,
            report: &report,
            distroless: distroless.as_deref(),
        },
        &decisions,
        &others,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distroless::{Depth, Wish};
    use crate::packages::testing::Image;
    use crate::rules::{Contents, Profile};
    use crate::source::{Location, open};
    use crate::tree::Tree;

    /// How many kept paths packages own at a depth, and those of them that have no chain.
    fn chains(
        tree: &Tree,
        contents: &dyn Contents,
        facts: Facts,
        depth: Depth,
    ) -> (usize, Vec<String>) {
        let mut wanted = Wanted::default();
        wanted.rules.profile = Profile::Distroless;
        wanted.distroless.depth = Wish::Exactly(depth);
        let rules = RuleSet::compile(&wanted.rules).unwrap();
        let deciding = Deciding::new(tree, contents, facts, &rules, &wanted).unwrap();
        let decided = deciding.decide().unwrap();
        let (outcome, databases) = (decided.distroless.unwrap(), &deciding.inventory.databases);
        let is_owned = |node| databases.iter().any(|one| one.owner(node).is_some());
        let stays = |node: &_| decided.decisions.removed(*node).is_none() && is_owned(*node);
        let all: Vec<_> = tree.walk().filter(stays).collect();
        let bare = all
            .iter()
            .filter(|&&node| outcome.chain(tree, databases, node).is_empty());
        (
            all.len(),
            bare.map(|&node| path::display(&tree.path(node))).collect(),
        )
    }

    const DEPTHS: [Depth; 3] = [Depth::Essential, Depth::Packages, Depth::Files];

    #[test]
    fn every_kept_path_of_a_package_has_a_chain() {
        let status = "Package: app\nStatus: install ok installed\nArchitecture: all\nVersion: 1\nDepends: data\n\n\
            Package: data\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n\
            Package: base\nEssential: yes\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n\
            Package: idle\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n";
        let image = Image::new(&[
            ("opt/app/run.sh", "x", "#!/usr/bin/app\n"),
            ("opt/app/own", "f", "x"),
            ("usr/bin/app", "x", "#!/bin/none\n"),
            ("usr/share/app/words", "f", "x"),
            ("usr/share/data/table", "f", "x"),
            ("usr/share/doc/app/copyright", "f", "x"),
            ("usr/share/idle/table", "f", "x"),
            ("usr/bin/base", "x", "x"),
            ("var/lib/dpkg/status", "f", status),
            (
                "var/lib/dpkg/info/app.list",
                "f",
                "/usr\n/usr/bin\n/usr/bin/app\n/usr/share/app\n/usr/share/app/words\n/usr/share/doc\n/usr/share/doc/app\n/usr/share/doc/app/copyright\n/opt\n",
            ),
            (
                "var/lib/dpkg/info/data.list",
                "f",
                "/usr\n/usr/share/data\n/usr/share/data/table\n",
            ),
            (
                "var/lib/dpkg/info/base.list",
                "f",
                "/usr\n/usr/bin/base\n/var/lib\n",
            ),
            (
                "var/lib/dpkg/info/idle.list",
                "f",
                "/usr/share/idle\n/usr/share/idle/table\n/opt/app\n",
            ),
        ]);
        let config = r#"{"os": "linux", "config": {"Entrypoint": ["/opt/app/run.sh"]}}"#;
        let config = serde_json::from_str(config).unwrap();
        for depth in DEPTHS {
            let facts = Facts::gather(&config, &image.tree, &image).unwrap();
            let (all, bare) = chains(&image.tree, &image, facts, depth);
            assert!(all > 4, "{depth:?}: {all}");
            assert_eq!(bare, [""; 0], "{depth:?}");
        }
    }

    #[test]
    #[ignore = "measures the images that the variable CHAINS names, with blanks between them"]
    #[allow(clippy::print_stderr, reason = "a measurement reports on stderr")]
    fn every_kept_path_of_real_packages_has_a_chain() {
        let view = View {
            platform: None,
            temp_dir: std::env::temp_dir(),
        };
        let mut without = 0;
        for reference in std::env::var("CHAINS").unwrap().split_whitespace() {
            let location = Location::parse(reference.as_ref()).unwrap();
            let source = open(&location, &view.temp_dir).unwrap();
            let offer = Offer::load(&*source, &[]).unwrap();
            let scanned = Scanned::new(&*source, &offer.images[0], &view).unwrap();
            let (tree, contents) = (&scanned.tree, scanned.contents());
            for depth in DEPTHS {
                let config = &offer.images[0].config.value;
                let facts = Facts::gather(config, tree, &contents).unwrap();
                let (all, bare) = chains(tree, &contents, facts, depth);
                let some = &bare[..bare.len().min(8)];
                eprintln!(
                    "{reference} {depth:?}: {all} paths, {} without: {some:?}",
                    bare.len()
                );
                without += bare.len();
            }
        }
        assert_eq!(without, 0);
    }
}
