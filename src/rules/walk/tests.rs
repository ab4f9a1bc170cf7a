//! Small trees with rules of every kind, and what the walk decides on each.

use serde_json::{Value, json};

use crate::path;
use crate::rules::decision::{Decisions, Edit, Origin};
use crate::rules::example::{Files, image, image_of};
use crate::rules::facts::Facts;
use crate::rules::options::{Profile, RuleOptions, UserRule};
use crate::rules::set::RuleSet;
use crate::tree::Tree;

const REMOVE: Origin = Origin::Flag("--remove");
const KEEP: Origin = Origin::Flag("--keep");

fn remove(globs: &[&str]) -> UserRule {
    UserRule {
        name: globs[0].to_owned(),
        globs: globs.iter().map(|&glob| glob.to_owned()).collect(),
        larger_than: None,
        keep: false,
        origin: REMOVE,
    }
}

fn keep(globs: &[&str]) -> UserRule {
    UserRule {
        keep: true,
        origin: KEEP,
        ..remove(globs)
    }
}

fn options(profile: Profile, user: Vec<UserRule>) -> RuleOptions {
    RuleOptions {
        profile,
        user,
        ..RuleOptions::default()
    }
}

fn decide(options: &RuleOptions, config: &Value, (tree, contents): &(Tree, Files)) -> Decisions {
    let facts = Facts::gather(config, tree, contents).unwrap();
    RuleSet::compile(options)
        .unwrap()
        .decide(tree, &facts, contents)
        .unwrap()
}

/// What goes, as `path (rule)` in the order of paths, and what is emptied, as `path = (rule)`.
fn gone(decisions: &Decisions, tree: &Tree) -> Vec<String> {
    let rule = |reason: usize| decisions.reasons()[reason].rule.as_str();
    let removed = decisions
        .removals()
        .map(|(node, reason)| (tree.path(node), format!(" ({})", rule(reason))));
    let edited = decisions.edits().map(|(node, reason, edit)| {
        assert_eq!(*edit, Edit::Content([].into()));
        (tree.path(node), format!(" = ({})", rule(reason)))
    });
    let mut all: Vec<_> = removed.chain(edited).collect();
    all.sort();
    all.into_iter()
        .map(|(at, by)| path::display(&at) + &by)
        .collect()
}

/// What was kept, as `path: because (rule)`.
fn kept(decisions: &Decisions, tree: &Tree) -> Vec<String> {
    let show = |kept: &crate::rules::Kept| {
        let rule = &decisions.reasons()[kept.asked].rule;
        format!(
            "{}: {} ({rule})",
            path::display(&tree.path(kept.node)),
            kept.because
        )
    };
    decisions.kept.iter().map(show).collect()
}

#[test]
fn users_globs_name_files_and_directories() {
    let files = [
        ("srv/a.pdf", "1"),
        ("srv/press/b.pdf", "1"),
        ("srv/press/c.txt", "1"),
        ("srvx/a.pdf", "1"),
    ];
    for (globs, expected) in [
        (&["srv/**/*.pdf"][..], vec!["srv/a.pdf", "srv/press/b.pdf"]),
        (
            &["/srv/press"],
            vec!["srv/press", "srv/press/b.pdf", "srv/press/c.txt"],
        ),
        (
            &["srv/press/"],
            vec!["srv/press", "srv/press/b.pdf", "srv/press/c.txt"],
        ),
        (
            &["srv/press/**"],
            vec!["srv/press/b.pdf", "srv/press/c.txt"],
        ),
        (&["srv*/a.pdf"], vec!["srv/a.pdf", "srvx/a.pdf"]),
        (&["*.pdf"], vec![]),
        (&["**/*.{txt,doc}"], vec!["srv/press/c.txt"]),
    ] {
        let image = image(&files);
        let decisions = decide(
            &options(Profile::Safe, vec![remove(globs)]),
            &json!({}),
            &image,
        );
        let expected: Vec<_> = expected
            .iter()
            .map(|path| format!("{path} ({})", globs[0]))
            .collect();
        assert_eq!(gone(&decisions, &image.0), expected, "{globs:?}");
    }
}

