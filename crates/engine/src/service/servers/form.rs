//! What the user says of a worker, and what of it can be meant.

use std::path::{Component, Path};

use mediaflow_core::worker::PathMapping;
use mediaflow_store::{ENCODING_ROLE, STORAGE_ROLE, Worker, WorkerForm, WorkerLogin, WorkerSecret};
use mediaflow_transport::ssh::Named;

use crate::fleet::Login;
use crate::service::CommandError;
use crate::settings::MOST_SLOTS;

/// What the user says of a worker. What is not named stays as it is, or is as usual; an empty text takes it away.
#[derive(Clone, Default)]
pub struct ServerWish {
    /// Its name.
    pub name: Option<String>,
    /// Name or address, or a name of the SSH configuration.
    pub address: Option<String>,
    /// TCP port; 22 is what the SSH configuration says, else 22.
    pub port: Option<u16>,
    /// The account.
    pub username: Option<String>,
    /// A file with a private key on this machine.
    pub key_path: Option<String>,
    /// Whether the keys of the SSH agent are tried.
    pub uses_agent: Option<bool>,
    /// The machine to go through, as `user@host:port`.
    pub via: Option<String>,
    /// A password.
    pub password: Option<String>,
    /// A private key as text.
    pub private_key: Option<String>,
    /// What the private key is encrypted with.
    pub passphrase: Option<String>,
    /// What it is for.
    pub role: Option<String>,
    /// Jobs at a time.
    pub slots: Option<u32>,
    /// Where it works.
    pub work_dir: Option<String>,
    /// Under which paths it sees what lies here.
    pub path_mappings: Option<Vec<PathMapping>>,
    /// What an hour of it costs, in USD.
    pub hourly_cost: Option<f64>,
    /// Whether it may have jobs.
    pub is_enabled: Option<bool>,
}

/// `facts` §8.
const USUAL_WORK_DIR: &str = "/tmp/mediaflow";
/// Clients send it where nobody said a port: then the SSH configuration may say another one.
const USUAL_PORT: u16 = 22;

const LONGEST_NAME: usize = 100;

pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> CommandError {
    CommandError::Invalid { field, message: message.into() }
}

