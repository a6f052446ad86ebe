//! SHA-256 as every machine can make it.

/// Bytes of a SHA-256.
pub(super) const DIGEST_BYTES: usize = 32;

/// A SHA-256.
pub(super) type Digest = [u8; DIGEST_BYTES];

/// A function of a script that hashes its standard input, by whatever of these three is there. OpenSSL knows the
/// processor's own instructions for it and takes a quarter of the time that most builds of `sha256sum` take; what it says
/// of its configuration is not wanted.
pub(super) const HASH: &str = "hash() { if command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r 2>/dev/null; \
                               elif command -v sha256sum >/dev/null 2>&1; then sha256sum; \
                               else shasum -a 256; fi; }\n";

/// A digest as these programs write it.
pub(super) fn parse(text: &str) -> Option<Digest> {
    parse_hex(text, DIGEST_BYTES)?.try_into().ok()
}

/// So many bytes in hexadecimal digits, with whatever stands behind them.
pub(super) fn parse_hex(text: &str, bytes: usize) -> Option<Vec<u8>> {
    let word = text.split_whitespace().next()?;
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if word.len() == 2 * bytes { word.as_bytes().chunks(2).map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_as_programs_write_them() {
        let text = format!("{}0f  -\n", "ab".repeat(31));
        assert_eq!(parse(&text).map(|digest| (digest[0], digest[31])), Some((0xab, 0x0f)));
        assert_eq!(parse("d41d8cd98f00b204e9800998ecf8427e  -"), None);
    }
}
