//! JSON: Mint's `creport.json`, and the events of tracee, falco, sysdig and fatrace, one a line or in an array.
//!
//! An event is any object; its paths are the absolute ones under keys that these tools use for paths.

use serde_json::{Map, Value};

use super::{Frame, Trace, Unexplained, in_image, lines, place, strip};

/// Keys whose value is a path. tracee writes arguments as `{"name": KEY, "value": PATH}`.
const PATHS: [&str; 20] = [
    "path",
    "pathname",
    "file_path",
    "filepath",
    "filename",
    "file",
    "oldpath",
    "newpath",
    "old_path",
    "new_path",
    "fd.name",
    "fs.path.name",
    "fs.path.source",
    "fs.path.target",
    "evt.arg.path",
    "evt.arg.name",
    "evt.arg.pathname",
    "evt.arg.filename",
    "evt.abspath",
    "link_ref",
];
/// Keys whose value is the path of a program that ran.
const PROGRAMS: [&str; 7] = [
    "exe",
    "exe_path",
    "exepath",
    "proc.exepath",
    "evt.arg.exe",
    "executable",
    "executable_path",
];
/// Keys whose value names what happened.
const EVENTS: [&str; 6] = ["eventName", "event", "evt.type", "syscall", "type", "name"];

/// Reads a whole document, or a document a line.
pub(super) fn parse(bytes: &[u8], frame: Frame<'_>) -> Result<Trace, Unexplained> {
    let mut trace = Trace::default();
    if let Ok(document) = serde_json::from_slice::<Value>(bytes) {
        match report(&document) {
            Some(files) => mint(files, frame, &mut trace),
            None => event(&document, frame, &mut trace),
        }
        return Ok(trace);
    }
    for (line, text) in lines(bytes) {
        let Ok(document) = serde_json::from_slice::<Value>(text) else {
            let fault = "no JSON document";
            return Err(Unexplained { line, fault });
        };
        event(&document, frame, &mut trace);
    }
    Ok(trace)
}

fn report(document: &Value) -> Option<&[Value]> {
    document
        .get("image")?
        .get("files")?
        .as_array()
        .map(Vec::as_slice)
}

/// Files of Mint's report: what it kept, with the targets of links and what it saw started.
fn mint(files: &[Value], frame: Frame<'_>, trace: &mut Trace) {
    for file in files {
        let Some(path) = file.get("file_path").and_then(Value::as_str) else {
            continue;
        };
        let flag = file.get("flags").and_then(|flags| flags.get("X"));
        let started = flag.and_then(Value::as_bool).unwrap_or(false);
        see(trace, path, None, started, frame);
        let target = file.get("link_ref").and_then(Value::as_str);
        if let Some(target) = target.filter(|target| !target.is_empty()) {
            let directory = path.rfind('/').map_or("", |slash| &path[..slash]);
            see(trace, target, Some(directory.as_bytes()), false, frame);
        }
    }
}

fn event(value: &Value, frame: Frame<'_>, trace: &mut Trace) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| event(value, frame, trace)),
        Value::Object(object) if !failed(object) => {
            let started = starts_program(object);
            fields(object, started, frame, trace);
        }
        _ => {}
    }
}

fn fields(object: &Map<String, Value>, started: bool, frame: Frame<'_>, trace: &mut Trace) {
    let named = object.get("name").and_then(Value::as_str);
    if let (Some(name), Some(Value::String(path))) = (named, object.get("value")) {
        field(name, path, started, frame, trace);
    }
    for (key, value) in object {
        match value {
            Value::String(path) => field(key, path, started, frame, trace),
            Value::Object(object) if !failed(object) => {
                fields(object, started || starts_program(object), frame, trace);
            }
            Value::Array(values) => {
                let objects = values.iter().filter_map(Value::as_object);
                objects.for_each(|object| fields(object, started, frame, trace));
            }
            _ => {}
        }
    }
}

fn field(key: &str, path: &str, started: bool, frame: Frame<'_>, trace: &mut Trace) {
    if !path.starts_with('/') {
        return;
    }
    if PROGRAMS.contains(&key) {
        see(trace, path, None, true, frame);
    } else if PATHS.contains(&key) {
        see(trace, path, None, started, frame);
    }
}

