//! A file of another machine for programs on this one: under an address of this machine's own, which nobody else knows,
//! for as long as it is needed. It is read there as it is asked for, and nothing is kept.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::machine::RemoteMachine;
use super::sftp::{Access, CHUNK_BYTES, Handle, Sftp, SftpError};

/// Bytes that are fetched at a time; a program that seeks leaves at most so many unread.
const PIECE_BYTES: u64 = 256 * 1024;

/// More than any request of a program for media has.
const MOST_REQUEST_BYTES: u64 = 64 * 1024;

/// A file under an address. Dropping it ends all that is still read.
pub struct Served {
    url: String,
    file: Arc<File>,
}

struct File {
    machine: RemoteMachine,
    path: Vec<u8>,
    size_bytes: u64,
    /// What is asked for: a random word, so that no other account on this machine can ask.
    name: String,
    port: u16,
    /// One conversation for all, begun when the first byte is asked for.
    open: Mutex<Option<(Sftp, Handle)>>,
    is_over: AtomicBool,
    failure: Mutex<Option<String>>,
    streams: Mutex<Vec<TcpStream>>,
}

impl Served {
    /// Serves a file of `size_bytes`. `extension` ends its name, since some formats are told apart by it.
    ///
    /// # Errors
    /// When this machine gives no port, or no randomness.
    pub fn start(machine: RemoteMachine, path: &Path, size_bytes: u64, extension: &str) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let mut word = [0; 16];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut word)?;
        let word: String = word.iter().map(|byte| format!("{byte:02x}")).collect();
        let plain = extension.len() <= 8 && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let name = if plain && !extension.is_empty() { format!("/{word}.{extension}") } else { format!("/{word}") };
        let file = File {
            machine,
            path: path.as_os_str().as_bytes().to_vec(),
            size_bytes,
            name,
            port,
            open: Mutex::default(),
            is_over: AtomicBool::new(false),
            failure: Mutex::default(),
            streams: Mutex::default(),
        };
        let file = Arc::new(file);
        let listening = Arc::clone(&file);
        thread::Builder::new().name("serve-file".to_owned()).spawn(move || listening.listen(&listener))?;
        Ok(Self { url: format!("http://127.0.0.1:{port}{}", file.name), file })
    }

    /// Where it is to be had.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Why it could not be read there, if that happened: then nothing is known of the file by what was made of it.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.file.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.file.is_over.store(true, Ordering::SeqCst);
        let streams = std::mem::take(&mut *self.file.streams.lock().unwrap_or_else(PoisonError::into_inner));
        for stream in streams {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes whoever listens, to see that it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.file.port));
    }
}