#[test]
fn keep_wins_over_remove_and_remove_over_the_protect_list() {
    let image = image(&[
        ("etc/ssl/a", "1"),
        ("etc/ssl/b/c", "1"),
        ("etc/ssl/b/d", "1"),
        ("etc/other", "1"),
    ]);
    let decisions = decide(
        &options(
            Profile::Safe,
            vec![keep(&["etc/ssl/b/c"]), remove(&["etc/ssl"])],
        ),
        &json!({}),
        &image,
    );
    assert_eq!(
        gone(&decisions, &image.0),
        ["etc/ssl/a (etc/ssl)", "etc/ssl/b/d (etc/ssl)"]
    );
    assert_eq!(
        kept(&decisions, &image.0),
        ["etc/ssl/b/c: --keep etc/ssl/b/c (etc/ssl)"]
    );
}

#[test]
fn the_last_of_several_removes_is_named_and_users_before_built_in() {
    let image = image(&[
        ("root/.cache/pip/a", "1"),
        ("root/.cache/pip/b", "1"),
        ("root/.cache/pip/c/d", "1"),
    ]);
    let user = vec![remove(&["root/.cache/pip/[ab]"]), remove(&["**/b"])];
    let decisions = decide(&options(Profile::Safe, user), &json!({}), &image);
    assert_eq!(
        gone(&decisions, &image.0),
        [
            "root/.cache/pip (pip-cache)",
            "root/.cache/pip/a (root/.cache/pip/[ab])",
            "root/.cache/pip/b (**/b)",
            "root/.cache/pip/c (pip-cache)",
            "root/.cache/pip/c/d (pip-cache)",
        ]
    );
    assert!(decisions.unmatched.is_empty());
}

#[test]
fn a_size_is_asked_of_files_only() {
    let image = image(&[
        ("srv/a", "12345"),
        ("srv/b", "1234"),
        ("srv/c", "-> a-long-target"),
    ]);
    let rule = UserRule {
        larger_than: Some(5),
        ..remove(&["srv"])
    };
    let decisions = decide(&options(Profile::Safe, vec![rule]), &json!({}), &image);
    assert_eq!(gone(&decisions, &image.0), ["srv/a (srv)"]);
}

#[test]
fn a_glob_of_the_users_that_names_nothing_is_told() {
    let image = image(&[("srv/a", "12")]);
    let large = UserRule {
        larger_than: Some(5),
        ..remove(&["srv/a"])
    };
    let user = vec![
        remove(&["srv/x", "srv/a"]),
        large,
        remove(&["/none/"]),
        keep(&["other"]),
    ];
    let decisions = decide(&options(Profile::Safe, user), &json!({}), &image);
    assert_eq!(
        decisions.unmatched,
        [("srv/x".to_owned(), REMOVE), ("/none/".to_owned(), REMOVE)]
    );
}

#[test]
fn a_bad_glob_is_told_with_its_origin() {
    for (glob, fault) in [
        ("a[", "class"),
        ("!a", "negate"),
        ("a/../b", "out of the image"),
        ("/", "root"),
    ] {
        let told = RuleSet::compile(&options(Profile::Safe, vec![remove(&[glob])]))
            .unwrap_err()
            .to_string();
        assert!(
            told.starts_with(&format!("glob `{glob}` from --remove: ")) && told.contains(fault),
            "{told}"
        );
    }
}

#[test]
fn names_are_bytes() {
    let image = image_of(&[
        (b"srv/\xff.pdf", b"1"),
        (b"srv/a\n.pdf", b"1"),
        (b"srv/b", b"1"),
    ]);
    let decisions = decide(
        &options(Profile::Safe, vec![remove(&["srv/*.pdf"])]),
        &json!({}),
        &image,
    );
    assert_eq!(
        gone(&decisions, &image.0),
        [r"srv/a\x0a.pdf (srv/*.pdf)", r"srv/\xff.pdf (srv/*.pdf)"]
    );
}

