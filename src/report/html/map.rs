//! The files of a map as the page's script reads them.

/// A file on a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapFile {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// The layer that holds it; 0 for all where layers mean nothing.
    pub layer: u16,
    /// Its place in the legend.
    pub class: u8,
}

/// `{"legend": […], "files": […]}`, five values a file: how many bytes its path shares with the one before (at a `/`),
/// the rest of the path, bytes, layer, class. Nothing in it can end a script element.
pub(super) fn json(legend: &[String], files: &[MapFile]) -> String {
    let mut sorted: Vec<&MapFile> = files.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    let mut text = format!("{{\"legend\":{},\"files\":[", quoted(legend));
    let mut before = "";
    for (place, file) in sorted.into_iter().enumerate() {
        let shared = shared(before, &file.path);
        let rest = quoted(&file.path[shared..]);
        let comma = if place == 0 { "" } else { "," };
        // The script counts in UTF-16 units.
        let units = file.path[..shared].encode_utf16().count();
        text.push_str(&format!(
            "{comma}{units},{rest},{},{},{}",
            file.bytes, file.layer, file.class
        ));
        before = &file.path;
    }
    text.push_str("]}");
    text.replace('<', "\\u003c")
}

fn quoted<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("text is always JSON")
}

/// The length of the directories that two paths share, with the slash at their end.
fn shared(before: &str, path: &str) -> usize {
    let same = before.bytes().zip(path.bytes()).take_while(|(a, b)| a == b);
    let same = same.count();
    path.as_bytes()[..same]
        .iter()
        .rposition(|&byte| byte == b'/')
        .map_or(0, |slash| slash + 1)
}
