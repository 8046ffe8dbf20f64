//! Which addresses a notice may go to. Somebody who can write a line of the settings, or who owns the name in it, must
//! not be able to make this program speak to what only this machine can reach: a cloud's own address for secrets, a
//! database without a password, the Docker engine.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{net::lookup_host, time::timeout};

use super::{post::Error, target::Target};

/// How long looking a name up may take.
const LOOK_UP: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried.
const TRIED: usize = 4;

/// The addresses of a target, each of which may be connected to.
///
/// # Errors
/// That there are none, or that one of them is on this machine or in its network and the target may not be there. One is
/// enough: a name that points both ways is not to be trusted.
pub async fn addresses(target: &Target) -> Result<Vec<SocketAddr>, Error> {
    let (host, port) = (target.address.host(), target.address.port());
    let found = timeout(LOOK_UP, lookup_host((host, port)))
        .await
        .map_err(|_| Error::Unknown("it took too long".into()))?;
    let found = found.map_err(|error| Error::Unknown(error.to_string()))?;
    let mut all: Vec<SocketAddr> = found.take(64).collect();
    if !target.private
        && let Some(inner) = all.iter().find(|one| !is_public(one.ip()))
    {
        return Err(Error::Private(inner.ip()));
    }
    all.truncate(TRIED);
    if all.is_empty() { Err(Error::Unknown("it has no address".into())) } else { Ok(all) }
}

/// Whether an address is one of the wide world: not this machine's, not of a network around it, not for one of the
/// special uses of RFC 6890. An IPv4 address in an IPv6 one's clothes is looked at as what it is.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match inside(ip) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        // "This network", and what is reserved, with the broadcast address.
        || a == 0
        || a >= 240
        // Between a provider and its customers (RFC 6598), protocols' own (RFC 6890), measurements (RFC 2544).
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // What is given out is in 2000::/3; within it, documentation and 2001::/23 with its Teredo are special.
    a & 0xe000 == 0x2000 && (a, b) != (0x2001, 0xdb8) && !(a == 0x2001 && b < 0x200)
}

/// The IPv4 address that an IPv6 one leads to: mapped, compatible, translated (RFC 6052) or by 6to4 (RFC 3056).
fn inside(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(v4(g, h)),
        // ::1 and :: are of their own, and as local as the addresses that they look like.
        (0, 0, 0, 0, 0, 0) => Some(v4(g, h)),
        (0x2002, high, low, ..) => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wide_world_is_public() {
        let inner = [
            "127.0.0.1",
            "127.255.3.4",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.192",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "100::1",
            "5f00::1",
        ];
        for ip in inner {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        let outer = [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "162.159.128.233",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::",
            "2a00:1450:4001::200e",
        ];
        for ip in outer {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
