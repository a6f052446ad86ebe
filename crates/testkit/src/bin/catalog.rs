//! Fills a database with a library of any size:
//! `cargo run --release -p mediaflow-testkit --bin catalog -- --items 100000 --database-url sqlite:///library.db`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for the terminal")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use mediaflow_core::text;
use mediaflow_store::Store;
use mediaflow_testkit::catalog::{Calendar, generate};

/// Fills a database with a library that looks like a real one. Its files do not exist.
#[derive(Parser)]
struct Options {
    /// Media items in it.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    items: u64,
    /// The database, made if it is not there: sqlite:///relative.db or sqlite:////absolute.db.
    #[arg(long, value_parser = sqlite_path)]
    database_url: PathBuf,
    /// Another number gives another library, the same one the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The file that a URL names, with the prefixes that the server takes.
fn sqlite_path(url: &str) -> Result<PathBuf, String> {
    let path = ["sqlite:///", "sqlite+aiosqlite:///", "sqlite+pysqlite:///"].iter().find_map(|p| url.strip_prefix(p));
    match path.filter(|path| !path.is_empty() && *path != ":memory:") {
        Some(path) => Ok(path.into()),
        None => Err("it is like sqlite:///relative.db or sqlite:////absolute.db".to_owned()),
    }
}

fn main() -> ExitCode {
    let Options { items, database_url, seed } = Options::parse();
    let (calendar, start) = (Arc::new(Calendar::default()), Instant::now());
    let progress = |written| eprint!("\r{written} items");
    let made = Store::open(&database_url, calendar.clone())
        .and_then(|store| generate(&store, &calendar, items, seed, progress));
    eprintln!();
    match made {
        Ok(made) => {
            println!(
                "{} items in {} files of {}, and {} that are missing, in {:.1} s",
                made.items,
                made.files,
                text::bytes(made.size_bytes),
                made.missing,
                start.elapsed().as_secs_f64()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
