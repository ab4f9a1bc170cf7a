//! A system call as strace prints it: its name, its arguments and its result.
//!
//! Which arguments are paths is told by a table; what the paths mean is not told here.

/// A call that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<&'a [u8]>,
    /// What follows ` = `.
    pub(super) result: &'a [u8],
}

/// A path among the arguments, and the one that holds the directory it is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PathAt {
    pub(super) directory: Option<usize>,
    pub(super) path: usize,
}

const FIRST: &[PathAt] = &[plain(0)];
const SECOND: &[PathAt] = &[plain(1)];
const BOTH: &[PathAt] = &[plain(0), plain(1)];
const AT: &[PathAt] = &[at(0, 1)];
const AT_BOTH: &[PathAt] = &[at(0, 1), at(2, 3)];
const AT_LAST: &[PathAt] = &[at(1, 2)];

const fn plain(path: usize) -> PathAt {
    PathAt {
        directory: None,
        path,
    }
}

const fn at(directory: usize, path: usize) -> PathAt {
    PathAt {
        directory: Some(directory),
        path,
    }
}

/// The paths among the arguments of the calls that strace's `%file` stands for; none for other calls.
pub(super) fn paths(name: &str) -> &'static [PathAt] {
    match name {
        "open" | "creat" | "stat" | "lstat" | "stat64" | "lstat64" | "access" | "execve"
        | "chdir" | "readlink" | "truncate" | "truncate64" | "statfs" | "statfs64" | "chmod"
        | "chown" | "lchown" | "chown32" | "lchown32" | "utime" | "utimes" | "getxattr"
        | "lgetxattr" | "listxattr" | "llistxattr" | "setxattr" | "lsetxattr" | "mkdir"
        | "rmdir" | "unlink" | "mknod" | "uselib" | "oldstat" | "oldlstat" => FIRST,
        "symlink" | "inotify_add_watch" => SECOND,
        "rename" | "link" => BOTH,
        "openat" | "openat2" | "newfstatat" | "fstatat64" | "statx" | "faccessat"
        | "faccessat2" | "readlinkat" | "execveat" | "fchmodat" | "fchmodat2" | "fchownat"
        | "unlinkat" | "mkdirat" | "mknodat" | "utimensat" | "utimensat_time64" | "futimesat"
        | "name_to_handle_at" => AT,
        "renameat" | "renameat2" | "linkat" => AT_BOTH,
        "symlinkat" => AT_LAST,
        _ => &[],
    }
}

/// Splits `name(arguments) = result`; `None` where the text is not so.
pub(super) fn split(text: &[u8]) -> Option<Call<'_>> {
    let (name, rest) = name(text)?;
    let (arguments, after) = arguments(rest)?;
    let result = after.trim_ascii_start().strip_prefix(b"=")?;
    Some(Call {
        name,
        arguments,
        result: result.trim_ascii(),
    })
}

/// The name before the opening parenthesis, and what follows that.
pub(super) fn name(text: &[u8]) -> Option<(&str, &[u8])> {
    let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let length = text.iter().take_while(is_letter).count();
    let name = str::from_utf8(&text[..length]).ok()?;
    let rest = text[length..].strip_prefix(b"(")?;
    (length > 0 && !name.starts_with(|letter: char| letter.is_ascii_digit()))
        .then_some((name, rest))
}

