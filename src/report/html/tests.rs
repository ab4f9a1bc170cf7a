//! What is in the page, and that nothing of an image's is markup.

use super::super::block::Table;
use super::*;

fn page() -> String {
    let mut table = Table::new(["bytes", "path"], "rl");
    table.push(["1.00 kB".into(), Cell::Path("a<script>\"b".into())]);
    let blocks = [
        Block::Title("app & co".into()),
        Block::Headline("<b>".into()),
        Block::Note("depth `a<b`, `open".into()),
        Block::Line("depth `a<b`".into()),
        table.section("Largest </details>").unwrap(),
    ];
    let file = |path: &str, class| MapFile {
        path: path.into(),
        bytes: 10,
        layer: 1,
        class,
    };
    let pictures = [
        Picture::Bars {
            heading: "Layers".into(),
            bars: vec![Bar {
                label: "RUN <x>".into(),
                before: 200,
                wasted: Some(50),
                after: Some(100),
            }],
            scale: 200,
        },
        Picture::Map {
            heading: "Files".into(),
            legend: vec!["stays".into(), "goes".into()],
            files: vec![
                file("usr/lib/ü/x", 0),
                file("usr/lib/ü/y</script>", 1),
                file("etc/a", 0),
            ],
        },
    ];
    render(&blocks, &pictures)
}

#[test]
fn names_mean_nothing_to_html() {
    let page = page();
    assert!(
        !page.contains("<script>\"b")
            && !page.contains("</details>\"")
            && !page.contains("RUN <x>")
    );
    assert!(page.contains("a&lt;script&gt;&quot;b"));
    assert!(page.contains("<p>depth <code>a&lt;b</code></p>"));
    assert!(page.contains("depth `a&lt;b`, `open</p>"));
    assert!(page.contains("<title>app &amp; co · oci-slim</title>"));
    // One script element for the data, one for the code.
    assert_eq!(page.matches("</script>").count(), 2);
}

#[test]
fn the_map_shares_directories_in_the_units_of_the_script() {
    let page = page();
    let start = page.find("{\"legend\"").unwrap();
    let data = &page[start..page[start..].find("</script>").unwrap() + start];
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        data,
        serde_json::json!({
            "legend": ["stays", "goes"],
            "files": [0, "etc/a", 10, 1, 0, 0, "usr/lib/ü/x", 10, 1, 0, 10, "y</script>", 10, 1, 1],
        })
    );
}

#[test]
fn bars_are_shares_of_the_longest() {
    let page = page();
    assert!(page.contains("class=\"used\" style=\"width:75.0%\""));
    assert!(page.contains("class=\"wasted\" style=\"width:25.0%\""));
    assert!(page.contains("class=\"after\" style=\"width:50.0%\""));
    assert_eq!(permille(1, u64::MAX), "0.0%");
}

#[test]
fn nothing_is_fetched() {
    let page = page();
    assert!(page.contains("default-src 'none'"));
    for way in ["http://", "https://", " src=", "@import", "url("] {
        assert!(!page.contains(way), "{way}");
    }
}
