//! Servers as a user deals with them: what is learned of them while they work, what is said of them when they do not, and what
//! is refused.

use mediaflow_core::job::Ending;
use mediaflow_core::schedule::TransferMode;
use mediaflow_core::worker::WorkerStatus;
use mediaflow_engine::service::{CommandError, ServerTrial, ServerWish};
use mediaflow_store::TaskKind;
use mediaflow_testkit::sshd::Sshd;

use super::fleet::{Yard, queue_for};
use super::house::House;

/// Pictures as they are: megabytes to be sent, and few of them to be encoded.
const RAW: &str = "-f lavfi -i testsrc2=s=160x90:r=25:d=4 -c:v rawvideo -pix_fmt yuv420p";

#[test]
fn the_line_to_a_server_is_learned_of_the_films_that_go_there() {
    let Some(yard) = Yard::with(&[("film.mkv", RAW), ("other.mkv", RAW)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let before = running.service.server(attic).unwrap().worker;
    assert_eq!((before.upload_bps, before.download_bps), (None, None));
    let done = |name: &str| {
        let job = queue_for(&running, &[name], attic)[0];
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{reason}");
        running.job(job)
    };
    let first = done("film.mkv");
    assert_eq!(first.transfer_mode, Some(TransferMode::Push));
    assert!(first.worker_reason.unwrap().contains("a transfer of unknown speed"), "nothing had gone there");
    assert!(running.service.server(attic).unwrap().worker.upload_bps > Some(0));
    let second = done("other.mkv").worker_reason.unwrap();
    assert!(second.contains("of transfer") && !second.contains("unknown"), "{second}");
    let attempts = running.service.store().read(|r| r.attempts_of_job(first.id)).unwrap();
    let encode = attempts.iter().find(|attempt| attempt.kind == TaskKind::Encode).unwrap();
    assert_eq!(encode.worker_name.as_deref(), Some("attic"), "whatever it is called later");
    running.stop();
}

#[test]
fn what_a_test_of_the_connection_finds_is_said_of_the_server_at_once() {
    let Some(house) = House::with(&[]) else { return };
    let Some(sshd) = Sshd::start(&house.root().join("sshd")).unwrap() else {
        return println!("skipped: there is no sshd here");
    };
    let running = house.start();
    let wish = ServerWish {
        name: Some("attic".to_owned()),
        address: Some("127.0.0.1".to_owned()),
        port: Some(sshd.port()),
        key_path: Some(sshd.key().display().to_string()),
        work_dir: Some(house.root().join("there").display().to_string()),
        ..ServerWish::default()
    };
    let id = running.service.server_create(&wish).unwrap().worker.id;
    let stands = || {
        let worker = running.service.server(id).unwrap().worker;
        (worker.status, worker.problem, worker.status_reason)
    };
    let problem = || match running.service.server_test(id).unwrap() {
        ServerTrial::Failed { problem, .. } => Some(problem),
        ServerTrial::Reached { .. } => None,
    };
    assert_eq!((problem(), stands().0), (None, WorkerStatus::Online));
    sshd.change_host_key().unwrap();
    assert_eq!(problem(), Some("host_key_changed"));
    let (status, kind, reason) = stands();
    assert_eq!((status, kind.as_deref()), (WorkerStatus::Offline, Some("host_key_changed")));
    assert!(reason.unwrap().contains("shows the host key"));
    running.service.server_forget_host_key(id).unwrap();
    assert_eq!((problem(), stands().1), (None, None), "as soon as it lets us in again");
    running.stop();
}

#[test]
fn a_server_does_not_work_in_a_library() {
    let Some(house) = House::with(&[]) else { return };
    let (running, _) = house.start_scanned();
    let create = |name: &str, work_dir: std::path::PathBuf| {
        let wish = ServerWish {
            name: Some(name.to_owned()),
            address: Some("127.0.0.1".to_owned()),
            work_dir: Some(work_dir.display().to_string()),
            ..ServerWish::default()
        };
        running.service.server_create(&wish)
    };
    let refused = create("inside", house.library().join("work")).map(drop);
    let Err(CommandError::Invalid { field, message }) = refused else { panic!("{refused:?}") };
    assert_eq!(field, "working_directory");
    assert!(message.contains("lies in the library"), "{message}");
    let id = create("beside", house.root().join("beside")).unwrap().worker.id;
    let wish = ServerWish { work_dir: Some(house.library().display().to_string()), ..ServerWish::default() };
    assert!(matches!(running.service.server_update(id, &wish), Err(CommandError::Invalid { .. })));
    running.stop();
}