/// The arguments up to the closing parenthesis, and what follows that.
fn arguments(text: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let (mut arguments, mut start, mut depth, mut at) = (Vec::new(), 0, 0_usize, 0);
    while at < text.len() {
        match text[at] {
            b'"' => at += quoted(&text[at..])?,
            b'<' if at > start && is_described(&text[start..at]) => {
                at += text[at..].iter().position(|&byte| byte == b'>')?;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' if depth == 0 => {
                arguments.push(text[start..at].trim_ascii());
                return Some((arguments, &text[at + 1..]));
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                arguments.push(text[start..at].trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a `<` behind this opens the path of a descriptor, as `-y` writes it.
fn is_described(before: &[u8]) -> bool {
    before.ends_with(b"AT_FDCWD") || before.last().is_some_and(u8::is_ascii_digit)
}

/// The distance from the opening quote to the closing one.
fn quoted(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The bytes of a quoted argument; `None` for another kind, and for one that strace cut short.
pub(super) fn string(argument: &[u8]) -> Option<Vec<u8>> {
    let end = quoted(argument.starts_with(b"\"").then_some(argument)?)?;
    (end + 1 == argument.len()).then(|| unescape(&argument[1..end]))
}

/// The path of a descriptor, as `-y` writes it: `3</etc>`, `AT_FDCWD</app>`.
pub(super) fn described(argument: &[u8]) -> Option<Vec<u8>> {
    let open = argument.iter().position(|&byte| byte == b'<')?;
    let rest = &argument[open + 1..];
    // With `-yy` a device stands in a second pair.
    let end = rest.iter().position(|byte| matches!(byte, b'<' | b'>'))?;
    (is_described(&argument[..open]) && rest.starts_with(b"/")).then(|| unescape(&rest[..end]))
}

/// Takes C's escapes back: octal, hexadecimal and letters.
fn unescape(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text);
    while let [first, after @ ..] = rest {
        rest = after;
        let [escape, after @ ..] = after else {
            bytes.push(*first);
            break;
        };
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (radix, digits) = match escape {
            b'0'..=b'7' => (8, &rest[..octal(rest)]),
            b'x' => (16, &after[..hexadecimal(after)]),
            _ => {
                bytes.push(letter(*escape));
                rest = after;
                continue;
            }
        };
        let digits_text = str::from_utf8(digits).unwrap_or_default();
        bytes.push(u8::from_str_radix(digits_text, radix).unwrap_or(b'?'));
        rest = &rest[digits.len() + usize::from(radix == 16)..];
    }
    bytes
}

fn octal(text: &[u8]) -> usize {
    let digits = text.iter().take(3);
    digits
        .take_while(|byte| matches!(byte, b'0'..=b'7'))
        .count()
}

fn hexadecimal(text: &[u8]) -> usize {
    let digits = text.iter().take(2);
    digits.take_while(|byte| byte.is_ascii_hexdigit()).count()
}

fn letter(escape: u8) -> u8 {
    match escape {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'v' => 0x0b,
        b'f' => 0x0c,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_split() {
        let table: &[(&str, &str, &[&str], &str)] = &[
            (
                "open(\"/a\", O_RDONLY) = 3",
                "open",
                &["\"/a\"", "O_RDONLY"],
                "3",
            ),
            (
                "openat(AT_FDCWD</a,b(c>, \"x\\\"),(\", 0) = 3</a>",
                "openat",
                &["AT_FDCWD</a,b(c>", "\"x\\\"),(\"", "0"],
                "3</a>",
            ),
            (
                "execve(\"/a\", [\"a\", \")\"], 0x7f /* 3 vars */) = 0",
                "execve",
                &["\"/a\"", "[\"a\", \")\"]", "0x7f /* 3 vars */"],
                "0",
            ),
            (
                "statx(3</x>, \"\", 0, STATX_ALL, {stx_mode=S_IFREG|0644, n=1, ...})   = 0",
                "statx",
                &[
                    "3</x>",
                    "\"\"",
                    "0",
                    "STATX_ALL",
                    "{stx_mode=S_IFREG|0644, n=1, ...}",
                ],
                "0",
            ),
            ("getpid() = 7", "getpid", &[""], "7"),
        ];
        for &(text, name, arguments, result) in table {
            let call = split(text.as_bytes()).unwrap();
            let wanted: Vec<&[u8]> = arguments.iter().map(|word| word.as_bytes()).collect();
            assert_eq!(
                (call.name, call.result),
                (name, result.as_bytes()),
                "{text}"
            );
            assert_eq!(call.arguments, wanted, "{text}");
        }
        for text in [
            "hello",
            "open(\"/a\"",
            "open(\"/a\")",
            "(1) = 2",
            "7up() = 0",
            "a(\"\\",
        ] {
            assert_eq!(split(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn strings_and_descriptors() {
        let string = |text: &str| string(text.as_bytes());
        assert_eq!(
            string(r#""a\303\244\n\0\1129\x2f\q""#).unwrap(),
            b"a\xc3\xa4\n\0J9/q"
        );
        assert_eq!(string(r#""\777""#).unwrap(), b"?");
        assert_eq!(string("\"cut\"..."), None);
        assert_eq!(string("NULL"), None);
        assert_eq!(string("0x7ffd"), None);
        assert_eq!(string("\"\\"), None);
        let described = |text: &str| described(text.as_bytes());
        assert_eq!(described("AT_FDCWD</app>").unwrap(), b"/app");
        assert_eq!(described(r"3</a\76b>").unwrap(), b"/a>b");
        assert_eq!(described("3</dev/null<char 1:3>>").unwrap(), b"/dev/null");
        for text in ["3", "AT_FDCWD", "4<socket:[7]>", "a</x>", "3</x"] {
            assert_eq!(described(text), None, "{text}");
        }
    }
}
