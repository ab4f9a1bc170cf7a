//! Words of a line, quoted as in a shell. Nothing is expanded.

/// Splits a line into words: white space parts them, quotes and backslashes keep it.
///
/// # Errors
/// When a quote is never closed, or a backslash ends the line.
pub fn split(line: &str) -> Result<Vec<String>, &'static str> {
    const OPEN: &str = "a quote that is never closed";
    const END: &str = "a backslash at the end";
    let (mut words, mut word, mut letters) = (Vec::new(), None::<String>, line.chars());
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next().ok_or(OPEN)? {
                        '\'' => break,
                        letter => word.push(letter),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next().ok_or(OPEN)? {
                        '"' => break,
                        '\\' => match letters.next().ok_or(OPEN)? {
                            letter @ ('"' | '\\' | '$' | '`') => word.push(letter),
                            letter => word.extend(['\\', letter]),
                        },
                        letter => word.push(letter),
                    }
                }
            }
            '\\' => word
                .get_or_insert_default()
                .push(letters.next().ok_or(END)?),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_a_shell_splits_them() {
        let table: [(&str, &[&str]); 8] = [
            ("", &[]),
            ("  \t\n", &[]),
            ("a  b", &["a", "b"]),
            ("sh -c 'echo \"a b\" $x'", &["sh", "-c", "echo \"a b\" $x"]),
            ("\"a\\\"b\\n\"", &["a\"b\\n"]),
            ("a\\ b", &["a b"]),
            ("'' \"\"", &["", ""]),
            ("x'y'\"z\"", &["xyz"]),
        ];
        for (line, words) in table {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        for line in ["'a", "\"a", "\"a\\", "a\\"] {
            assert!(split(line).is_err(), "{line}");
        }
    }
}
