//! What the rules will most likely take, told from the config and from paths alone, before there is a tree.
//!
//! It decides nothing: what a layer leaves out for it can still be read, at the price of inflating the layer again.

use serde_json::Value;

use crate::error::Result;
use crate::layer::LeavesOut;
use crate::path;
use crate::rules::expand::expand;
use crate::rules::facts::{Contents, Facts};
use crate::rules::glob::Reachable;
use crate::rules::predicate::{Known, acts};
use crate::rules::protect::GUARDS;
use crate::rules::rule::{Action, Only, Reach, Rule, When};
use crate::rules::set::RuleSet;
use crate::rules::sieve::Sieve;
use crate::tree::{NodeId, Tree};

/// The paths that rules will most likely take.
#[derive(Debug)]
pub struct Guess {
    takes: Sieve<Take>,
    keeps: Sieve<Keep>,
}

/// Who asks for a path.
#[derive(Clone, Copy, Debug)]
enum Take {
    /// The user, from this size on, in bytes.
    User(u64),
    /// The rule at this place.
    Rule(usize, Reach),
}

/// What holds a path.
#[derive(Clone, Copy, Debug)]
enum Keep {
    User,
    /// The protect list, up to this reach.
    Guard(Option<Reach>),
    /// The rule at this place leaves it.
    Rule(usize),
}

/// An image that holds nothing.
struct Nothing;

impl Contents for Nothing {
    fn read(&self, _: NodeId, _: usize) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

impl Guess {
    /// Looks at the rules for an image of this config, in which the lines `needs` must run too.
    ///
    /// # Errors
    /// None that an empty image can have.
    pub fn new(set: &RuleSet, config: &Value, needs: &[String]) -> Result<Self> {
        let tree = Tree::merge(Vec::new(), &[])?;
        let mut facts = Facts::gather_for(config, needs, &tree, &Nothing)?;
        facts.homes = homes(&facts);
        let spelled = |globs: &'static [&'static str]| -> Vec<String> {
            let spelled = globs.iter().flat_map(|glob| expand(glob, &facts, &tree));
            spelled.map(|spelled| spelled.glob).collect()
        };
        let (mut takes, mut keeps, mut known) = (Vec::new(), Vec::new(), Known::new());
        for glob in &set.globs {
            let rule = &set.user[glob.rule];
            if rule.keep {
                keeps.push((glob.glob.clone(), Keep::User));
            } else {
                let least = rule.larger_than.unwrap_or_default();
                takes.push((glob.glob.clone(), Take::User(least)));
            }
        }
        for guard in GUARDS {
            let globs = spelled(guard.globs).into_iter();
            keeps.extend(globs.map(|glob| (glob, Keep::Guard(guard.until))));
        }
        for (place, rule) in set.rules.iter().enumerate() {
            if is_guessable(rule) && acts(rule.when, &facts, &tree, &mut known) {
                let globs = spelled(rule.remove).into_iter();
                let rooted = globs.filter(|glob| !Reachable::of(glob).floats());
                takes.extend(rooted.map(|glob| (glob, Take::Rule(place, rule.reach))));
                let globs = spelled(rule.keep).into_iter();
                keeps.extend(globs.map(|glob| (glob, Keep::Rule(place))));
            }
        }
        // Nothing is read before they are compiled.
        let (takes, keeps) = rayon::join(|| Sieve::of_checked(takes), || Sieve::of_checked(keeps));
        Ok(Self { takes, keeps })
    }
}

impl LeavesOut for Guess {
    fn leaves_out(&self, path: &[u8], size: u64) -> bool {
        let takes = named(&self.takes, path);
        if takes.is_empty() {
            return false;
        }
        let keeps = named(&self.keeps, path);
        takes.iter().any(|take| match *take {
            Take::User(least) => {
                size >= least && !keeps.iter().any(|keep| matches!(keep, Keep::User))
            }
            Take::Rule(place, reach) => !keeps.iter().any(|keep| match *keep {
                Keep::User => true,
                Keep::Guard(until) => until.is_none_or(|until| reach < until),
                Keep::Rule(keeping) => keeping == place,
            }),
        })
    }
}

/// Whether a rule goes by the config and by paths alone.
fn is_guessable(rule: &Rule) -> bool {
    let by_config = |when: &When| {
        matches!(
            when,
            When::RunsNone(_) | When::Serves | When::Environment(_)
        )
    };
    rule.action == Action::Remove
        && rule.only.iter().all(|only| matches!(only, Only::File))
        && rule.when.iter().all(by_config)
}

/// Where home directories lie, whether or not they are there.
fn homes(facts: &Facts) -> Vec<Vec<u8>> {
    let home = facts.variable("HOME").unwrap_or_default();
    let user = facts.user.split(':').next().unwrap_or_default();
    let mut homes = vec![b"root".to_vec(), path::join(b"home", user.as_bytes())];
    homes.extend(path::clean(home.as_bytes()));
    homes.retain(|home| !home.is_empty() && home != b"home/");
    homes
}

/// What the globs stand for that name `path` or a directory that holds it.
fn named<T: Copy>(sieve: &Sieve<T>, path: &[u8]) -> Vec<T> {
    let (mut all, mut found) = (Vec::new(), Vec::new());
    let mut at = path;
    while !at.is_empty() {
        sieve.matches(at, &mut found);
        all.extend(found.iter().map(|&place| *sieve.target(place)));
        at = path::parent(at);
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::decision::Origin;
    use crate::rules::options::{Profile, RuleOptions, UserRule};

    fn user(glob: &str, keep: bool, larger_than: Option<u64>) -> UserRule {
        UserRule {
            name: glob.into(),
            globs: vec![glob.into()],
            larger_than,
            keep,
            origin: Origin::BuiltIn,
        }
    }

    #[test]
    fn paths_that_rules_will_take() {
        let options = RuleOptions {
            profile: Profile::Lean,
            user: vec![
                user("srv/press", false, None),
                user("srv/**/*.mp4", false, Some(1000)),
                user("srv/press/keep", true, None),
            ],
            ..RuleOptions::default()
        };
        let set = RuleSet::compile(&options).unwrap();
        let config = json!({"config": {
            "Cmd": ["npx", "serve"], "User": "web:web", "Env": ["LANG=de_DE.UTF-8"],
        }});
        let guess = Guess::new(&set, &config, &[]).unwrap();
        for (path, goes) in [
            ("srv/press/a.pdf", true),
            ("srv/press/keep/a.pdf", false),
            ("srv/film.mp4", true),
            ("srv/app", false),
            ("var/cache/apt/pkgcache.bin", true),
            ("var/lib/apt/lists/deb_Packages", true),
            ("usr/share/locale/fr/LC_MESSAGES/git.mo", true),
            ("usr/share/locale/de/LC_MESSAGES/git.mo", false),
            ("usr/share/doc/git/changelog.gz", true),
            ("usr/share/doc/git/copyright", false),
            ("usr/share/doc/git/examples/a", false),
            ("root/.cache/go-build/ab/abc-d", true),
            ("home/web/.cache/go-build/ab/abc-d", true),
            ("root/go/pkg/mod/x/y.go", true),
            // `npx` reads it.
            ("root/.npm/_cacache/content-v2/x", false),
            // Taken where no compiler is left, which takes a tree to tell.
            ("usr/include/stdio.h", false),
            ("usr/bin/git", false),
        ] {
            assert_eq!(guess.leaves_out(path.as_bytes(), 1000), goes, "{path}");
        }
        assert!(!guess.leaves_out(b"srv/film.mp4", 999));
    }
}
