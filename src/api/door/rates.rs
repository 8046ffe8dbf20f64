//! How often somebody may ask.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::{
    api::problem::Problem,
    model::{Fault, TokenId},
};

/// Requests a second of one address and of one token, and how many may come at once.
const ADDRESS: (u32, u32) = (200, 1_000);
const TOKEN: (u32, u32) = (100, 500);
/// Wrong credentials of one address a minute.
const WRONG: u32 = 30;
/// After so many addresses and tokens, those that were quiet are forgotten.
const MANY: usize = 4_096;

fn quota((each_second, at_once): (u32, u32)) -> Quota {
    let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(some(each_second)).allow_burst(some(at_once))
}

/// How often somebody may ask.
pub struct Rates {
    clock: DefaultClock,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    tokens: DefaultKeyedRateLimiter<TokenId>,
    wrong: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Rates {
    fn default() -> Self {
        let minute = NonZeroU32::new(WRONG).unwrap_or(NonZeroU32::MIN);
        Self {
            clock: DefaultClock::default(),
            addresses: RateLimiter::keyed(quota(ADDRESS)),
            tokens: RateLimiter::keyed(quota(TOKEN)),
            wrong: RateLimiter::keyed(Quota::per_minute(minute)),
        }
    }
}

/// Whoever has a network of IPv6 has more addresses than could be counted: the network counts.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

impl Rates {
    /// Counts a request of this address.
    ///
    /// # Errors
    /// That it was one too many.
    pub fn address(&self, address: IpAddr) -> Result<(), Problem> {
        self.check(&self.addresses, &block(address))
    }

    /// Counts a request with this token.
    ///
    /// # Errors
    /// That it was one too many.
    pub fn token(&self, token: TokenId) -> Result<(), Problem> {
        self.check(&self.tokens, &token)
    }

    /// This address showed something that was wrong: it is told so, and to wait when that happens too often. Whoever
    /// shows what is right is let in all the same: a secret that cannot be guessed needs no closed door, and a closed
    /// door would keep out everybody who comes from the same address.
    pub fn wrong(&self, address: IpAddr, fault: Fault) -> Problem {
        self.check(&self.wrong, &block(address)).err().unwrap_or_else(|| fault.into())
    }

    fn check<K: Clone + std::hash::Hash + Eq>(
        &self,
        limiter: &DefaultKeyedRateLimiter<K>,
        key: &K,
    ) -> Result<(), Problem> {
        if limiter.len() > MANY {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            Problem::too_often(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_refused_and_hurts_nobody_else() {
        let rates = Rates::default();
        let (one, other) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let refused = (0..ADDRESS.1 + 500).filter(|_| rates.address(one).is_err()).count();
        assert!(refused > 100, "{refused}");
        assert!(rates.address(other).is_ok());
    }

    #[test]
    fn guessing_is_slowed_down_for_that_network_only() {
        let rates = Rates::default();
        let (one, neighbour) = ("2001:db8::1".parse().unwrap(), "2001:db8::2:3".parse().unwrap());
        let wrong = |address| {
            let fault = Fault::new(crate::model::FaultKind::Unauthenticated, "No.", "", "");
            rates.wrong(address, fault).status().as_u16()
        };
        assert!((0..WRONG).all(|_| wrong(one) == 401));
        assert_eq!((wrong(one), wrong(neighbour)), (429, 429));
        assert_eq!(wrong("2001:db8:1::1".parse().unwrap()), 401);
    }
}
