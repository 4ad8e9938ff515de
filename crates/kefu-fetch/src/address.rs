use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Networks that may be reached although they are not public.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads networks such as `10.1.0.0/16`, `fd00::/8` or single addresses. `Err` is the first
    /// one that is neither.
    ///
    /// # Errors
    /// The text that names no network.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let network = |text: &str| {
            let single = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or_else(|_| single()).map_err(|_| text.to_owned())
        };
        texts.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address may be connected to: a public one, or one of these networks.
    pub(crate) fn allow(&self, address: IpAddr) -> bool {
        is_public(address) || self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

/// Whether an address belongs to the public internet, as the IANA registries of special-purpose
/// addresses have it. Addresses that carry an IPv4 address inside are judged by that one.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // Shared by carriers (RFC 6598).
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments and the former 6to4 relays.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        // Benchmarks.
        || (a == 198 && (b == 18 || b == 19))
        // Reserved, and broadcast.
        || a >= 240;
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        // Translated (RFC 6052) and 6to4: as public as what is inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            is_public_v4(v4(high, low))
        }
        // Tunnels and other protocol assignments, documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPECIAL: &[&str] = &[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    ];

    fn public(text: &str) -> bool {
        Networks::default().allow(text.parse().unwrap())
    }

    #[test]
    fn addresses_of_every_kind_are_judged() {
        for inside in [
            "127.0.0.1",
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
            "::1",
            "::",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:0:1::1",
            "2001:db8::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "100::1",
        ] {
            assert!(!public(inside), "{inside}");
        }
        for outside in
            ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::"]
        {
            assert!(public(outside), "{outside}");
        }
        let ours = Networks::parse(["10.1.0.0/16", "fd00::/8", "127.0.0.1"]).unwrap();
        let allowed = |text: &str| ours.allow(text.parse().unwrap());
        assert!(allowed("10.1.2.3") && allowed("::ffff:10.1.2.3") && allowed("fd12::1"));
        assert!(allowed("127.0.0.1") && !allowed("127.0.0.2") && !allowed("10.2.0.1"));
        assert_eq!(Networks::parse(["10.0.0.0/8", "nowhere"]).unwrap_err(), "nowhere");
    }

    proptest! {
        /// The same rule as the registry's list of networks, inside other forms too.
        #[test]
        fn special_networks_are_never_public(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from_bits(bits);
            let networks: Vec<IpNet> = SPECIAL.iter().map(|text| text.parse().unwrap()).collect();
            let is_special = networks.iter().any(|network| network.contains(&IpAddr::V4(v4)));
            prop_assert_eq!(is_public(IpAddr::V4(v4)), !is_special);
            prop_assert_eq!(is_public(IpAddr::V6(v4.to_ipv6_mapped())), !is_special);
            let [a, b, c, d] = v4.octets().map(u16::from);
            let translated =
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d);
            prop_assert_eq!(is_public(IpAddr::V6(translated)), !is_special);
        }
    }
}
