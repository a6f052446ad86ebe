//! By what the two sides of a transfer tell that a piece is the same at both.
//!
//! SHA-256 can be made everywhere, and takes a tenth of all the processor's time of a transfer at each end. Where both ends
//! know it, Poly1305 takes its place, at a third to a fifth of that: a piece that is another one has the same fingerprint
//! under one of 2^80 keys (8 for each 16 bytes of it, of 2^106), and the key is drawn anew for every look, by us, and sent
//! through the connection. So it is as good against whoever spoils pieces on purpose, who would have to know it before.

use poly1305::Poly1305;
use poly1305::universal_hash::{KeyInit, UniversalHash};
use sha2::{Digest as _, Sha256};

use super::super::digest::{self, HASH};

/// What a piece comes down to; only ever compared with another of the same [`Hash`].
pub(super) type Fingerprint = Vec<u8>;

/// Bytes of a key, and of a fingerprint under it.
const KEY_BYTES: usize = 32;
const TAG_BYTES: usize = 16;

/// What a script says that may use Poly1305, which `openssl` makes from 3.0 on: with a key whose first half is nothing, any
/// input has its second half for a fingerprint.
pub(super) const OFFER: &str = "s=000102030405060708090A0B0C0D0E0F
said=$(openssl mac -macopt hexkey:00000000000000000000000000000000$s Poly1305 </dev/null 2>/dev/null)
if [ \"$said\" = $s ]; then echo Poly1305; fi
";

/// What an end of a transfer can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Sha256,
    Poly1305,
}

/// One way to make fingerprints.
pub(super) enum Hash {
    Sha256,
    Poly1305([u8; KEY_BYTES]),
}

/// One that is being made.
pub(super) enum Hasher {
    Sha256(Sha256),
    Poly1305 { of_whole_blocks: Box<Poly1305>, last: Vec<u8> },
}

impl Kind {
    /// By what a script said to [`OFFER`].
    pub(super) fn offered(said: Option<&str>) -> Self {
        if said == Some("Poly1305") { Self::Poly1305 } else { Self::Sha256 }
    }

    /// One that was never used before.
    pub(super) fn draw(self) -> Hash {
        let mut key = [0; KEY_BYTES];
        match self {
            Self::Poly1305 if getrandom::fill(&mut key).is_ok() => Hash::Poly1305(key),
            _ => Hash::Sha256,
        }
    }
}

impl Hash {
    /// A function `hash` of a script, which makes it of its standard input.
    pub(super) fn function(&self) -> String {
        match self {
            Self::Sha256 => HASH.to_owned(),
            Self::Poly1305(key) => {
                let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("hash() {{ openssl mac -macopt hexkey:{key} Poly1305 2>/dev/null; }}\n")
            }
        }
    }

    /// One as that function writes it.
    pub(super) fn parse(&self, said: &str) -> Option<Fingerprint> {
        let bytes = match self {
            Self::Sha256 => digest::DIGEST_BYTES,
            Self::Poly1305(_) => TAG_BYTES,
        };
        digest::parse_hex(said, bytes)
    }

    pub(super) fn hasher(&self) -> Hasher {
        match self {
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
            Self::Poly1305(key) => {
                Hasher::Poly1305 { of_whole_blocks: Box::new(Poly1305::new(key.into())), last: Vec::new() }
            }
        }
    }
}

impl Hasher {
    /// Adds what comes next; only the last of a piece may be other than whole blocks of 16 bytes.
    pub(super) fn update(&mut self, chunk: &[u8]) {
        match self {
            Self::Sha256(sha) => sha.update(chunk),
            Self::Poly1305 { of_whole_blocks, last } => {
                let (whole, rest) = chunk.split_at(chunk.len() - chunk.len() % TAG_BYTES);
                of_whole_blocks.update_padded(whole);
                last.extend_from_slice(rest);
            }
        }
    }

    pub(super) fn finish(self) -> Fingerprint {
        match self {
            Self::Sha256(sha) => sha.finalize().to_vec(),
            Self::Poly1305 { of_whole_blocks, last } => of_whole_blocks.compute_unpadded(&last).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn both_ends_make_the_same_of_the_same_and_another_of_another() {
        let offer = Command::new("sh").args(["-c", OFFER]).output().unwrap();
        let offered = Kind::offered(Some(String::from_utf8(offer.stdout).unwrap().trim()));
        for hash in [Kind::Sha256.draw(), offered.draw(), offered.draw()] {
            for length in [0, 1, 16, 65_536, 65_536 + 5] {
                let mut piece: Vec<u8> = (0..=250).cycle().take(length).collect();
                let made = |piece: &[u8]| {
                    let mut hasher = hash.hasher();
                    piece.chunks(4096).for_each(|chunk| hasher.update(chunk));
                    hasher.finish()
                };
                assert_eq!(hash.parse(&there(&hash, &piece)), Some(made(&piece)), "{length} bytes");
                let before = made(&piece);
                piece.push(0);
                assert_ne!(made(&piece), before, "{length} bytes and one more");
            }
        }
    }

    /// As a script of another machine makes it.
    fn there(hash: &Hash, piece: &[u8]) -> String {
        let script = format!("{}hash", hash.function());
        let mut sh = Command::new("sh");
        let mut sh = sh.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        sh.stdin.take().unwrap().write_all(piece).unwrap();
        String::from_utf8(sh.wait_with_output().unwrap().stdout).unwrap()
    }

    #[test]
    fn a_machine_that_offers_nothing_gets_sha_256() {
        for said in [None, Some(""), Some("openssl: not found")] {
            assert!(matches!(Kind::offered(said).draw(), Hash::Sha256));
        }
    }
}
