//! Lists of paths, and fatrace's text.
//!
//! fatrace sees the whole machine, so with a root given both count only below it.

use super::{Frame, Trace, Unexplained, in_image, lines, place, strip};

/// A path a line, absolute or from `./`; lines that start with `#` say nothing.
pub(super) fn paths(bytes: &[u8], frame: Frame<'_>) -> Result<Trace, Unexplained> {
    let mut trace = Trace::default();
    for (line, text) in lines(bytes) {
        match text {
            [b'#', ..] => {}
            [b'/', ..] => see(&mut trace, text, frame),
            [b'.', path @ ..] if path.is_empty() || path[0] == b'/' => {
                see_below(&mut trace, path, frame);
            }
            _ => {
                let fault = "neither a path from `/` or `./` nor a comment";
                return Err(Unexplained { line, fault });
            }
        }
    }
    Ok(trace)
}

/// What `find` printed in the image's root.
fn see_below(trace: &mut Trace, path: &[u8], frame: Frame<'_>) {
    let bare = Frame {
        root: None,
        ..frame
    };
    if let Some(path) = place(path, Some(b"")).and_then(|path| in_image(path, bare)) {
        trace.see(path, false);
    }
}

fn see(trace: &mut Trace, path: &[u8], frame: Frame<'_>) {
    if frame.root.is_some() && strip(path, frame).is_none() {
        return;
    }
    if let Some(path) = place(path, None).and_then(|path| in_image(path, frame)) {
        trace.see(path, false);
    }
}

/// Whether a line is `[time] name(pid)[[uid:gid]]: events path`.
pub(super) fn is_fatrace(line: &[u8]) -> bool {
    event(line).is_some()
}

/// fatrace's text, with or without times, users and programs.
pub(super) fn fatrace(bytes: &[u8], frame: Frame<'_>) -> Result<Trace, Unexplained> {
    let mut trace = Trace::default();
    for (line, text) in lines(bytes) {
        let Some(object) = event(text) else {
            let fault = "not as fatrace writes: `name(pid): events path`";
            return Err(Unexplained { line, fault });
        };
        // Otherwise a device and an inode, whose path fatrace could not tell.
        if object.starts_with(b"/") {
            let (path, program) = split_program(object);
            see(&mut trace, path, frame);
            if let Some(program) = program {
                see(&mut trace, program, frame);
            }
        }
    }
    Ok(trace)
}

/// What follows the events of a line.
fn event(line: &[u8]) -> Option<&[u8]> {
    let starts = (0..line.len()).filter(|&at| line[at] == b'(');
    for start in starts {
        let rest = &line[start + 1..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let Some(rest) = rest[digits..].strip_prefix(b")").filter(|_| digits > 0) else {
            continue;
        };
        let rest = match rest.strip_prefix(b"[") {
            Some(user) => &user[user.iter().position(|&byte| byte == b']')? + 1..],
            None => rest,
        };
        let Some(rest) = rest.strip_prefix(b": ") else {
            continue;
        };
        let is_event = |byte: &&u8| byte.is_ascii_uppercase() || matches!(byte, b'+' | b'<' | b'>');
        let events = rest.iter().take_while(is_event).count();
        let object = rest[events..].trim_ascii_start();
        let known = object.starts_with(b"/") || object.starts_with(b"device ");
        if events > 0 && known && object.len() < rest.len() - events {
            return Some(object);
        }
    }
    None
}

/// The program that `--exe` puts behind the path.
fn split_program(object: &[u8]) -> (&[u8], Option<&[u8]>) {
    const MARK: &[u8] = b" exe=";
    let at = object.windows(MARK.len()).rposition(|part| part == MARK);
    let (path, program) = match at {
        Some(at) => (&object[..at], Some(&object[at + MARK.len()..])),
        None => (object, None),
    };
    let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
    (path, program.filter(|program| program.starts_with(b"/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(trace: &Trace) -> Vec<String> {
        let text = |path: &Vec<u8>| String::from_utf8(path.clone()).unwrap();
        trace.paths.iter().map(text).collect()
    }

    #[test]
    fn fatrace_with_all_it_can_print() {
        let text = "cat(12): RCO  /etc/a\n\
            10:11:12.123456 Web Content (x)(7)[0:0]: CW   /var/b (c)\n\
            cron(9): O device 8:2 inode 658203\n\
            sh(3)[1000:100]: O    /etc/gone (deleted)\n\
            sh(3): <>   /etc exe=/usr/bin/dash\n";
        let trace = fatrace(text.as_bytes(), Frame::default()).unwrap();
        assert_eq!(
            seen(&trace),
            ["/etc", "/etc/a", "/etc/gone", "/usr/bin/dash", "/var/b (c)"]
        );
        assert!(trace.executed.is_empty());
    }

    #[test]
    fn lines_of_another_form_are_named() {
        let fault = fatrace(b"cat(12): O /a\nhello\n", Frame::default()).unwrap_err();
        assert_eq!(fault.line, 2);
        let fault = paths(b"/a\nb/c\n", Frame::default()).unwrap_err();
        assert_eq!(fault.line, 2);
        for line in [
            "open(\"/a\", 0) = 3",
            "cat(12):/a",
            "cat(x): O /a",
            "(1): 5 /a",
        ] {
            assert!(!is_fatrace(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn paths_from_a_dot_are_in_the_image_already() {
        let frame = Frame {
            root: Some(b"/r"),
            directory: None,
        };
        let trace = paths(b".\n./etc/a\n/r/b\n/c\n", frame).unwrap();
        assert_eq!(seen(&trace), ["/b", "/etc/a"]);
    }
}
