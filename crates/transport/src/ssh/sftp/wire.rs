//! Packets of SFTP version 3, the one that OpenSSH speaks. Names are bytes here, as they are there.

/// Requests.
pub(super) const INIT: u8 = 1;
pub(super) const OPEN: u8 = 3;
pub(super) const CLOSE: u8 = 4;
pub(super) const READ: u8 = 5;
pub(super) const WRITE: u8 = 6;
pub(super) const LSTAT: u8 = 7;
pub(super) const FSTAT: u8 = 8;
pub(super) const FSETSTAT: u8 = 10;
pub(super) const OPENDIR: u8 = 11;
pub(super) const READDIR: u8 = 12;
pub(super) const REMOVE: u8 = 13;
pub(super) const MKDIR: u8 = 14;
pub(super) const RENAME: u8 = 18;
pub(super) const EXTENDED: u8 = 200;

/// Answers.
const VERSION: u8 = 2;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const NAME: u8 = 104;
const ATTRS: u8 = 105;
const EXTENDED_REPLY: u8 = 201;

/// Parts of attributes.
const WITH_SIZE: u32 = 1;
const WITH_OWNER: u32 = 2;
const WITH_MODE: u32 = 4;
const WITH_TIMES: u32 = 8;
const WITH_MORE: u32 = 0x8000_0000;

/// A packet that is being written.
pub(super) struct Request(Vec<u8>);

impl Request {
    /// The first packet of all, which has no number.
    pub(super) fn init() -> Self {
        Self(vec![0, 0, 0, 0, INIT]).number(3)
    }

    pub(super) fn new(kind: u8, id: u32) -> Self {
        Self(vec![0, 0, 0, 0, kind]).number(id)
    }

    pub(super) fn number(mut self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(super) fn long(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        // Nothing of ours comes near 4 GiB.
        self = self.number(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn attributes(self, attributes: &Attributes) -> Self {
        let Attributes { owner, mode, mtime_seconds, .. } = *attributes;
        let flag = |is_there, flag| if is_there { flag } else { 0 };
        let mut request = self.number(
            flag(owner.is_some(), WITH_OWNER)
                | flag(mode.is_some(), WITH_MODE)
                | flag(mtime_seconds.is_some(), WITH_TIMES),
        );
        if let Some((uid, gid)) = owner {
            request = request.number(uid).number(gid);
        }
        if let Some(mode) = mode {
            request = request.number(mode);
        }
        if let Some(seconds) = mtime_seconds {
            request = request.number(seconds).number(seconds);
        }
        request
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len() - 4).unwrap_or(u32::MAX);
        self.0.splice(..4, length.to_be_bytes());
        self.0
    }
}

/// What is known of a file, or is to be set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// Length in bytes.
    pub(crate) size_bytes: Option<u64>,
    /// User and group.
    pub(crate) owner: Option<(u32, u32)>,
    /// Kind and permissions, as `stat` gives them.
    pub(crate) mode: Option<u32>,
    /// The time of modification; to set, the time of access as well.
    pub(crate) mtime_seconds: Option<u32>,
}

/// How a request ended that has nothing else to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    /// As the protocol numbers them; zero is success.
    pub(crate) code: u32,
    /// The server's words.
    pub(crate) message: String,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Version(Vec<Vec<u8>>),
    Status(Status),
    Handle(Vec<u8>),
    Data(Vec<u8>),
    Names(Vec<Vec<u8>>),
    Attributes(Attributes),
    Extended(Vec<u8>),
}

/// Reads a packet without its length; gives which request it answers.
pub(super) fn read(packet: &[u8]) -> Option<(u32, Answer)> {
    let mut fields = Fields(packet);
    let kind = fields.byte()?;
    let id = fields.number()?;
    let answer = match kind {
        VERSION => {
            let mut names = Vec::new();
            while let Some(name) = fields.bytes() {
                names.push(name.to_vec());
                fields.bytes()?;
            }
            return Some((0, Answer::Version(names)));
        }
        STATUS => {
            let code = fields.number()?;
            let message = String::from_utf8_lossy(fields.bytes().unwrap_or_default()).into_owned();
            Answer::Status(Status { code, message })
        }
        HANDLE => Answer::Handle(fields.bytes()?.to_vec()),
        DATA => Answer::Data(fields.bytes()?.to_vec()),
        NAME => {
            let count = fields.number()?;
            let mut names = Vec::new();
            for _ in 0..count {
                names.push(fields.bytes()?.to_vec());
                fields.bytes()?;
                fields.attributes()?;
            }
            Answer::Names(names)
        }
        ATTRS => Answer::Attributes(fields.attributes()?),
        EXTENDED_REPLY => Answer::Extended(fields.0.to_vec()),
        _ => return None,
    };
    Some((id, answer))
}

/// The fields of a packet, taken one after another.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }

    fn attributes(&mut self) -> Option<Attributes> {
        let flags = self.number()?;
        let mut attributes = Attributes::default();
        if flags & WITH_SIZE != 0 {
            attributes.size_bytes = Some(self.long()?);
        }
        if flags & WITH_OWNER != 0 {
            attributes.owner = Some((self.number()?, self.number()?));
        }
        if flags & WITH_MODE != 0 {
            attributes.mode = Some(self.number()?);
        }
        if flags & WITH_TIMES != 0 {
            self.number()?;
            attributes.mtime_seconds = Some(self.number()?);
        }
        if flags & WITH_MORE != 0 {
            for _ in 0..self.number()? {
                self.bytes()?;
                self.bytes()?;
            }
        }
        Some(attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_written_with_their_length_and_names_as_bytes() {
        let packet = Request::new(OPEN, 7).bytes(b"\xff\n").number(1).attributes(&Attributes::default()).finish();
        assert_eq!(packet, b"\0\0\0\x13\x03\0\0\0\x07\0\0\0\x02\xff\n\0\0\0\x01\0\0\0\0");
    }

    #[test]
    fn answers_are_read_and_a_short_one_is_none() {
        let status = b"\x65\0\0\0\x07\0\0\0\x04\0\0\0\x07Failure\0\0\0\0";
        let failure = Status { code: 4, message: "Failure".to_owned() };
        assert_eq!(read(status), Some((7, Answer::Status(failure))));
        let names = b"\x68\0\0\0\x07\0\0\0\x01\0\0\0\x01\xfe\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\x09\0\0\x81\xa4";
        assert_eq!(read(names), Some((7, Answer::Names(vec![vec![0xfe]]))));
        for length in 0..names.len() {
            assert_eq!(read(&names[..length]), None, "{length} bytes");
        }
    }
}
