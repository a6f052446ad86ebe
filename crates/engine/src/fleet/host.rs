//! From what the user says of a worker to who is called, as whom, and by which key it is known.

use mediaflow_store::{Store, StoreError, Worker, WorkerLogin, WorkerSecret};
use mediaflow_transport::ssh::{Host, HostKey, Login as Way, Named, Secret};

use super::FleetError;

/// Everything that it takes to reach a worker.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Login {
    /// Where it is, and as whom.
    pub form: WorkerLogin,
    /// A password.
    pub password: Option<String>,
    /// A private key as text.
    pub private_key: Option<String>,
    /// What the private key is encrypted with.
    pub passphrase: Option<String>,
    /// The key that it is known by, as a line of `authorized_keys`.
    pub host_key: Option<String>,
    /// The same of the machine to go through.
    pub via_host_key: Option<String>,
}

impl Login {
    /// That of a worker that is kept, its secrets opened.
    pub(super) fn of(store: &Store, worker: &Worker) -> Result<Self, StoreError> {
        let vault = store.vault();
        store.read(|r| {
            Ok(Self {
                form: worker.form.login.clone(),
                password: r.worker_secret(&vault, worker.id, WorkerSecret::Password)?,
                private_key: r.worker_secret(&vault, worker.id, WorkerSecret::PrivateKey)?,
                passphrase: r.worker_secret(&vault, worker.id, WorkerSecret::Passphrase)?,
                host_key: worker.host_key.clone(),
                via_host_key: worker.via_host_key.clone(),
            })
        })
    }

    /// Who is to be called. What is left open is as with `ssh`, its configuration included.
    pub(crate) fn host(&self) -> Result<Host, FleetError> {
        let form = &self.form;
        let mut host = Named {
            name: form.address.clone(),
            user: form.username.clone(),
            port: form.port,
            logins: self.ways(),
            pinned: pinned(self.host_key.as_deref())?,
            ..Named::default()
        }
        .resolve(None)?;
        if let Some(via) = &form.via {
            // As with `ssh -J`, it has a configuration of its own; what opens the machine behind it may open it too.
            let named = via.parse::<Named>().map_err(|error| FleetError::Unusable(error.to_string()))?;
            host.via = Some(Box::new(Named { other_logins: self.ways(), ..named }.resolve(None)?));
        }
        if let Some(via) = &mut host.via {
            via.pinned = pinned(self.via_host_key.as_deref())?;
        }
        Ok(host)
    }

    /// Keys before the agent before the password: a wrong password may lock the account.
    fn ways(&self) -> Vec<Way> {
        let passphrase = self.passphrase.as_ref().map(Secret::new);
        let pasted =
            self.private_key.as_ref().map(|text| Way::Key { text: Secret::new(text), passphrase: passphrase.clone() });
        let file = self.form.key_path.as_ref().map(|path| Way::KeyFile { path: path.into(), passphrase });
        let agent = self.form.uses_agent.then_some(Way::Agent);
        let password = self.password.as_ref().map(|text| Way::Password(Secret::new(text)));
        [pasted, file, agent, password].into_iter().flatten().collect()
    }
}

fn pinned(line: Option<&str>) -> Result<Option<HostKey>, FleetError> {
    let read = line.map(str::parse).transpose();
    read.map_err(|error: String| FleetError::Unusable(format!("{error}; forget the host key, and connect again")))
}

#[cfg(test)]
mod tests {
    use mediaflow_transport::cancel::Cancel;

    use super::super::fixture::Yard;
    use super::*;

    #[test]
    fn it_is_said_when_the_jump_host_is_the_trouble() {
        let yard = Yard::new();
        let (Some(sshd), Some(gate)) = (yard.sshd("sshd"), yard.sshd("gate")) else { return };
        let mut row = yard.row(yard.worker("desk", &sshd));
        let mut said = |via: String| {
            row.form.login.via = Some(via);
            let login = yard.fleet.login(&row).unwrap();
            yard.fleet.reach(&login, &Cancel::new()).unwrap_err()
        };
        let refused = said(format!("127.0.0.1:{}", gate.port()));
        assert_eq!(refused.kind(), "login_refused");
        let unknown = said("nobody.invalid".to_owned());
        for error in [refused, unknown] {
            let text = error.to_string();
            assert!(text.starts_with("the jump host does not let us through to"), "{text}");
        }
    }

    #[test]
    fn all_ways_to_log_in_are_tried_and_the_password_last() {
        let login = Login {
            form: WorkerLogin {
                address: "desk.example".to_owned(),
                username: Some("me".to_owned()),
                port: Some(22),
                key_path: Some("/keys/one".to_owned()),
                uses_agent: true,
                via: None,
            },
            password: Some("hush".to_owned()),
            private_key: Some("key".to_owned()),
            passphrase: Some("open".to_owned()),
            ..Login::default()
        };
        let passphrase = Some(Secret::new("open"));
        let wanted = [
            Way::Key { text: Secret::new("key"), passphrase: passphrase.clone() },
            Way::KeyFile { path: "/keys/one".into(), passphrase },
            Way::Agent,
            Way::Password(Secret::new("hush")),
        ];
        assert_eq!(login.host().unwrap().logins, wanted);
    }
}