impl File {
    fn listen(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            {
                let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
                // Those that ended have no other end any more.
                streams.retain(|stream| stream.peer_addr().is_ok());
                streams.extend(stream.try_clone());
            }
            let file = Arc::clone(self);
            let answering = thread::Builder::new().name("serve-file".to_owned()).spawn(move || {
                // A program that has what it wanted hangs up.
                if let Err(error) = file.answer(&stream) {
                    tracing::trace!("a file that is served: {error}");
                }
                let _ = stream.shutdown(Shutdown::Both);
            });
            if let Err(error) = answering {
                tracing::warn!("a file of {} cannot be served: {error}", self.machine.name());
            }
        }
    }

    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        let Some(asked) = Asked::read(&mut BufReader::new(stream.take(MOST_REQUEST_BYTES)))? else {
            return stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        };
        if asked.name != self.name {
            return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        let size = self.size_bytes;
        let (status, from, until) = match asked.range {
            None => ("200 OK", 0, size),
            Some((from, last)) if from < size => {
                ("206 Partial Content", from, last.map_or(size, |last| size.min(last + 1)))
            }
            Some(_) => {
                let head = format!(
                    "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{size}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                return stream.write_all(head.as_bytes());
            }
        };
        let until = until.max(from);
        let range = match status {
            "200 OK" => String::new(),
            _ => format!("Content-Range: bytes {from}-{}/{size}\r\n", until.saturating_sub(1)),
        };
        let length = until - from;
        stream.write_all(
            format!(
                "HTTP/1.1 {status}\r\nAccept-Ranges: bytes\r\nContent-Type: application/octet-stream\r\n{range}Content-Length: {length}\r\nConnection: close\r\n\r\n"
            )
            .as_bytes(),
        )?;
        if asked.is_head {
            return Ok(());
        }
        let mut at = from;
        while at < until && !self.is_over.load(Ordering::SeqCst) {
            let bytes = self.read(at, PIECE_BYTES.min(until - at))?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            at += bytes.len() as u64;
            stream.write_all(&bytes)?;
        }
        Ok(())
    }

    /// Bytes from `offset` on; once more where the connection broke.
    fn read(&self, offset: u64, count: u64) -> io::Result<Vec<u8>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let was_open = open.is_some();
        match self.read_once(&mut open, offset, count) {
            Err(SftpError::Lost(_) | SftpError::Senseless(_)) if was_open => {
                self.leave(&mut open);
                self.read_once(&mut open, offset, count)
            }
            read => read,
        }
        .map_err(|error| {
            self.leave(&mut open);
            let reason = match error {
                SftpError::Status(status) => status.message,
                SftpError::Lost(error) => error.to_string(),
                SftpError::Senseless(reason) => reason,
            };
            let reason = format!("{}: {reason}", self.machine.name());
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.clone());
            io::Error::other(reason)
        })
    }

    fn leave(&self, open: &mut Option<(Sftp, Handle)>) {
        if let Some((sftp, _)) = open.take() {
            sftp.leave(&self.machine);
        }
    }

    fn read_once(&self, open: &mut Option<(Sftp, Handle)>, offset: u64, count: u64) -> Result<Vec<u8>, SftpError> {
        if open.is_none() {
            let mut sftp = Sftp::open(&self.machine)?;
            let handle = sftp.open_file(&self.path, Access::Read)?;
            *open = Some((sftp, handle));
        }
        let Some((sftp, handle)) = open else { return Ok(Vec::new()) };
        let chunk = CHUNK_BYTES as u64;
        let mut under_way = Vec::new();
        let mut asked = 0;
        while asked < count {
            let length = chunk.min(count - asked);
            under_way.push((sftp.begin_read(handle, offset + asked, u32::try_from(length).unwrap_or(1))?, length));
            asked += length;
        }
        let mut all = Vec::new();
        let mut under_way = under_way.into_iter();
        while let Some((pending, length)) = under_way.next() {
            let bytes = sftp.end_read(pending)?;
            let is_whole = bytes.len() as u64 == length;
            all.extend(bytes);
            if !is_whole {
                // What was asked for behind it would leave a hole.
                sftp.give_up(under_way.map(|(pending, _)| pending));
                break;
            }
        }
        Ok(all)
    }
}

/// What a program asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    name: String,
    is_head: bool,
    /// The first byte and, where the program knows, the last.
    range: Option<(u64, Option<u64>)>,
}

impl Asked {
    /// Reads a request with its headers; `None` for one that is no request for a file.
    fn read(lines: &mut impl io::BufRead) -> io::Result<Option<Self>> {
        let mut first = String::new();
        lines.read_line(&mut first)?;
        let mut words = first.split_whitespace();
        let (method, name) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let mut range = None;
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            let Some((header, value)) = line.split_once(':') else { return Ok(None) };
            if header.eq_ignore_ascii_case("range") {
                let wanted = value.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-'));
                let Some((from, last)) = wanted else { return Ok(None) };
                let Ok(from) = from.parse() else { return Ok(None) };
                range = Some((from, last.parse().ok()));
            }
        }
        let is_known = matches!(&*method, "GET" | "HEAD");
        Ok(is_known.then_some(Self { name, is_head: method == "HEAD", range }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        let read = |text: &str| Asked::read(&mut text.as_bytes()).unwrap();
        let asked = |range| Some(Asked { name: "/x.mkv".to_owned(), is_head: false, range });
        assert_eq!(read("GET /x.mkv HTTP/1.1\r\nHost: x\r\n\r\n"), asked(None));
        assert_eq!(read("GET /x.mkv HTTP/1.1\r\nrange: bytes=5-\r\n\r\n"), asked(Some((5, None))));
        assert_eq!(read("GET /x.mkv HTTP/1.1\r\nRange: bytes=5-9\r\n\r\n"), asked(Some((5, Some(9)))));
        assert_eq!(read("GET /x.mkv HTTP/1.1\r\nRange: bytes=-5\r\n\r\n"), None, "nothing asks for the last bytes");
        assert_eq!(read("POST /x.mkv HTTP/1.1\r\n\r\n"), None);
        assert_eq!(read(""), None);
    }
}
