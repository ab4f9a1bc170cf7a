//! Limits held against numbers made by hand.

use super::super::value::Descriptor;
use super::*;
use crate::report::{Budget, Document, Format, Paint};

fn measured() -> Measured {
    let descriptor = Descriptor {
        digest: "sha256:aa".into(),
        media_type: "m".into(),
        size: 1,
    };
    Measured {
        facts: Facts {
            platform: "linux/amd64".into(),
            name: None,
            source: descriptor.clone(),
            result: descriptor,
            instructions: Vec::new(),
            warnings: Vec::new(),
        },
        totals: Totals {
            compressed: 1000,
            uncompressed: 3000,
            visible: 90,
            wasted: 10,
            ..Totals::default()
        }
        .rated(),
        dive: DiveNumbers {
            efficiency: 0.95,
            ..DiveNumbers::default()
        },
        forbidden: Vec::new(),
        required: Vec::new(),
    }
}

fn told(limits: &Limits, baseline: Option<&Baseline>) -> Vec<(&'static str, bool)> {
    let image = HeldImage::new(measured(), limits, None, baseline);
    let rows = image.limits.iter().map(|held| (held.limit, held.holds));
    rows.collect()
}

#[test]
fn budgets_are_kept_when_met_exactly() {
    let budget = |max_size, min_efficiency, max_wasted| Limits {
        budget: Budget {
            max_size: Some(max_size),
            min_efficiency: Some(min_efficiency),
            max_wasted: Some(max_wasted),
            min_saving: None,
        },
        ..Limits::default()
    };
    let names = ["max-size", "min-efficiency", "max-wasted"];
    assert_eq!(told(&budget(1000, 0.9, 10), None), names.map(|n| (n, true)));
    assert_eq!(told(&budget(999, 0.91, 9), None), names.map(|n| (n, false)));
    assert_eq!(told(&Limits::default(), None), []);
}

#[test]
fn growth_is_held_against_the_same_platform_and_like_against_like() {
    let report = |compressed: u64, uncompressed: u64| {
        let text = format!(
            "{{\"images\":[{{\"platform\":\"linux/amd64\",\"after\":{{\"compressed\":{compressed},\"uncompressed\":{uncompressed}}}}}]}}"
        );
        Baseline::parse(&text).unwrap()
    };
    let limits = |max_growth| Limits {
        max_growth: Some(max_growth),
        ..Limits::default()
    };
    for (before, most, holds) in [
        ((900, 1), Saving::Bytes(100), true),
        ((900, 1), Saving::Bytes(99), false),
        ((800, 1), Saving::Percent(25.0), true),
        ((800, 1), Saving::Percent(24.9), false),
        ((2000, 1), Saving::Bytes(0), true),
        // Stored plain: inflated bytes count.
        ((2900, 2900), Saving::Bytes(100), true),
        ((2900, 2900), Saving::Bytes(99), false),
        ((0, 1), Saving::Percent(50.0), false),
    ] {
        let baseline = report(before.0, before.1);
        let rows = told(&limits(most), Some(&baseline));
        assert_eq!(rows, [("max-growth", holds)], "{before:?} {most:?}");
    }
    assert_eq!(
        told(&limits(Saving::Bytes(1)), None),
        [("max-growth", false)]
    );
    for wrong in ["", "{}", "{\"images\":[]}", "{\"images\":[{}]}"] {
        assert!(Baseline::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_check_in_all_forms() {
    let limits = Limits {
        budget: Budget {
            max_size: Some(999),
            min_efficiency: Some(0.5),
            ..Budget::default()
        },
        ..Limits::default()
    };
    let matched = |glob: &str, first: Option<&str>, paths| Matched {
        glob: glob.into(),
        paths,
        first: first.map(str::to_owned),
    };
    let measured = Measured {
        forbidden: vec![
            matched("**/*.pem", Some("app/key<1>.pem"), 3),
            matched("**/.git", None, 0),
        ],
        required: vec![
            matched("etc/passwd", Some("etc/passwd"), 1),
            matched("bin/app", None, 0),
        ],
        ..measured()
    };
    let image = HeldImage::new(measured, &limits, Some(&DiveCi::default()), None);
    let check = Check::new(vec![image], Vec::new());
    assert!(!check.holds);
    insta::assert_snapshot!(check.text(Paint(false)), @r"
    linux/amd64
    3 of 8 limits missed
    1.00 kB compressed, efficiency 90.00 %

    Limits
              limit                     is
      MISSED  max-size                  1.00 kB, at most 999 B
      kept    min-efficiency            90.00 %, at least 50.00 %
      kept    lowestEfficiency          95.00 %, at least 90.00 %
      kept    highestUserWastedPercent  0.00 %, at most 10.00 %
      MISSED  forbid                    app/key<1>.pem and 2 more are there, **/*.pem is forbidden
      kept    forbid                    nothing matches **/.git
      kept    require                   etc/passwd is there
      MISSED  require                   nothing matches bin/app, which is required
    ");
    insta::assert_snapshot!(check.render(Format::Junit, Paint(false)).unwrap(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="oci-slim check" tests="8" failures="3">
      <testsuite name="linux/amd64" tests="8" failures="3">
        <testcase classname="linux/amd64" name="max-size"><failure message="1.00 kB, at most 999 B"/></testcase>
        <testcase classname="linux/amd64" name="min-efficiency"/>
        <testcase classname="linux/amd64" name="lowestEfficiency"/>
        <testcase classname="linux/amd64" name="highestUserWastedPercent"/>
        <testcase classname="linux/amd64" name="forbid app/key&lt;1&gt;.pem"><failure message="app/key&lt;1&gt;.pem and 2 more are there, **/*.pem is forbidden"/></testcase>
        <testcase classname="linux/amd64" name="forbid **/.git"/>
        <testcase classname="linux/amd64" name="require etc/passwd"/>
        <testcase classname="linux/amd64" name="require bin/app"><failure message="nothing matches bin/app, which is required"/></testcase>
      </testsuite>
    </testsuites>
    "#);
    let sarif = check.render(Format::Sarif, Paint(false)).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    let place = &results[1]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(place["uri"], "app/key%3C1%3E.pem");
    assert!(check.json().contains("\"holds\": false"));
    let annotations = crate::report::annotations(&check);
    assert_eq!(annotations.len(), 3);
    assert_eq!(
        annotations[0],
        "::error title=oci-slim max-size::linux/amd64: 1.00 kB, at most 999 B"
    );
}

#[test]
fn limits_of_a_platform_lie_on_top() {
    let all = Limits {
        budget: Budget {
            max_size: Some(10),
            max_wasted: Some(1),
            ..Budget::default()
        },
        forbid: vec!["a".into()],
        ..Limits::default()
    };
    let own = Limits {
        budget: Budget {
            max_size: Some(20),
            ..Budget::default()
        },
        forbid: vec!["b".into()],
        ..Limits::default()
    };
    let both = all.with(&own);
    assert_eq!(
        (both.budget.max_size, both.budget.max_wasted),
        (Some(20), Some(1))
    );
    assert_eq!(both.forbid, ["a", "b"]);
}
