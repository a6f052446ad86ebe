//! What the catalog in memory gains over SQL.
//!
//! Fills a database with a generated library, loads it into the catalog, and copies the same rows into one flat table of
//! SQLite with the contract's indexes: SQL at its best, without a join. Then both answer the questions of the library
//! page, in turn within each round. Afterwards films are changed in the store, and it is measured how long after the
//! commit the catalog has them.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use mediaflow_benches::{median, timed};
use mediaflow_core::catalog::{Catalog, Filter, SortKey, SortOrder};
use mediaflow_engine::catalog::LiveCatalog;
use mediaflow_store::{Store, Tx};
use mediaflow_testkit::catalog::{Calendar, generate};
use rusqlite::Connection;

mod flat;
mod questions;

use flat::{copy, rows_of};
use questions::{Question, questions};

#[derive(Parser)]
struct Options {
    /// Items in the library.
    #[arg(long, default_value_t = 100_000)]
    items: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// A database that was filled before, to save filling one; it is changed.
    #[arg(long)]
    database: Option<PathBuf>,
}

fn main() {
    let Options { items, rounds, database } = Options::parse();
    let dir = tempfile::tempdir().unwrap();
    let calendar = Arc::new(Calendar::default());
    let path = database.clone().unwrap_or_else(|| dir.path().join("library.db"));
    let store = Store::open(&path, calendar.clone()).unwrap();
    if database.is_none() {
        let (seconds, made) = timed(|| generate(&store, &calendar, items, 1, |_| {}).unwrap());
        println!("filled with {} items in {seconds:.1} s", made.items);
    }
    let before = resident_bytes();
    let (seconds, live) = timed(|| {
        let live = LiveCatalog::start(store.clone()).unwrap();
        live.read(|_| ()).unwrap();
        live
    });
    let items = live.read(Catalog::len).unwrap();
    println!("loaded {items} items in {seconds:.2} s, {:.0} bytes each\n", (resident_bytes() - before) / items as f64);

    let flat = Connection::open(dir.path().join("flat.db")).unwrap();
    copy(&store, &flat);
    compare(&live, &flat, rounds);

    let ms = |what: &dyn Fn(u32) -> f64| 1000.0 * median(&(0..rounds).map(what).collect::<Vec<_>>());
    println!("\n| beside it | median ms |");
    println!("| --- | ---: |");
    println!("| the fifty rows of a page from the database | {:.1} |", ms(&|round| rows(&store, &live, round)));
    for count in [1, 500] {
        let lag = ms(&|round| lag(&store, &live, count, round));
        println!("| from the commit of {count} new probes to the catalog | {lag:.1} |");
    }
    live.stop();
}

/// Asks both sides everything and prints the table.
fn compare(live: &LiveCatalog, flat: &Connection, rounds: u32) {
    let mut questions = questions();
    for _ in 0..rounds {
        for question in &mut questions {
            let (sql, found) = timed(|| rows_of(flat, &question.sql));
            let (ours, same) = timed(|| live.read(|catalog| (question.catalog)(catalog)).unwrap());
            assert_eq!(found, same, "{} has two answers", question.what);
            question.seconds.push((sql, ours));
        }
    }
    println!("| question | SQL ms | catalog ms | of SQL |");
    println!("| --- | ---: | ---: | ---: |");
    for Question { what, seconds, .. } in &questions {
        let ms = |side: fn(&(f64, f64)) -> f64| 1000.0 * median(&seconds.iter().map(side).collect::<Vec<_>>());
        let share = median(&seconds.iter().map(|(sql, ours)| ours / sql).collect::<Vec<_>>());
        println!("| {what} | {:.2} | {:.2} | {share:.4} |", ms(|s| s.0), ms(|s| s.1));
    }
}

/// How long the rows of a page take, in seconds.
fn rows(store: &Store, live: &LiveCatalog, round: u32) -> f64 {
    let ids = page_of(live, 50, round);
    let (seconds, parts) = timed(|| store.read(|reader| reader.media_parts(&ids)).unwrap());
    assert_eq!(parts.len(), 50);
    seconds
}

/// Some items, others in each round.
fn page_of(live: &LiveCatalog, count: usize, round: u32) -> Vec<i64> {
    let first = 1000 * round as usize;
    live.read(|catalog| catalog.page(&Filter::default(), SortKey::Size, SortOrder::Ascending, first, count))
        .unwrap()
        .ids
}

/// How long after the commit of `count` new probes the catalog has them, in seconds.
fn lag(store: &Store, live: &LiveCatalog, count: usize, round: u32) -> f64 {
    let parts = store.read(|reader| reader.media_parts(&page_of(live, count, round))).unwrap();
    let probe_anew = |tx: &Tx<'_>| {
        parts.iter().try_for_each(|part| tx.probe_put(part.file.id, part.file.generation, &part.info, b"{}", "bench"))
    };
    store.write(probe_anew).unwrap();
    let committed = Instant::now();
    live.catch_up().unwrap();
    committed.elapsed().as_secs_f64()
}

/// What this process has in memory.
fn resident_bytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
}
