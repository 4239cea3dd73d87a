//! Which addresses programs are told at. Whoever may change settings must not make Rollbook ask what only it can reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How far requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To addresses of the internet, encrypted.
    Public,
    /// To this machine, too, without encryption: for a system on one's own machine, and tests.
    LoopbackToo,
}

/// Why an address is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    #[error("the address does not begin with https://")]
    NotHttps,
    #[error("the address has a user name or a password in it")]
    HasPassword,
    #[error("the address is none of the internet")]
    NotPublic,
}

/// Checks what can be told without asking for the address of a name; [`PublicNames`] checks that.
///
/// # Errors
///
/// Where the address must not be asked.
pub(crate) fn check(url: &Url, reach: Reach) -> Result<(), AddressProblem> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressProblem::HasPassword);
    }
    let host = url.host_str().unwrap_or_default();
    let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    if literal.is_some_and(|ip| !may_be_asked(ip, reach)) {
        return Err(AddressProblem::NotPublic);
    }
    let is_loopback = host == "localhost" || literal.is_some_and(|ip| ip.is_loopback());
    let plain_is_fine = reach == Reach::LoopbackToo && is_loopback && url.scheme() == "http";
    if url.scheme() == "https" || plain_is_fine { Ok(()) } else { Err(AddressProblem::NotHttps) }
}

/// Looks up names, and leaves out every address that must not be asked: a name may have another one at any moment, so that
/// it has to be looked at where the connection is made.
pub(crate) struct PublicNames {
    pub(crate) reach: Reach,
}

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| may_be_asked(address.ip(), reach)).collect();
            if public.is_empty() {
                return Err(AddressProblem::NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

fn may_be_asked(ip: IpAddr, reach: Reach) -> bool {
    reach == Reach::LoopbackToo && ip.is_loopback() || is_public(ip)
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let special = (a, b, c) == (192, 0, 0) || (a, b) == (198, 18) || (a, b) == (198, 19) || a == 0 || a >= 240;
    !(shared
        || special
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation())
}

/// Only what is given out as global unicast, and no form that has an IPv4 address in it which must not be asked.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(inner) = ip.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let parts = ip.segments();
    let global = parts[0] & 0xe000 == 0x2000;
    let six_to_four = parts[0] == 0x2002;
    let special = parts[0] == 0x2001 && (parts[1] < 0x200 || parts[1] == 0x0db8);
    global && !six_to_four && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(url: &str, reach: Reach) -> Result<(), AddressProblem> {
        check(&url.parse().expect("an address"), reach)
    }

    #[test]
    fn only_the_internet_is_asked_and_only_encrypted() {
        for good in ["https://hooks.example.org/a?b=c", "https://93.184.215.14/", "https://[2606:4700::1111]:8443/"] {
            assert_eq!(checked(good, Reach::Public), Ok(()), "{good}");
        }
        let hosts = [
            "127.0.0.1",
            "127.1",
            "0x7f000001",
            "2130706433",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "[::1]",
            "[::]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[::ffff:169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::1]",
            "[2001:db8::1]",
            "[ff02::1]",
        ];
        for host in hosts {
            let url = format!("https://{host}/");
            assert_eq!(checked(&url, Reach::Public), Err(AddressProblem::NotPublic), "{url}");
        }
        assert_eq!(checked("http://hooks.example.org/", Reach::Public), Err(AddressProblem::NotHttps));
        assert_eq!(checked("ftp://hooks.example.org/", Reach::Public), Err(AddressProblem::NotHttps));
        assert_eq!(checked("https://me:secret@hooks.example.org/", Reach::Public), Err(AddressProblem::HasPassword));
    }

    #[test]
    fn this_machine_is_asked_only_where_that_is_switched_on() {
        assert_eq!(checked("http://127.0.0.1:9000/", Reach::LoopbackToo), Ok(()));
        assert_eq!(checked("http://localhost:9000/", Reach::LoopbackToo), Ok(()));
        assert_eq!(checked("http://localhost:9000/", Reach::Public), Err(AddressProblem::NotHttps));
        assert_eq!(checked("http://10.0.0.1/", Reach::LoopbackToo), Err(AddressProblem::NotPublic));
        assert_eq!(checked("http://hooks.example.org/", Reach::LoopbackToo), Err(AddressProblem::NotHttps));
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_no_address_of_the_internet() {
        let resolve = async |reach| PublicNames { reach }.resolve("localhost".parse().expect("a name")).await.is_ok();
        assert!(!resolve(Reach::Public).await);
        assert!(resolve(Reach::LoopbackToo).await);
    }
}