/// A path that is relative although no directory is known is left out; with a root, what is not below it too.
fn see(trace: &mut Trace, path: &str, directory: Option<&[u8]>, started: bool, frame: Frame<'_>) {
    let Some(path) = place(path.as_bytes(), directory) else {
        return;
    };
    if frame.root.is_some() && directory.is_none() && strip(&path, frame).is_none() {
        return;
    }
    if let Some(path) = in_image(path, frame) {
        trace.see(path, started);
    }
}

fn starts_program(object: &Map<String, Value>) -> bool {
    let events = EVENTS.iter().filter_map(|key| object.get(*key)?.as_str());
    events.into_iter().any(|event| event.contains("exec"))
}

/// Whether the call that the event tells of came to nothing.
fn failed(object: &Map<String, Value>) -> bool {
    let numbers = ["returnValue", "retval", "evt.rawres"];
    let mut numbers = numbers.iter().filter_map(|key| object.get(*key)?.as_i64());
    let result = object.get("evt.res").and_then(Value::as_str);
    numbers.any(|number| number < 0) || result.is_some_and(|result| result.starts_with('E'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let trace = parse(text.as_bytes(), Frame::default()).unwrap();
        let text = |path: Vec<u8>| String::from_utf8(path).unwrap();
        (
            trace.paths.into_iter().map(text).collect(),
            trace.executed.into_iter().map(text).collect(),
        )
    }

    #[test]
    fn a_report_of_mint() {
        let (paths, executed) = read(
            r#"{"image": {"files": [
                {"type": "File", "file_path": "/usr/bin/a", "flags": {"R": true, "X": true}},
                {"type": "Symlink", "file_path": "/usr/lib/l.so", "link_ref": "../lib64/l.so.1"},
                {"type": "Symlink", "file_path": "/bin", "link_ref": "usr/bin"},
                {"type": "File", "file_path": "/etc/b", "flags": {"R": true}},
                {"type": "other"}
            ]}, "system": {}}"#,
        );
        let wanted = [
            "/bin",
            "/etc/b",
            "/usr/bin",
            "/usr/bin/a",
            "/usr/lib/../lib64/l.so.1",
            "/usr/lib/l.so",
        ];
        assert_eq!(paths, wanted);
        assert_eq!(executed, ["/usr/bin/a"]);
    }

    #[test]
    fn events_of_several_tools() {
        let (paths, executed) = read(
            r#"{"eventName": "security_file_open", "returnValue": 0, "args": [{"name": "pathname", "value": "/t/open"}, {"name": "flags", "value": "/no"}]}
{"eventName": "sched_process_exec", "args": [{"name": "pathname", "value": "/t/exec"}]}
{"eventName": "openat", "returnValue": -2, "args": [{"name": "pathname", "value": "/t/failed"}]}
{"output": "x", "output_fields": {"evt.type": "openat", "fd.name": "/f/open", "proc.exepath": "/f/program"}}
{"output_fields": {"evt.type": "openat", "evt.res": "ENOENT", "fd.name": "/f/failed"}}
{"evt.type": "execve", "evt.arg.filename": "/s/exec", "proc.name": "sh"}
{"timestamp": {"seconds": 1}, "comm": "cat", "pid": 1, "types": "RO", "path": "/j/read"}
[{"path": "/array"}, {"path": "relative"}, 3]
"#,
        );
        let wanted = [
            "/array",
            "/f/open",
            "/f/program",
            "/j/read",
            "/s/exec",
            "/t/exec",
            "/t/open",
        ];
        assert_eq!(paths, wanted);
        assert_eq!(executed, ["/f/program", "/s/exec", "/t/exec"]);
    }

    #[test]
    fn a_line_that_is_no_json_is_named() {
        let fault = parse(b"{\"path\": \"/a\"}\n\n{\"path\"\n", Frame::default()).unwrap_err();
        assert_eq!(fault.line, 3);
    }
}
