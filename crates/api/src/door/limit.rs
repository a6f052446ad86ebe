//! How often something may happen: so many at once, then one every so often.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use mediaflow_core::time::Timestamp;

use super::audit::Action;

/// A rate: the generic cell rate algorithm, which keeps one instant for each thing that is counted.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// So many at once.
    pub burst: i64,
    /// Then one in so many seconds.
    pub every_s: i64,
}

/// When what was allowed so far would have been due at the rate's steady pace.
#[derive(Debug, Clone, Copy)]
pub struct Spent(Timestamp);

impl Rate {
    /// Takes one, or says in how many seconds there is one.
    fn take(self, spent: &mut Spent, now: Timestamp) -> Result<(), u64> {
        let longest = now.plus_seconds(self.every_s.saturating_mul(self.burst));
        // A clock that was set back must not lock anybody out for longer than the rate says.
        let due = spent.0.clamp(now, longest);
        let next = due.plus_seconds(self.every_s);
        if next > longest {
            let wait_us = next.0.saturating_sub(longest.0);
            return Err(u64::try_from(wait_us).unwrap_or(0).div_ceil(1_000_000).max(1));
        }
        *spent = Spent(next);
        Ok(())
    }

    fn give_back(self, spent: &mut Spent) {
        *spent = Spent(spent.0.plus_seconds(-self.every_s));
    }
}

/// Wrong passwords from one address: five, then one in half a minute, 2,900 a day.
const EACH: Rate = Rate { burst: 5, every_s: 30 };

/// Wrong passwords from everywhere: fifty, then one in two seconds, against one who has many addresses.
const ALL: Rate = Rate { burst: 50, every_s: 2 };

/// Addresses that are remembered; whoever has more than so many is held by [`ALL`].
const MOST_ADDRESSES: usize = 4096;

/// Attempts to log in. Only the wrong ones count in the end.
#[derive(Debug)]
pub struct LoginLimit {
    all: Spent,
    each: HashMap<Option<IpAddr>, Spent>,
}

impl Default for LoginLimit {
    fn default() -> Self {
        Self { all: NOTHING, each: HashMap::new() }
    }
}

const NOTHING: Spent = Spent(Timestamp(i64::MIN));

impl LoginLimit {
    /// Takes an attempt from this address before the password is looked at, or says in how many seconds there is one.
    pub fn take(&mut self, address: Option<IpAddr>, now: Timestamp) -> Result<(), u64> {
        if self.each.len() >= MOST_ADDRESSES {
            self.each.retain(|_, spent| spent.0 > now);
        }
        let key = network(address);
        let mut own = self.each.get(&key).copied().unwrap_or(NOTHING);
        EACH.take(&mut own, now)?;
        ALL.take(&mut self.all, now)?;
        if self.each.len() < MOST_ADDRESSES || self.each.contains_key(&key) {
            self.each.insert(key, own);
        }
        Ok(())
    }

    /// It was the right password, or it was never compared: the attempt does not count.
    pub fn give_back(&mut self, address: Option<IpAddr>) {
        ALL.give_back(&mut self.all);
        if let Some(own) = self.each.get_mut(&network(address)) {
            EACH.give_back(own);
        }
    }
}

/// What one stranger has: an IPv4 address, or a whole IPv6 network of 64 bits.
fn network(address: Option<IpAddr>) -> Option<IpAddr> {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(address)) => Some(IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64))),
        other => other,
    }
}

/// Rows that strangers may cause in the audit log: ten at once, then one a minute.
const ROWS: Rate = Rate { burst: 10, every_s: 60 };

/// Whether a refusal is still written down. Each kind counts by itself, so that many of one do not hide another.
#[derive(Debug, Default)]
pub struct RowLimit(HashMap<Action, Spent>);

impl RowLimit {
    /// Takes a row for something of this kind, if there is one left.
    pub fn take(&mut self, action: Action, now: Timestamp) -> bool {
        ROWS.take(self.0.entry(action).or_insert(NOTHING), now).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000_000);

    fn from(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn five_at_once_then_one_in_thirty_seconds() {
        let mut limit = LoginLimit::default();
        for _ in 0..5 {
            assert_eq!(limit.take(from("192.0.2.1"), NOW), Ok(()));
        }
        assert_eq!(limit.take(from("192.0.2.1"), NOW), Err(30));
        assert_eq!(limit.take(from("192.0.2.2"), NOW), Ok(()), "another address is not concerned");
        assert_eq!(limit.take(from("192.0.2.1"), NOW.plus_seconds(29)), Err(1));
        assert_eq!(limit.take(from("192.0.2.1"), NOW.plus_seconds(30)), Ok(()));
        assert_eq!(limit.take(from("192.0.2.1"), NOW.plus_seconds(30)), Err(30));
    }

    #[test]
    fn a_right_password_does_not_count() {
        let mut limit = LoginLimit::default();
        for _ in 0..100 {
            assert_eq!(limit.take(from("192.0.2.1"), NOW), Ok(()));
            limit.give_back(from("192.0.2.1"));
        }
    }

    #[test]
    fn many_addresses_meet_the_limit_of_all() {
        let mut limit = LoginLimit::default();
        let taken = (0..=255).filter(|last| limit.take(from(&format!("198.51.100.{last}")), NOW).is_ok()).count();
        assert_eq!(taken, 50);
        assert_eq!(limit.take(from("203.0.113.9"), NOW.plus_seconds(2)), Ok(()));
    }

    #[test]
    fn one_ipv6_network_is_one_address_and_a_mapped_one_is_its_ipv4() {
        let mut limit = LoginLimit::default();
        for last in 0..5 {
            assert_eq!(limit.take(from(&format!("2001:db8::{last}")), NOW), Ok(()));
        }
        assert!(limit.take(from("2001:db8::ffff:5"), NOW).is_err());
        assert_eq!(limit.take(from("2001:db8:0:1::1"), NOW), Ok(()));
        assert_eq!(network(from("::ffff:192.0.2.1")), from("192.0.2.1"));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_long() {
        let mut limit = LoginLimit::default();
        for _ in 0..5 {
            limit.take(None, NOW.plus_seconds(1_000_000)).unwrap();
        }
        assert_eq!(limit.take(None, NOW), Err(30));
    }

    #[test]
    fn memory_does_not_grow_with_addresses() {
        let mut limit = LoginLimit::default();
        for number in 0..MOST_ADDRESSES + 100 {
            let address = IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
            let _ = limit.take(Some(address), NOW.plus_seconds(i64::try_from(number).unwrap() * 2));
        }
        assert!(limit.each.len() <= MOST_ADDRESSES);
    }
}
