//! Damage to the bytes of the file.

use std::path::Path;

use serde_json::Value;

use super::Variant;
use super::bench::{Bench, DamageError, number};

pub const VARIANTS: &[Variant] = &[
    Variant::bad("half", "the file is cut to half", |_| true, half),
    Variant::bad("hole", "zeros in the middle of the pictures", |_| true, hole),
    Variant::bad("attachment byte", "one byte of an attachment is changed", |b| b.count("attachment") > 0, attachment),
];

fn half(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let bytes = bench.read(bench.good())?;
    bench.write(to, &bytes[..bytes.len() / 2])
}

/// Zeros most of the largest video packet of the middle third, but not its header: the container stays whole.
fn hole(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let packets = bench.ask(&["-select_streams", "V:0", "-show_entries", "packet=pos,size"])?;
    let packets: Vec<&Value> = packets["packets"].as_array().into_iter().flatten().collect();
    let middle = &packets[packets.len() / 3..packets.len() * 2 / 3];
    let size = |packet: &&&Value| number(&packet["size"]) as usize;
    let packet = middle.iter().max_by_key(size).ok_or_else(|| bench.missing("video packets"))?;
    let (start, length) = (number(&packet["pos"]) as usize, size(&packet));
    let mut bytes = bench.read(bench.good())?;
    let end = bytes.len().min(start + length);
    bytes[(start + 64).min(end)..end].fill(0);
    bench.write(to, &bytes)
}

fn attachment(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let content = bench.dir().join("attachment.bin");
    // Dumping is an option of the input, and there is nothing else to be written.
    bench.dump_attachment(&content)?;
    let content = bench.read(&content)?;
    let mut bytes = bench.read(bench.good())?;
    let place = bytes.windows(content.len().max(1)).position(|window| window == content);
    let place = place.ok_or_else(|| bench.missing("attachment that can be found in it"))?;
    bytes[place + content.len() / 2] ^= 1;
    bench.write(to, &bytes)
}