/// A text as it was given: `None` to leave what was, else what is now, an empty one being none.
fn given(wish: Option<String>, before: Option<String>) -> Option<String> {
    wish.map_or(before, |text| Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

impl ServerWish {
    /// What was, with what is wished laid over it.
    pub(super) fn over(&self, before: WorkerForm) -> Result<WorkerForm, CommandError> {
        let wish = self.clone();
        let login = before.login;
        let form = WorkerForm {
            name: wish.name.map_or(before.name, |name| name.trim().to_owned()),
            role: wish.role.unwrap_or(before.role),
            login: WorkerLogin {
                address: wish.address.map_or(login.address, |address| address.trim().to_owned()),
                port: wish.port.map_or(login.port, |port| Some(port).filter(|port| *port != USUAL_PORT)),
                username: given(wish.username, login.username),
                key_path: given(wish.key_path, login.key_path),
                uses_agent: wish.uses_agent.unwrap_or(login.uses_agent),
                via: given(wish.via, login.via),
            },
            work_dir: wish.work_dir.unwrap_or(before.work_dir),
            slots: wish.slots.or(before.slots),
            path_mappings: wish.path_mappings.unwrap_or(before.path_mappings),
            hourly_cost: wish.hourly_cost.or(before.hourly_cost),
        };
        let is_public =
            |key: &String| ["ssh-", "ecdsa-", "sk-"].iter().any(|begin| key.trim_start().starts_with(begin));
        if self.private_key.as_ref().is_some_and(is_public) {
            let advice = "this is a public key; paste the private one, which begins with -----BEGIN";
            return Err(invalid("ssh_private_key", advice));
        }
        check(&form)?;
        Ok(form)
    }

    pub(super) const fn secrets(&self) -> [(WorkerSecret, Option<&String>); 3] {
        [
            (WorkerSecret::Password, self.password.as_ref()),
            (WorkerSecret::PrivateKey, self.private_key.as_ref()),
            (WorkerSecret::Passphrase, self.passphrase.as_ref()),
        ]
    }

    /// How a worker would be reached that is like this, the secrets of `before` being used where none are given.
    pub(super) fn login(&self, before: Option<(&Worker, Login)>) -> Result<Login, CommandError> {
        let (form, kept) = before.map_or_else(|| (blank(), Login::default()), |(row, kept)| (row.form.clone(), kept));
        let form = self.over(form)?.login;
        let is_same_place =
            (&form.address, form.port, &form.via) == (&kept.form.address, kept.form.port, &kept.form.via);
        Ok(Login {
            password: given_secret(self.password.as_ref(), kept.password),
            private_key: given_secret(self.private_key.as_ref(), kept.private_key),
            passphrase: given_secret(self.passphrase.as_ref(), kept.passphrase),
            host_key: kept.host_key.filter(|_| is_same_place),
            via_host_key: kept.via_host_key.filter(|_| is_same_place),
            form,
        })
    }
}

/// A secret is taken as it is: blanks may belong to it.
fn given_secret(wish: Option<&String>, before: Option<String>) -> Option<String> {
    wish.map_or(before, |text| Some(text.clone()).filter(|text| !text.is_empty()))
}

/// One of which nothing is said yet.
pub(super) fn blank() -> WorkerForm {
    WorkerForm { work_dir: USUAL_WORK_DIR.to_owned(), ..WorkerForm::default() }
}

fn check(form: &WorkerForm) -> Result<(), CommandError> {
    let is_line = |text: &str| !text.chars().any(char::is_control);
    let address = &form.login.address;
    check_name(&form.name)?;
    if address.is_empty() || address.starts_with('-') || address.contains(char::is_whitespace) || !is_line(address) {
        return Err(invalid("hostname", "give a host name, an address, or a name of the SSH configuration"));
    }
    if form.login.port == Some(0) {
        return Err(invalid("port", "a port is a number from 1 to 65535"));
    }
    if form.login.username.as_ref().is_some_and(|user| user.starts_with('-') || user.contains(char::is_whitespace)) {
        return Err(invalid("ssh_username", "no account has such a name"));
    }
    if let Some(via) = &form.login.via {
        via.parse::<Named>().map_err(|error| invalid("jump_host", error.to_string()))?;
    }
    check_place(&form.work_dir)?;
    check_slots(form.slots)?;
    if form.role != ENCODING_ROLE && form.role != STORAGE_ROLE {
        return Err(invalid(
            "role",
            format!("a server is for {ENCODING_ROLE:?}, or only has libraries: {STORAGE_ROLE:?}"),
        ));
    }
    if form.hourly_cost.is_some_and(|cost| !(cost.is_finite() && cost >= 0.0)) {
        return Err(invalid("hourly_cost", "a cost is a number of USD that is not negative"));
    }
    for mapping in &form.path_mappings {
        mapping.check().map_err(|error| invalid("path_mappings", error.to_string()))?;
    }
    Ok(())
}

/// Whether it can be a folder to work in, whatever lies there.
pub(super) fn check_place(work_dir: &str) -> Result<(), CommandError> {
    let path = Path::new(work_dir);
    let is_roundabout = path.components().any(|part| part == Component::ParentDir);
    if !path.is_absolute() || path == Path::new("/") || is_roundabout || work_dir.contains(char::is_control) {
        return Err(invalid("working_directory", "give the absolute path of a folder of its own on that server"));
    }
    Ok(())
}

pub(super) fn check_name(name: &str) -> Result<(), CommandError> {
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(invalid("name", format!("a server needs a name of 1 to {LONGEST_NAME} characters on one line")));
    }
    Ok(())
}

pub(super) fn check_slots(slots: Option<u32>) -> Result<(), CommandError> {
    let fits = slots.is_none_or(|slots| (1..=MOST_SLOTS).contains(&slots));
    if fits { Ok(()) } else { Err(invalid("max_concurrent_jobs", format!("it is a number from 1 to {MOST_SLOTS}"))) }
}
