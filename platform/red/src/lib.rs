//! Which addresses a URL that somebody gave us may lead to: those of the public internet. Anything else is a way into
//! our own network.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether this is an address of the public internet, and not one of this machine, its network, its provider's
/// metadata, or one of those in another form.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match embedded(ip) {
            Some(inside) => is_public_v4(inside),
            None => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local() // the metadata of clouds is here
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // shared by the customers of a carrier
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

/// Global unicast is 2000::/3; the rest is loopback, unique local, link-local, multicast or nothing yet.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let global = parts[0] & 0xe000 == 0x2000;
    let special = match (parts[0], parts[1]) {
        // Protocol assignments, Teredo among them, and two ranges for examples.
        (0x2001, low) => low < 0x0200 || low == 0x0db8,
        (0x3fff, low) => low < 0x1000,
        _ => false,
    };
    global && !special
}

/// The IPv4 address that an IPv6 one leads to: mapped, compatible, translated (NAT64) or tunnelled (6to4).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = ip.segments();
    let low = |at: usize| Ipv4Addr::from((u32::from(parts[at]) << 16) | u32::from(parts[at + 1]));
    match parts {
        [0, 0, 0, 0, 0, 0xffff | 0, _, _] => Some(low(6)),
        [0, 0, 0, 0, 0xffff, 0, _, _] => Some(low(6)),
        [0x64, 0xff9b, ..] => Some(low(6)),
        [0x2002, ..] => Some(low(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::loopback("127.0.0.1")]
    #[case::loopback_elsewhere("127.8.8.8")]
    #[case::nowhere("0.0.0.0")]
    #[case::this_network("0.1.2.3")]
    #[case::private_10("10.1.2.3")]
    #[case::private_172("172.31.255.1")]
    #[case::private_192("192.168.1.1")]
    #[case::metadata("169.254.169.254")]
    #[case::carrier("100.64.0.1")]
    #[case::carrier_end("100.127.255.255")]
    #[case::protocol("192.0.0.8")]
    #[case::example("192.0.2.1")]
    #[case::benchmark("198.19.0.1")]
    #[case::multicast("224.0.0.1")]
    #[case::reserved("240.0.0.1")]
    #[case::broadcast("255.255.255.255")]
    #[case::loopback_6("::1")]
    #[case::nowhere_6("::")]
    #[case::unique_local("fd00::1")]
    #[case::metadata_6("fd00:ec2::254")]
    #[case::link_local("fe80::1")]
    #[case::site_local("fec0::1")]
    #[case::multicast_6("ff02::1")]
    #[case::example_6("2001:db8::1")]
    #[case::teredo("2001::1")]
    #[case::mapped("::ffff:127.0.0.1")]
    #[case::mapped_private("::ffff:10.0.0.1")]
    #[case::compatible("::127.0.0.1")]
    #[case::translated("::ffff:0:127.0.0.1")]
    #[case::nat64("64:ff9b::7f00:1")]
    #[case::nat64_local("64:ff9b:1::a00:1")]
    #[case::six_to_four("2002:7f00:1::")]
    fn what_is_inside_is_no_public_address(#[case] ip: IpAddr) {
        assert!(!is_public(ip));
    }

    #[rstest]
    #[case("1.1.1.1")]
    #[case("100.63.255.255")]
    #[case("100.128.0.1")]
    #[case("172.32.0.1")]
    #[case("190.12.3.4")]
    #[case("2606:4700::1111")]
    #[case("2800:200::1")]
    #[case("::ffff:1.1.1.1")]
    #[case("64:ff9b::101:101")]
    fn the_internet_is(#[case] ip: IpAddr) {
        assert!(is_public(ip));
    }
}
