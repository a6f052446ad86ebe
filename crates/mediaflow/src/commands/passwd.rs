//! `mediaflow passwd`

use std::io::{self, IsTerminal, Read};
use std::process::ExitCode;

use console::Term;
use mediaflow_api::door::{Actor, Password, remove_password, set_password};
use mediaflow_core::text;
use serde::Serialize;

use crate::app::App;
use crate::cli::PasswdArgs;
use crate::config::Config;
use crate::show::{self, Error};

/// More than any password of a length that is taken.
const MOST_INPUT_BYTES: u64 = 64 * 1024;

#[derive(Serialize)]
struct Changed {
    password_set: bool,
    sessions_ended: Option<usize>,
}

pub fn run(config: &Config, args: &PasswdArgs) -> Result<ExitCode, Error> {
    let changed = if args.remove { remove(config)? } else { set(config)? };
    if config.json {
        show::json(&changed);
    }
    if config.server.password.is_some() {
        show::note("MEDIAFLOW_PASSWORD is set here: a server started with it takes that one instead.");
    }
    Ok(ExitCode::SUCCESS)
}

fn set(config: &Config) -> Result<Changed, Error> {
    // Before anything listens for Ctrl-C: leaving the question leaves the program.
    let password = ask()?;
    let app = App::open(config)?;
    let ended = set_password(&app.store, &password, &Actor::command_line())?;
    if !config.json {
        let sessions = match ended {
            0 => String::new(),
            ended => format!(" {} ended.", text::count(ended, "session")),
        };
        show::line(&format!("The password is set.{sessions}"));
    }
    Ok(Changed { password_set: true, sessions_ended: Some(ended) })
}

fn remove(config: &Config) -> Result<Changed, Error> {
    let app = App::open(config)?;
    let removed = remove_password(&app.store, &Actor::command_line())?;
    if !config.json {
        show::line(if removed {
            "The password is removed: on 127.0.0.1 no login is needed, and from other machines there is none."
        } else {
            "No password was set."
        });
    }
    Ok(Changed { password_set: false, sessions_ended: None })
}

fn ask() -> Result<Password, Error> {
    if !io::stdin().is_terminal() {
        return Ok(Password::new(&piped()?)?);
    }
    let term = Term::stderr();
    let read = |prompt: &str| -> Result<String, Error> {
        let typed = term.write_str(prompt).and_then(|()| term.read_secure_line());
        typed.map_err(|error| Error::Other(format!("asking for the password: {error}")))
    };
    let password = Password::new(&read("New password: ")?)?;
    // Compared as passwords: composed letters are the same however they were typed.
    match Password::new(&read("Again: ")?) {
        Ok(again) if again == password => Ok(password),
        _ => Err(Error::Usage("the two are not the same; nothing was changed".to_owned())),
    }
}

/// The one line of a pipe or a file.
fn piped() -> Result<String, Error> {
    let mut text = String::new();
    let read = io::stdin().lock().take(MOST_INPUT_BYTES).read_to_string(&mut text);
    read.map_err(|error| Error::Other(format!("reading the password from standard input: {error}")))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains('\n') {
        return Err(Error::Usage("standard input has several lines, and a password is one".to_owned()));
    }
    Ok(line.to_owned())
}