#[test]
fn the_image_keeps_what_it_starts_by() {
    let files = [
        ("root/.cache/pip/tool", "1"),
        ("root/.cache/pip/other", "1"),
        ("usr/share/doc/x/run", "1"),
        ("usr/share/doc/x/more", "1"),
        ("tmp/data/a", "1"),
        ("tmp/b", "1"),
    ];
    for (config, removed, held) in [
        (
            json!({"Cmd": ["/root/.cache/pip/tool"]}),
            vec![
                "tmp/b (tmp)",
                "tmp/data (tmp)",
                "tmp/data/a (tmp)",
                "usr/share/doc/x/more (docs)",
                "usr/share/doc/x/run (docs)",
            ],
            vec!["root/.cache/pip: CMD (pip-cache)"],
        ),
        (
            json!({"Entrypoint": ["/usr/share/doc/x/run"], "Volumes": {"/tmp/data": {}}}),
            vec![
                "root/.cache/pip (pip-cache)",
                "root/.cache/pip/other (pip-cache)",
                "root/.cache/pip/tool (pip-cache)",
                "usr/share/doc/x/more (docs)",
            ],
            vec!["usr/share/doc/x/run: ENTRYPOINT (docs)"],
        ),
        (
            json!({"WorkingDir": "/root/.cache/pip", "Env": ["DATA=/tmp/data"]}),
            vec![
                "tmp/b (tmp)",
                "usr/share/doc/x/more (docs)",
                "usr/share/doc/x/run (docs)",
            ],
            vec![
                "root/.cache/pip: WORKDIR (pip-cache)",
                "tmp/data: Env DATA (tmp)",
            ],
        ),
    ] {
        let image = image(&files);
        let decisions = decide(
            &options(Profile::Lean, vec![]),
            &json!({ "config": config }),
            &image,
        );
        assert_eq!(gone(&decisions, &image.0), removed, "{config}");
        assert_eq!(kept(&decisions, &image.0), held, "{config}");
    }
}

#[test]
fn the_protect_list_holds_by_its_strength() {
    let files = [
        ("etc/ssl/private/x.orig", "1"),
        ("srv/x.orig", "1"),
        ("etc/x.orig", "1"),
        ("app/node_modules/a/LICENSE", "1"),
        ("root/.cache/pip/LICENSE", "1"),
        ("root/.cache/pip/x.dist-info/METADATA", "1"),
    ];
    let image = image(&files);
    let options = RuleOptions {
        enable: vec![("backups".into(), REMOVE)],
        ..RuleOptions::default()
    };
    let decisions = decide(&options, &json!({}), &image);
    assert_eq!(
        gone(&decisions, &image.0),
        [
            "etc/x.orig (backups)",
            "root/.cache/pip (pip-cache)",
            "root/.cache/pip/LICENSE (pip-cache)",
            "root/.cache/pip/x.dist-info (pip-cache)",
            "root/.cache/pip/x.dist-info/METADATA (pip-cache)",
        ]
    );
    assert_eq!(
        kept(&decisions, &image.0),
        [
            "etc/ssl/private/x.orig: protect list: certificates (backups)",
            "srv/x.orig: protect list: a place for the user's own files (backups)",
        ]
    );
}

#[test]
fn files_are_emptied_where_links_and_directories_stay() {
    let image = image(&[
        ("var/log/app/a.log", "1"),
        ("var/log/app/empty.log", ""),
        ("var/log/app/access.log", "-> /dev/stdout"),
        ("var/log/apt/history.log", "1"),
        ("var/log/db/", ""),
    ]);
    let decisions = decide(&options(Profile::Safe, vec![]), &json!({}), &image);
    assert_eq!(
        gone(&decisions, &image.0),
        [
            "var/log/app/a.log = (logs)",
            "var/log/apt/history.log (apt-logs)"
        ]
    );
}

#[test]
fn both_layouts_of_usr_are_covered() {
    for root in ["", "usr/"] {
        let database = format!("{root}lib/apk/db/scripts.tar");
        let loader = format!("{root}lib64/ld-linux-x86-64.so.2.debug");
        let image = image(&[(&database, "1"), (&loader, "1")]);
        let decisions = decide(&options(Profile::Lean, vec![]), &json!({}), &image);
        assert_eq!(
            gone(&decisions, &image.0),
            [format!("{database} (apk-scripts)")]
        );
        assert_eq!(
            kept(&decisions, &image.0),
            [format!(
                "{loader}: protect list: loader and what the C library opens (debug-files)"
            )]
        );
    }
}

