//! What the text of a script tells without running it: its interpreter, and what it quotes.
//!
//! Pure over bytes; no language's grammar is known here.

/// The bytes of a `#!` line that are read; the kernel reads 256 (execve(2)).
const LINE_MAX: usize = 4096;

/// The words of a `#!` line that may be programs: the interpreter, and what `env` starts. None for other files.
pub fn interpreter(head: &[u8]) -> Vec<String> {
    let Some(line) = head.strip_prefix(b"#!") else {
        return Vec::new();
    };
    let line = line.split(|&b| b == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(&line[..line.len().min(LINE_MAX)]);
    let mut words = line.split_ascii_whitespace();
    let mut found: Vec<String> = words.next().map(str::to_owned).into_iter().collect();
    if found.first().is_some_and(|first| first.ends_with("/env")) {
        let is_program = |word: &&str| !word.starts_with('-') && !word.contains('=');
        found.extend(words.find(is_program).map(str::to_owned));
    }
    found
}

/// The texts between two of the same of `quotes`, line by line.
pub fn quoted<'a>(text: &'a str, quotes: &'a [char]) -> impl Iterator<Item = &'a str> {
    text.lines().flat_map(move |line| {
        let mut rest = line;
        std::iter::from_fn(move || {
            let open = rest.find(quotes)?;
            let quote = rest.as_bytes()[open];
            let after = &rest[open + 1..];
            let close = after.bytes().position(|b| b == quote)?;
            rest = &after[close + 1..];
            Some(&after[..close])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_names_the_interpreter_and_what_env_starts() {
        for (head, words) in [
            ("#!/bin/sh\necho", &["/bin/sh"][..]),
            ("#! /usr/bin/python3 -u\n", &["/usr/bin/python3"]),
            ("#!/usr/bin/env -S A=b node --x", &["/usr/bin/env", "node"]),
            ("#!/usr/bin/env", &["/usr/bin/env"]),
            ("#!\n/bin/sh", &[]),
            (" #!/bin/sh", &[]),
        ] {
            assert_eq!(interpreter(head.as_bytes()), words, "{head}");
        }
        assert_eq!(interpreter(b"#!/bin/\xff\n"), ["/bin/\u{fffd}"]);
    }

    #[test]
    fn quotes_end_with_their_own_kind_and_their_line() {
        let text = "run('a \"b\"', `c`) \"d\ne\" 'f'\n'g' 'h'";
        let all = |quotes: &[char]| quoted(text, quotes).collect::<Vec<_>>().join("|");
        assert_eq!(all(&['\'', '"']), "a \"b\"|g|h");
        assert_eq!(all(&['`']), "c");
    }
}
