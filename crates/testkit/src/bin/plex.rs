//! Runs the stand-in for Plex by hand: an account and a server with a library, until it is ended.
//! `cargo run --release -p mediaflow-testkit --features plex --bin plex -- --items 100000`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for the terminal")]

use std::process::ExitCode;
use std::{io, thread};

use clap::Parser;
use mediaflow_testkit::plex::{Library, PinState, Plex, Server};

/// A stand-in for Plex on this machine. Any PIN is authorised at once.
#[derive(Parser)]
struct Options {
    /// Films and episodes of the library; without it, a few samples with one of everything.
    #[arg(long)]
    items: Option<u64>,
    /// Another number gives another library, the same one the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's port, 0 for a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The account's port, 0 for a free one.
    #[arg(long, default_value_t = 0)]
    account_port: u16,
    /// PINs stay pending.
    #[arg(long)]
    pending: bool,
}

fn run(options: &Options) -> io::Result<()> {
    let library = match options.items {
        Some(items) => Library::generated(items, options.seed),
        None => Library::samples(),
    };
    let server = Server::start_at(options.port, "Home", library)?;
    let plex = Plex::start_at(options.account_port)?;
    plex.own(&server);
    plex.with(|account| {
        account.new_pins = if options.pending { PinState::Pending } else { PinState::Authorised };
        println!("account {} with token {}", plex.url(), account.token);
    });
    println!("server {} with token {}", server.url(), server.token());
    loop {
        thread::park();
    }
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
