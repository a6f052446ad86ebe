//! Proving who we are, by one way after another.

use std::sync::Arc;

use russh::MethodSet;
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{Algorithm, PrivateKey, PrivateKeyWithHashAlg, PublicKey, decode_secret_key};

use super::connection::Verifier;
use super::error::{SshError, plain};
use super::host::{Host, Login, Secret};

/// Tries the ways of `host` in their order.
pub(super) async fn log_in(handle: &mut Handle<Verifier>, host: &Host) -> Result<(), SshError> {
    let name = host.to_string();
    let lost = |error: russh::Error| SshError::Lost { host: name.clone(), reason: plain(&error) };
    let mut tried = Vec::new();
    let (mut offered, mut hung_up) = (MethodSet::empty(), false);
    let mut note = |result: AuthResult| match result {
        AuthResult::Success => true,
        AuthResult::Failure { remaining_methods, .. } => {
            // Who refuses says what he would take instead; who says nothing has hung up.
            if remaining_methods.is_empty() {
                hung_up = true;
            } else {
                offered = remaining_methods;
            }
            false
        }
    };
    // A key or an agent that cannot be used is no reason not to try the next way.
    let mut unusable = None;
    for login in &host.logins {
        let result = match login {
            Login::Key { .. } | Login::KeyFile { .. } => match key_of(login) {
                Ok(key) => by_key(handle, host, key).await.map_err(lost).map(&mut note),
                // As with `ssh`, an agent may have opened it.
                Err(error) => match locked(login) {
                    Some(key) => by_agent(handle, host, Some(&key), &mut note).await.map_err(|_| error),
                    None => Err(error),
                },
            },
            Login::Password(password) => {
                let password = password.reveal();
                match handle.authenticate_password(&host.user, password).await.map(&mut note) {
                    Ok(false) => by_question(handle, host, password).await.map_err(lost),
                    result => result.map_err(lost),
                }
            }
            Login::Agent => by_agent(handle, host, None, &mut note).await,
        };
        match result {
            Ok(true) => return Ok(()),
            Ok(false) => tried.push(shown(login)),
            Err(error @ (SshError::Key { .. } | SshError::Agent { .. })) => {
                unusable = unusable.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = unusable
        && tried.is_empty()
    {
        return Err(error);
    }
    // After too many refusals that is one, too.
    if hung_up && offered.is_empty() {
        return Err(SshError::Lost { host: name, reason: "it ended in the middle of the login".to_owned() });
    }
    let tried = if tried.is_empty() { "no key, password or agent".to_owned() } else { tried.join(" and ") };
    let offered: Vec<&str> = offered.iter().map(<&str>::from).collect();
    let offered = if offered.is_empty() { "no other way".to_owned() } else { offered.join(", ") };
    Err(SshError::LoginRefused { host: name, tried, offered })
}

fn shown(login: &Login) -> String {
    match login {
        Login::Key { .. } => "the pasted key".to_owned(),
        Login::KeyFile { path, .. } => format!("the key {}", path.display()),
        Login::Password(_) => "the password".to_owned(),
        Login::Agent => "the SSH agent".to_owned(),
    }
}

/// The private key of a login that has one.
fn key_of(login: &Login) -> Result<PrivateKey, SshError> {
    let (key, text, passphrase) = match login {
        Login::KeyFile { path, passphrase } => {
            let key = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|error| SshError::Key { key: key.clone(), reason: plain(&error) })?;
            (key, Secret::new(text), passphrase)
        }
        Login::Key { text, passphrase } => ("that was pasted".to_owned(), text.clone(), passphrase),
        Login::Password(_) | Login::Agent => {
            return Err(SshError::Key { key: shown(login), reason: "it is none".to_owned() });
        }
    };
    read_key(&key, text.reveal(), passphrase.as_ref().map(Secret::reveal))
}

fn read_key(shown: &str, text: &str, passphrase: Option<&str>) -> Result<PrivateKey, SshError> {
    decode_secret_key(text, passphrase).map_err(|error| {
        let is_encrypted =
            PrivateKey::from_openssh(text).is_ok_and(|key| key.is_encrypted()) || text.contains("ENCRYPTED");
        let reason = match (&error, passphrase) {
            (russh::keys::Error::KeyIsEncrypted, None) => "it is encrypted; give its passphrase".to_owned(),
            _ if PublicKey::from_openssh(text.trim()).is_ok() => {
                "it is a public key; the private one is the file of the same name without .pub".to_owned()
            }
            (_, Some(_)) if is_encrypted => "the passphrase does not open it; enter the passphrase again".to_owned(),
            // What the library says is about formats, and helps nobody but us.
            _ => format!("it is no private key as ssh-keygen writes it ({error})"),
        };
        SshError::Key { key: shown.to_owned(), reason }
    })
}

async fn by_key(handle: &mut Handle<Verifier>, host: &Host, key: PrivateKey) -> Result<AuthResult, russh::Error> {
    let hash = match key.algorithm() {
        Algorithm::Rsa { .. } => handle.best_supported_rsa_hash().await?.flatten(),
        _ => None,
    };
    handle.authenticate_publickey(&host.user, PrivateKeyWithHashAlg::new(Arc::new(key), hash)).await
}

/// Many servers ask for the password as a question instead (PAM).
async fn by_question(handle: &mut Handle<Verifier>, host: &Host, password: &str) -> Result<bool, russh::Error> {
    let mut response = handle.authenticate_keyboard_interactive_start(&host.user, None::<String>).await?;
    loop {
        match response {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                let answers = prompts.iter().map(|_| password.to_owned()).collect();
                response = handle.authenticate_keyboard_interactive_respond(answers).await?;
            }
        }
    }
}

/// By all keys of the agent, or by the one that is wanted.
async fn by_agent(
    handle: &mut Handle<Verifier>,
    host: &Host,
    wanted: Option<&PublicKey>,
    note: &mut impl FnMut(AuthResult) -> bool,
) -> Result<bool, SshError> {
    let failed = |reason: String| SshError::Agent { reason };
    let mut agent = AgentClient::connect_env().await.map_err(|error| failed(plain(error)))?;
    let identities = agent.request_identities().await.map_err(|error| failed(plain(error)))?;
    for identity in identities {
        let AgentIdentity::PublicKey { key, .. } = identity else { continue };
        if wanted.is_some_and(|wanted| wanted.key_data() != key.key_data()) {
            continue;
        }
        let hash = match key.algorithm() {
            Algorithm::Rsa { .. } => handle.best_supported_rsa_hash().await.ok().flatten().flatten(),
            _ => None,
        };
        let signed = handle.authenticate_publickey_with(&host.user, key, hash, &mut agent).await;
        if note(signed.map_err(|error| failed(error.to_string()))?) {
            return Ok(true);
        }
    }
    match wanted {
        Some(_) => Err(failed("it does not have that key".to_owned())),
        None => Ok(false),
    }
}

/// The public half of a key that is locked, where there is no passphrase for it.
fn locked(login: &Login) -> Option<PublicKey> {
    let Login::KeyFile { path, passphrase: None } = login else { return None };
    let key = PrivateKey::from_openssh(std::fs::read_to_string(path).ok()?).ok()?;
    key.is_encrypted().then(|| key.public_key().clone())
}
