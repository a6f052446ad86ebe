//! Damage to the bytes of the file.

use std::path::Path;

use serde_json::Value;

use super::Variant;
use super::bench::{Bench, DamageError, number};

pub const VARIANTS: &[Variant] = &[
    Variant::bad("empty", "nothing was written", |_| true, |b, to| b.write(to, &[])),
    Variant::bad("half", "the file is cut to half", |_| true, half),
    Variant::bad("hole", "zeros in the middle of the pictures", |_| true, hole),
    Variant::bad("small hole", "zeros inside one small packet of the pictures", |_| true, small_hole),
    Variant::bad("attachment byte", "one byte of an attachment is changed", |b| b.count("attachment") > 0, attachment),
];

fn half(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let bytes = bench.read(bench.good())?;
    bench.write(to, &bytes[..bytes.len() / 2])
}

/// Zeros most of the largest video packet of the middle third, but not its header: the container stays whole.
fn hole(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (start, length) = middle_packets(bench)?
        .into_iter()
        .max_by_key(|(_, size)| *size)
        .ok_or_else(|| bench.missing("video packets"))?;
    zero(bench, start + 64, start + length, to)
}

/// Zeros the inside of the smallest packet that has one: decoders make a picture of it and say nothing.
fn small_hole(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (start, length) = middle_packets(bench)?
        .into_iter()
        .filter(|(_, size)| *size > 2 * KEPT + 20)
        .min_by_key(|(_, size)| *size)
        .ok_or_else(|| bench.missing("video packets with an inside"))?;
    zero(bench, start + KEPT, start + length - KEPT, to)
}

/// Bytes at either end of a packet that hold its headers and messages.
const KEPT: usize = 80;

/// Place and size of the video packets of the middle third.
fn middle_packets(bench: &Bench) -> Result<Vec<(usize, usize)>, DamageError> {
    let answer = bench.ask(&["-select_streams", "V:0", "-show_entries", "packet=pos,size"])?;
    let packets: Vec<&Value> = answer["packets"].as_array().into_iter().flatten().collect();
    let middle = &packets[packets.len() / 3..packets.len() * 2 / 3];
    Ok(middle.iter().map(|packet| (number(&packet["pos"]) as usize, number(&packet["size"]) as usize)).collect())
}

fn zero(bench: &Bench, from: usize, until: usize, to: &Path) -> Result<(), DamageError> {
    let mut bytes = bench.read(bench.good())?;
    let until = until.min(bytes.len());
    bytes[from.min(until)..until].fill(0);
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
