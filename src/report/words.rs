//! Numbers and instructions as people read them.

use crate::path;

/// Bytes in decimal units with three digits, as docker and skopeo show them: 1 MB is 1,000,000 bytes.
pub(crate) fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let exact = u128::from(bytes);
    let mut scale: u128 = 1000;
    for unit in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        // Hundredths, tenths or ones: the first that leaves three digits.
        for (parts, digits) in [(100, 2), (10, 1), (1, 0)] {
            let shown = (exact * parts + scale / 2) / scale;
            let (whole, rest) = (shown / parts, shown % parts);
            match digits {
                _ if shown >= 1000 => {}
                0 => return format!("{whole} {unit}"),
                _ => return format!("{whole}.{rest:0digits$} {unit}"),
            }
        }
        scale *= 1000;
    }
    format!("{bytes} B")
}

/// A number with a comma between thousands.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `one` or `many` of them, with the number before.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// How `after` differs from `before`: `-77 %`, `+3 %`, `=`.
pub(super) fn change(before: u64, after: u64) -> String {
    if before == after {
        return "=".into();
    }
    if before == 0 {
        return "new".into();
    }
    let sign = if after < before { '-' } else { '+' };
    let share = u128::from(before.abs_diff(after)) * 1000 / u128::from(before);
    match share {
        // A share that rounds to nothing, or to all, is not nothing and not all.
        0 => format!("{sign}<0.1 %"),
        1..100 => format!("{sign}{}.{} %", share / 10, share % 10),
        _ => format!("{sign}{} %", share / 10),
    }
}

/// A share between 0 and 1, in percent.
pub(crate) fn percent(share: f64) -> String {
    if share >= 1.0 {
        "100 %".into()
    } else {
        format!("{:.2} %", share * 100.0)
    }
}

/// An instruction without what every instruction has, on one line.
pub(crate) fn instruction(created_by: &str) -> String {
    let text = created_by
        .strip_suffix("# buildkit")
        .unwrap_or(created_by)
        .trim();
    let text = match text.strip_prefix("/bin/sh -c ") {
        None => text.to_owned(),
        Some(rest) => match rest.strip_prefix("#(nop)") {
            Some(nop) => nop.to_owned(),
            None => format!("RUN {rest}"),
        },
    };
    let text = text.replacen("RUN /bin/sh -c ", "RUN ", 1);
    let one_line: Vec<&str> = text.split_whitespace().collect();
    path::display(one_line.join(" ").as_bytes())
}

/// `text` cut to `width` characters, with a mark where it was cut.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A path cut in the middle, so that its beginning and its name stay.
pub(super) fn cut_path(path: &str, width: usize) -> String {
    let length = path.chars().count();
    if length <= width {
        return path.to_owned();
    }
    let kept = width.saturating_sub(1);
    let head: String = path.chars().take(kept / 3).collect();
    let tail: String = path.chars().skip(length - (kept - kept / 3)).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits_and_decimal_units() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 kB"),
            (1005, "1.01 kB"),
            (9_994, "9.99 kB"),
            (9_995, "10.0 kB"),
            (99_949, "99.9 kB"),
            (99_950, "100 kB"),
            (123_456, "123 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (1_834_567_890, "1.83 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(size(bytes), text, "{bytes}");
        }
    }

    #[test]
    fn counts() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "file", "files"), "1 file");
    }

    #[test]
    fn changes() {
        for (before, after, text) in [
            (100, 23, "-77 %"),
            (100, 100, "="),
            (1000, 999, "-0.1 %"),
            (100_000, 99_999, "-<0.1 %"),
            (100, 103, "+3.0 %"),
            (0, 5, "new"),
            (5, 0, "-100 %"),
            (1000, 1, "-99 %"),
        ] {
            assert_eq!(change(before, after), text, "{before} {after}");
        }
    }

    #[test]
    fn instructions_lose_their_frame() {
        for (created_by, text) in [
            ("/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD [\"bash\"]"),
            ("/bin/sh -c apt-get   update", "RUN apt-get update"),
            ("RUN /bin/sh -c a &&\n\tb # buildkit", "RUN a && b"),
            ("COPY /x /y # buildkit", "COPY /x /y"),
            ("a\x1b[31m", r"a\x1b[31m"),
        ] {
            assert_eq!(instruction(created_by), text);
        }
    }

    #[test]
    fn cuts() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        let path = "usr/lib/x86_64-linux-gnu/libc.so.6";
        assert_eq!(cut_path(path, 20), "usr/li…gnu/libc.so.6");
        assert_eq!(cut_path("etc/passwd", 20), "etc/passwd");
    }
}
