//! Addresses against networks: `192.0.2.0/24`, `192.0.2.0/255.255.255.0`, `10/8`, `2001:db8::/32`.

use crate::route::Doubt;
use crate::route::Truth;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

/// Whether the address is in the network.
///
/// An IPv4 address in IPv6 form is compared as IPv4. A pattern that is a host name was resolved when HAProxy started.
pub(super) fn matches(address: IpAddr, pattern: &str) -> Truth {
    let Some((network, bits)) = network(pattern) else {
        return Truth::Undecidable(Doubt::NotEvaluated(format!("the address `{pattern}`")));
    };
    Truth::of(match (address.to_canonical(), network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            in_v6(u128::from(address), u128::from(network), bits)
        }
        (IpAddr::V4(address), IpAddr::V6(network)) => in_v6(
            u128::from(address.to_ipv6_mapped()),
            u128::from(network),
            bits,
        ),
        (IpAddr::V6(_), IpAddr::V4(_)) => false,
    })
}

fn in_v6(address: u128, network: u128, bits: u32) -> bool {
    let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
    address & mask == network & mask
}

/// A network and the length of its prefix.
fn network(pattern: &str) -> Option<(IpAddr, u32)> {
    let (address, mask) = match pattern.split_once('/') {
        Some((address, mask)) => (address, Some(mask)),
        None => (pattern, None),
    };
    if let Ok(address) = address.parse::<Ipv6Addr>() {
        let bits = mask.map_or(Some(128), |mask| mask.parse().ok())?;
        return (bits <= 128).then_some((IpAddr::V6(address), bits));
    }
    let address = v4(address, mask.is_some())?;
    let bits = match mask {
        None => 32,
        Some(mask) => match mask.parse::<u32>() {
            Ok(bits) => bits,
            Err(_) => {
                let mask = u32::from(mask.parse::<Ipv4Addr>().ok()?);
                let ones = mask.leading_ones();
                (mask.count_ones() == ones).then_some(ones)?
            }
        },
    };
    (bits <= 32).then_some((IpAddr::V4(address), bits))
}

/// With a mask, bytes at the end may be left out: `10/8`.
fn v4(text: &str, may_be_short: bool) -> Option<Ipv4Addr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if !may_be_short {
        return None;
    }
    let mut bytes = [0_u8; 4];
    let mut parts = text.split('.');
    for byte in &mut bytes {
        match parts.next() {
            Some(part) => *byte = part.parse().ok()?,
            None => break,
        }
    }
    parts.next().is_none().then_some(Ipv4Addr::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, pattern: &str, expected: bool) {
        let value = matches(address.parse().unwrap(), pattern);
        assert_eq!(value, Truth::of(expected), "{address} in {pattern}");
    }

    #[test]
    fn networks_of_both_families() {
        check("192.0.2.7", "192.0.2.0/24", true);
        check("192.0.3.7", "192.0.2.0/24", false);
        check("192.0.2.7", "192.0.2.7", true);
        check("192.0.2.7", "192.0.2.0/255.255.255.0", true);
        check("10.9.8.7", "10/8", true);
        check("10.9.8.7", "0.0.0.0/0", true);
        check("2001:db8::7", "2001:db8::/32", true);
        check("2001:db9::7", "2001:db8::/32", false);
        check("::ffff:192.0.2.7", "192.0.2.0/24", true);
        check("2001:db8::7", "192.0.2.0/24", false);
    }

    #[test]
    fn a_host_name_decides_nothing() {
        let value = matches("192.0.2.7".parse().unwrap(), "office.example.com");
        assert!(matches!(value, Truth::Undecidable(_)));
    }
}
