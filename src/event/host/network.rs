//! Lines of daemons that configure links, addresses, routes and rules, and of keepalived and routing daemons.

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::scan::before;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;
use crate::event::host::scan::last_word;
use crate::event::host::scan::split;
use crate::event::host::scan::starts_with_any;

pub(super) fn claims(program: &[u8]) -> bool {
    match program {
        b"systemd-networkd" | b"NetworkManager" | b"firewalld" | b"ufw" | b"nft" | b"nftables" => {
            true
        }
        b"dhclient" | b"dhcpcd" | b"avahi-daemon" | b"ifup" | b"ifdown" => true,
        b"bgpd" | b"ospfd" | b"bird" | b"zebra" => true,
        _ => program.starts_with(b"Keepalived") || program.starts_with(b"keepalived"),
    }
}

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let body = line.body;
    let subject = match line.program {
        b"systemd-networkd" | b"dhcpcd" => link(body),
        b"NetworkManager" => network_manager(body),
        b"firewalld" => has(body, b"COMMAND_FAILED").then_some(&b"firewalld"[..]),
        b"ufw" | b"nft" | b"nftables" => {
            has_any(body, &[b"eload", b"nabl", b"isabl", b"lush", b"rror"]).then_some(line.program)
        }
        b"ifup" | b"ifdown" => Some(line.program),
        b"dhclient" => dhcp(body),
        b"avahi-daemon" => avahi(body),
        b"bgpd" | b"ospfd" | b"bird" | b"zebra" => routing(body),
        _ => keepalived(body),
    }?;
    event(HostKind::Network, subject)
}

/// Interfaces that come and go with each container or virtual machine.
pub(super) fn is_virtual(name: &[u8]) -> bool {
    const HEADS: &[&[u8]] = &[
        b"veth", b"vnet", b"tap", b"cali", b"cni", b"lxc", b"docker", b"flannel", b"br-", b"virbr",
        b"qvo", b"qbr", b"lxdbr", b"azv", b"gke", b"eni", b"phys", b"vxlan", b"fpr-", b"rfp-",
        b"qr-", b"qg-",
    ];
    name == b"lo" || starts_with_any(name, HEADS)
}

/// `eth0: Lost carrier`, `eth0: Link DOWN`, `eth0: DHCP lease lost`.
fn link(body: &[u8]) -> Option<&[u8]> {
    const NEWS: &[&[u8]] = &[
        b"Lost carrier",
        b"Gained carrier",
        b"Link UP",
        b"Link DOWN",
        b"DHCP lease lost",
        b"DHCPv4 address ",
        b"DHCPv6 address ",
        b"DHCP: No",
        b"carrier lost",
        b"carrier acquired",
        b"Reconfiguring",
        b"Failed",
    ];
    let (name, rest) = split(body, b": ")?;
    (!is_virtual(name) && starts_with_any(rest, NEWS)).then_some(name)
}

/// `<info>  [1780000000.1234] device (eth0): state change: activated -> unavailable (reason 'carrier-changed', …)`.
fn network_manager(body: &[u8]) -> Option<&[u8]> {
    if let Some(state) = body
        .windows(28)
        .position(|window| window == b"NetworkManager state is now ")
    {
        return body.get(state + 28..);
    }
    const NEWS: &[&[u8]] = &[
        b"-> activated",
        b"state change: activated ->",
        b"carrier: link ",
        b"link connected",
        b"link disconnected",
        b"state changed bound -> ",
        b"-> expire",
        b"-> timeout",
    ];
    let name = between(body, b" (", b"): ")?;
    (!is_virtual(name) && has_any(body, NEWS)).then_some(name)
}

/// A renewed lease is no news; a lost, refused or unanswered one is.
fn dhcp(body: &[u8]) -> Option<&[u8]> {
    const NEWS: &[&[u8]] = &[
        b"No DHCPOFFERS received",
        b"DHCPNAK",
        b"DHCPDECLINE",
        b"lease expired",
    ];
    if !has_any(body, NEWS) {
        return None;
    }
    Some(between(body, b" on ", b" ").unwrap_or_default())
}

/// `Withdrawing address record for 10.0.1.5 on eth0.`
fn avahi(body: &[u8]) -> Option<&[u8]> {
    if !starts_with_any(
        body,
        &[
            b"Withdrawing address record",
            b"Registering new address record",
        ],
    ) {
        return None;
    }
    let name = last_word(body);
    let name = before(name, b".").unwrap_or(name);
    (!is_virtual(name)).then_some(name)
}

/// `%ADJCHANGE: neighbor 192.0.2.1(…) in vrf default Down …`.
fn routing(body: &[u8]) -> Option<&[u8]> {
    if has(body, b"ADJCHANGE") {
        return Some(between(body, b"eighbor ", b" ").unwrap_or_default());
    }
    has_any(body, &[b"BGP session closed", b"State changed to down"])
        .then(|| before(body, b":").unwrap_or_default())
}

/// `(VI_1) Entering MASTER STATE`, `VRRP_Instance(VI_1) Transition to MASTER STATE`, ``Script `chk_haproxy` now returning 1``.
fn keepalived(body: &[u8]) -> Option<&[u8]> {
    if has_any(body, &[b"Entering ", b"Transition to "]) && has(body, b" STATE") {
        return between(body, b"(", b")");
    }
    if has_any(body, &[b" now returning ", b" failed (", b" timed out"]) && has(body, b"cript") {
        return between(body, b"`", b"`").or_else(|| between(body, b"(", b")"));
    }
    if body.starts_with(b"Netlink reports ") {
        return between(body, b"Netlink reports ", b" ");
    }
    None
}
