//! The fields of one 512-byte tar header, read as Go's `archive/tar` reads them: that is what runtimes unpack with.
//!
//! The `tar` crate knows where the fields lie; numbers are parsed here, because it refuses fields of NULs and
//! loses negative times (measured against Go).

use tar::Header;

use super::sparse::{self, Fragment};

/// The size of a header, and the unit in which entries are padded.
pub const BLOCK: usize = 512;

/// What a header says before PAX records and GNU long names have their say.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) typeflag: u8,
    pub(crate) name: Vec<u8>,
    pub(crate) link: Vec<u8>,
    pub(crate) mode: i64,
    pub(crate) uid: i64,
    pub(crate) gid: i64,
    pub(crate) size: i64,
    pub(crate) mtime: i64,
    pub(crate) device: (i64, i64),
    pub(crate) is_gnu: bool,
    pub(crate) gnu_real_size: i64,
    pub(crate) gnu_is_extended: bool,
    /// Of an old GNU sparse file; those in further blocks are added as they come.
    pub(crate) gnu_fragments: Vec<Fragment>,
}

/// Reads a header.
///
/// # Errors
/// A wrong checksum, or a number that is none; the text says which.
pub(crate) fn parse(block: &[u8; BLOCK]) -> Result<Fields, &'static str> {
    if !checksum_holds(block) {
        return Err("the header's checksum is wrong");
    }
    let header = Header::from_byte_slice(block);
    let old = header.as_old();
    let mut fields = Fields {
        typeflag: old.linkflag[0],
        name: text(&old.name).to_vec(),
        link: text(&old.linkname).to_vec(),
        mode: number(&old.mode)?,
        uid: number(&old.uid)?,
        gid: number(&old.gid)?,
        size: number(&old.size)?,
        mtime: number(&old.mtime)?,
        device: (0, 0),
        is_gnu: false,
        gnu_real_size: 0,
        gnu_is_extended: false,
        gnu_fragments: Vec::new(),
    };
    if let Some(gnu) = header.as_gnu() {
        fields.is_gnu = true;
        fields.device = device(fields.typeflag, &gnu.dev_major, &gnu.dev_minor)?;
        if fields.typeflag == b'S' {
            fields.gnu_real_size = number(&gnu.realsize)?;
            fields.gnu_is_extended = gnu.isextended[0] != 0;
            sparse::read_gnu(&block[386..482], &mut fields.gnu_fragments)?;
        }
    } else if let Some(ustar) = header.as_ustar() {
        fields.device = device(fields.typeflag, &ustar.dev_major, &ustar.dev_minor)?;
        let prefix = text(&ustar.prefix);
        if !prefix.is_empty() {
            fields.name = [prefix, b"/", &fields.name].concat();
        }
    }
    Ok(fields)
}

/// Device numbers of what is no device are left alone: some writers fill them with anything.
fn device(typeflag: u8, major: &[u8], minor: &[u8]) -> Result<(i64, i64), &'static str> {
    if matches!(typeflag, b'3' | b'4') {
        Ok((number(major)?, number(minor)?))
    } else {
        Ok((0, 0))
    }
}

/// A field up to its first NUL.
fn text(field: &[u8]) -> &[u8] {
    memchr::memchr(0, field).map_or(field, |end| &field[..end])
}

/// An octal or base-256 number; a field of spaces and NULs is 0.
pub(crate) fn number(field: &[u8]) -> Result<i64, &'static str> {
    if field[0] & 0x80 != 0 {
        return base256(field);
    }
    let trimmed = text(field.trim_ascii_start()).trim_ascii();
    // A field may also lead with NULs, which Go trims at both ends.
    let trimmed = if trimmed.is_empty() {
        let rest = &field[field
            .iter()
            .position(|&b| b != 0 && b != b' ')
            .unwrap_or(field.len())..];
        text(rest).trim_ascii()
    } else {
        trimmed
    };
    trimmed.iter().try_fold(0_i64, |value, &digit| match digit {
        b'0'..=b'7' => value
            .checked_mul(8)
            .and_then(|value| value.checked_add(i64::from(digit - b'0')))
            .ok_or("a number in the header is too large"),
        _ => Err("a number in the header is not octal"),
    })
}

/// A big-endian two's complement number whose top bit marks it as such (GNU).
fn base256(field: &[u8]) -> Result<i64, &'static str> {
    let negative = field[0] & 0x40 != 0;
    let mut value: i128 = if negative { -1 } else { 0 };
    for (i, &byte) in field.iter().enumerate() {
        let byte = match (i, negative) {
            (0, true) => byte | 0x80,
            (0, false) => byte & 0x7f,
            _ => byte,
        };
        value = (value << 8) | i128::from(byte);
    }
    i64::try_from(value).map_err(|_| "a number in the header is too large")
}

/// Whether the unsigned or the signed sum of the bytes is the one recorded (some old writers summed signed bytes).
fn checksum_holds(block: &[u8; BLOCK]) -> bool {
    let field = &block[148..156];
    let Ok(recorded) = number(field) else {
        return false;
    };
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    let high = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte >> 7)).sum::<u32>();
    // The field itself counts as spaces.
    let unsigned = sum(block) + sum(&[b' '; 8]) - sum(field);
    let signed = || i64::from(unsigned) - 256 * i64::from(high(block) - high(field));
    recorded == i64::from(unsigned) || recorded == signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sums_of_the_bytes_are_known() {
        let mut block = [0; BLOCK];
        for (place, byte) in block.iter_mut().zip((0..=255).cycle()) {
            *place = byte;
        }
        block[148..156].fill(b' ');
        let unsigned: i64 = block.iter().map(|&byte| i64::from(byte)).sum();
        let signed: i64 = block.iter().map(|byte| i64::from(byte.cast_signed())).sum();
        for (sum, holds) in [
            (unsigned, true),
            (signed, true),
            (unsigned + 1, false),
            (signed - 256, false),
        ] {
            // Base 256, as the sum of signed bytes may be negative.
            block[148..156].copy_from_slice(&sum.to_be_bytes());
            block[148] |= 0x80;
            assert_eq!(checksum_holds(&block), holds, "{sum}");
        }
    }

    #[test]
    fn numbers_as_go_reads_them() {
        for (field, value) in [
            (&b"0000644\0"[..], 0o644),
            (b"   644 \0", 0o644),
            (b"\0\0\0\0\0\0\0\0", 0),
            (b"\x00\x00644\x00\x00\x00", 0o644),
            (b"        ", 0),
            (b"\x80\0\0\0\0\0\x01\0", 256),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfe", -2),
        ] {
            assert_eq!(number(field), Ok(value), "{field:?}");
        }
        assert!(number(b"12x4\0\0\0\0").is_err());
        assert!(number(b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").is_err());
    }
}
