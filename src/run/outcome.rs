//! What a command came to, and how two such differ.

use crate::digest::Digest;

use super::Compared;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this exit code; 128 and more for signals.
    Exit(i32),
    /// It did not end in time.
    TimedOut,
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What it wrote to standard output.
    pub output: Said,
    /// What it wrote to standard error.
    pub errors: Said,
}

/// What a command wrote to one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The first of it.
    pub start: Vec<u8>,
    /// All of it, in bytes.
    pub len: u64,
    /// The digest of all of it.
    pub digest: Digest,
}

impl Outcome {
    /// How it ended, in words.
    pub fn ended(&self) -> String {
        match self.ending {
            Ending::Exit(code) => format!("exit code {code}"),
            Ending::TimedOut => "still running".to_owned(),
        }
    }
}

impl Compared {
    /// The line as a user knows it: an empty one stands for what the image itself starts.
    pub fn command(&self) -> &str {
        match &self.line[..] {
            "" => "Entrypoint and Cmd",
            line => line,
        }
    }

    /// Whether the result does what the source does: ends the same way, having written the same. Of what was still
    /// running in both, such as a server, only that counts.
    pub fn is_same(&self) -> bool {
        let (before, after) = (&self.before, &self.after);
        before.ending == after.ending
            && (before.ending == Ending::TimedOut || before.output == after.output)
    }

    /// Whether only standard error differs, where times and process numbers often stand.
    pub fn differs_in_errors(&self) -> bool {
        self.is_same() && self.before.errors != self.after.errors
    }

    /// The first line of each stream that differs and how the ends differ, a sentence each.
    pub fn differences(&self) -> Vec<String> {
        let (before, after) = (&self.before, &self.after);
        let mut found = Vec::new();
        if before.ending != after.ending {
            found.push(format!("{} became {}", before.ended(), after.ended()));
        }
        let streams = [
            ("standard output", &before.output, &after.output),
            ("standard error", &before.errors, &after.errors),
        ];
        for (name, before, after) in streams {
            if before != after {
                found.push(first_difference(name, before, after));
            }
        }
        found
    }
}

fn first_difference(name: &str, before: &Said, after: &Said) -> String {
    let lines = |said: &Said| -> Vec<String> {
        let text = String::from_utf8_lossy(&said.start);
        text.lines().map(shown).collect()
    };
    let (before, after) = (lines(before), lines(after));
    let place = (0..before.len().max(after.len())).find(|&at| before.get(at) != after.get(at));
    let Some(place) = place else {
        return format!("{name} differs beyond what is kept of it");
    };
    let line = |lines: &[String]| match lines.get(place) {
        Some(line) => format!("`{line}`"),
        None => "nothing".to_owned(),
    };
    let number = place + 1;
    format!(
        "{name}, line {number}: {} became {}",
        line(&before),
        line(&after)
    )
}

fn shown(line: &str) -> String {
    const MAX: usize = 120;
    let mut text: String = line.chars().take(MAX).collect();
    if text.len() < line.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        Said {
            start: text.as_bytes().to_vec(),
            len: text.len() as u64,
            digest: Digest::of(text.as_bytes()),
        }
    }

    fn compared(before: (Ending, &str, &str), after: (Ending, &str, &str)) -> Compared {
        let outcome = |(ending, output, errors)| Outcome {
            ending,
            output: said(output),
            errors: said(errors),
        };
        Compared {
            platform: "linux/amd64".into(),
            line: "true".into(),
            engine: "chroot",
            before: outcome(before),
            after: outcome(after),
        }
    }

    #[test]
    fn ends_and_output_count_and_errors_are_told() {
        use Ending::{Exit, TimedOut};
        let same = compared((Exit(0), "a\n", "1"), (Exit(0), "a\n", "2"));
        assert!(same.is_same() && same.differs_in_errors());
        assert_eq!(
            same.differences(),
            ["standard error, line 1: `1` became `2`"]
        );
        let other = compared((Exit(0), "a\nb\n", ""), (Exit(127), "a\n", ""));
        assert!(!other.is_same() && !other.differs_in_errors());
        assert_eq!(
            other.differences(),
            [
                "exit code 0 became exit code 127",
                "standard output, line 2: `b` became nothing"
            ]
        );
        let server = compared((TimedOut, "at 1", ""), (TimedOut, "at 2", ""));
        assert!(server.is_same());
        assert!(!compared((TimedOut, "", ""), (Exit(0), "", "")).is_same());
    }
}
