//! A line of some length: a network namespace beside the machine's own, and two TUN devices between which packets lie for
//! as long as light would be on its way. For kernels without `netem`; needs root.

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::setpriority_process;
use rustix::thread::{LinkNameSpaceType, gettid, move_into_link_name_space};
use tun_rs::{DeviceBuilder, SyncDevice};

/// As on the usual Ethernet.
const PACKET_BYTES: usize = 1500;

/// From a block that is set aside for measurements between networks (RFC 2544), so that it is nobody's.
const HERE: Ipv4Addr = Ipv4Addr::new(198, 18, 77, 1);
const THERE: Ipv4Addr = Ipv4Addr::new(198, 18, 77, 2);

/// Two ends and what lies between them; dropping it takes the other end away.
pub struct Line {
    /// Keeps the namespace.
    holder: Child,
}

impl Line {
    /// Makes one over which a question and its answer take `round_trip`.
    #[must_use]
    pub fn new(round_trip: Duration) -> Self {
        let holder = Command::new("unshare").args(["--net", "sleep", "infinity"]).stdin(Stdio::null()).spawn().unwrap();
        let line = Self { holder };
        let ours = fs::read_link("/proc/self/ns/net").unwrap();
        while fs::read_link(line.namespace()).is_ok_and(|theirs| theirs == ours) {
            thread::sleep(Duration::from_millis(5));
        }
        let namespace = line.namespace();
        let here = Arc::new(device());
        configure(&[], &here, HERE, THERE);
        // A thread that has gone there does not come back.
        let there = thread::spawn(move || {
            let namespace = File::open(namespace).unwrap();
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).expect("this needs root");
            device()
        });
        let there = Arc::new(there.join().unwrap());
        let before = line.before();
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        configure(&before, &there, THERE, HERE);
        carry(Arc::clone(&here), Arc::clone(&there), round_trip / 2);
        carry(there, here, round_trip / 2);
        line
    }

    /// The address of the other end.
    #[must_use]
    pub const fn address(&self) -> IpAddr {
        IpAddr::V4(THERE)
    }

    /// The words in front of a command line that start it at the other end.
    #[must_use]
    pub fn before(&self) -> [String; 2] {
        ["nsenter".to_owned(), format!("--net={}", self.namespace().display())]
    }

    fn namespace(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/ns/net", self.holder.id()))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A TUN device in the namespace of this thread.
fn device() -> SyncDevice {
    DeviceBuilder::new().build_sync().expect("a TUN device needs root and /dev/net/tun")
}

fn configure(before: &[&str], device: &SyncDevice, own: Ipv4Addr, peer: Ipv4Addr) {
    let name = device.name().unwrap();
    let (own, peer, mtu) = (own.to_string(), peer.to_string(), PACKET_BYTES.to_string());
    for words in [
        ["ip", "address", "add", &own, "peer", &peer, "dev", &name].as_slice(),
        // The queue holds what TCP may have under way, so that the line loses nothing.
        &["ip", "link", "set", "dev", &name, "mtu", &mtu, "txqueuelen", "20000", "up"],
    ] {
        let words: Vec<&str> = before.iter().chain(words).copied().collect();
        assert!(Command::new(words[0]).args(&words[1..]).status().unwrap().success(), "{words:?}");
    }
}

/// Hands packets from one device to the other, each `delay` after it came.
fn carry(from: Arc<SyncDevice>, to: Arc<SyncDevice>, delay: Duration) {
    let (send, receive) = channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        be_first();
        let mut packet = [0; PACKET_BYTES];
        while let Ok(length) = from.recv(&mut packet) {
            if send.send((Instant::now() + delay, packet[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        be_first();
        for (due, packet) in receive {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // A packet that the other end does not take is lost, as on any line.
            let _ = to.send(&packet);
        }
    });
}

/// Takes this thread before all others of the machine: a delay that varies with the load is taken by TCP for a line that
/// is full.
fn be_first() {
    setpriority_process(Some(gettid()), -20).expect("this needs root");
}