#[test]
fn links_are_not_followed_but_keep_what_they_lead_to_in_a_cache() {
    let image = image(&[
        ("root/.cache/uv/archive/a/x.py", "1"),
        ("root/.cache/uv/archive/b/y.py", "1"),
        ("app/.venv/lib/a", "-> /root/.cache/uv/archive/a"),
        ("tmp/link", "-> /root/.cache/uv/archive/b"),
    ]);
    let decisions = decide(&options(Profile::Lean, vec![]), &json!({}), &image);
    assert_eq!(
        gone(&decisions, &image.0),
        [
            "root/.cache/uv/archive/b (uv-cache)",
            "root/.cache/uv/archive/b/y.py (uv-cache)",
            "tmp/link (tmp)"
        ]
    );
    assert_eq!(
        kept(&decisions, &image.0),
        ["root/.cache/uv/archive/a: link app/.venv/lib/a (uv-cache)"]
    );
}

#[test]
fn no_removed_directory_holds_what_stays() {
    let files = [
        ("srv/a/b/c", "1"),
        ("srv/a/b/d", "1"),
        ("srv/a/e", "1"),
        ("root/.cache/pip/x/y", "1"),
        ("usr/share/doc/a/copyright", "1"),
        ("usr/share/doc/a/b/c", "1"),
    ];
    for user in [
        vec![remove(&["srv"]), keep(&["srv/a/b/c"])],
        vec![remove(&["srv/**"]), keep(&["**/d"])],
        vec![remove(&["**"]), keep(&["root/.cache/pip/x"])],
        vec![remove(&["usr"]), keep(&["usr/share/doc/*/copyright"])],
    ] {
        let image = image(&files);
        let (tree, decisions) = (
            &image.0,
            decide(&options(Profile::Lean, user.clone()), &json!({}), &image),
        );
        assert!(!decisions.is_empty());
        for (node, _) in decisions.removals() {
            assert!(
                tree.children(node)
                    .all(|(_, child)| decisions.removed(child).is_some()),
                "{user:?} {}",
                path::display(&tree.path(node))
            );
        }
    }
}

#[test]
fn a_rule_alone_takes_what_it_takes_with_others() {
    let files = [
        ("var/lib/apt/lists/x", "1"),
        ("usr/share/doc/a/b", "1"),
        ("root/.npm/_cacache/a", "1"),
    ];
    let image = image(&files);
    let together = decide(&options(Profile::Lean, vec![]), &json!({}), &image);
    let facts = Facts::gather(&json!({}), &image.0, &image.1).unwrap();
    let alone: usize = ["apt-lists", "docs", "npm-cache"]
        .into_iter()
        .map(|name| RuleSet::alone(crate::rules::rule(name).unwrap()))
        .map(|set| {
            set.decide(&image.0, &facts, &image.1)
                .unwrap()
                .removals()
                .count()
        })
        .sum();
    assert_eq!(together.removals().count(), alone);
}

#[test]
fn nothing_is_decided_without_rules() {
    let image = image(&[("root/.cache/pip/a", "1"), ("tmp/a", "1")]);
    let options = RuleOptions {
        profile: Profile::Lean,
        disable: vec![("*".into(), REMOVE)],
        ..RuleOptions::default()
    };
    assert!(decide(&options, &json!({}), &image).is_empty());
}

#[test]
fn a_deep_tree_is_walked_without_recursion() {
    let deep = vec!["d"; 1500].join("/");
    let image = image(&[
        (&format!("root/.cache/pip/{deep}"), "1"),
        (&format!("srv/{deep}"), "1"),
    ]);
    let decisions = decide(
        &options(Profile::Safe, vec![remove(&["srv/d"])]),
        &json!({}),
        &image,
    );
    assert_eq!(decisions.removals().count(), 3001);
}
