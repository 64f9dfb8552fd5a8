//! Names of systemd units: which are housekeeping, which are the network's own.

use std::sync::LazyLock;

use crate::event::host::phrase::Phrases;
use crate::event::host::scan::starts_with_any;

/// Suffixes of units that can hold an application; mounts, timers, sockets, slices and targets come and go with them.
pub(super) fn is_unit(name: &[u8]) -> bool {
    (name.ends_with(b".service") || name.ends_with(b".scope")) && is_name(name)
}

/// Letters that systemd allows in a unit's name.
fn is_name(name: &[u8]) -> bool {
    name.iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.' | b'\\' | b'@'))
}

/// Whether a name has the suffix of any unit type, of use to us or not.
pub(super) fn is_any_unit(name: &[u8]) -> bool {
    const SUFFIXES: &[&[u8]] = &[
        b".service",
        b".scope",
        b".mount",
        b".automount",
        b".timer",
        b".socket",
        b".slice",
        b".target",
        b".path",
        b".device",
        b".swap",
    ];
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) && is_name(name)
}

/// Units that start and stop on a clock, with a login or on a bus call, whatever the applications do.
pub(super) fn is_housekeeping(name: &[u8]) -> bool {
    const HEADS: &[&[u8]] = &[
        b"apt-",
        b"esm-cache",
        b"logrotate",
        b"man-db",
        b"fwupd",
        b"sysstat",
        b"e2scrub",
        b"fstrim",
        b"dpkg-db-backup",
        b"motd-news",
        b"anacron",
        b"session-",
        b"user@",
        b"user-",
        b"run-",
        b"update-notifier",
        b"ua-",
        b"ubuntu-advantage",
        b"unattended-upgrades",
        b"packagekit",
        b"snap.",
        b"snapd",
        b"phpsessionclean",
        b"certbot",
        b"mdcheck",
        b"mdmonitor",
        b"raid-check",
        b"plocate",
        b"mlocate",
        b"updatedb",
        b"dnf-makecache",
        b"NetworkManager-dispatcher",
        b"networkd-dispatcher",
        b"polkit",
        b"udisks2",
        b"upower",
        b"accounts-daemon",
        b"getty@",
        b"serial-getty@",
        b"cloud-",
        b"apport",
        b"abrt",
        b"pmlogger",
        b"pmie",
        b"insights-client",
        b"rhsmcertd",
        b"sssd-kcm",
        b"unbound-anchor",
        b"dbus-",
        b"dbus.",
        b"ModemManager",
        b"cron.",
        b"crond.",
        b"atd.",
        b"ssh.",
        b"ssh@",
        b"sshd",
    ];
    if name.starts_with(b"systemd-") {
        return !is_network(name) && !name.starts_with(b"systemd-resolved");
    }
    starts_with_any(name, HEADS)
}

/// The same for systemd 248 and older, which writes the description alone.
pub(super) fn is_housekeeping_description(text: &[u8]) -> bool {
    starts_with_any(text, CHORE_HEADS) || CHORES.any(text)
}

/// Units whose start, stop or reload changes rules, routes or addresses.
pub(super) fn is_network(name: &[u8]) -> bool {
    const HEADS: &[&[u8]] = &[
        b"nftables",
        b"firewalld",
        b"iptables",
        b"ip6tables",
        b"ufw.",
        b"shorewall",
        b"netfilter-persistent",
        b"networking.",
        b"network.",
        b"NetworkManager.",
        b"systemd-networkd.",
        b"wg-quick@",
    ];
    starts_with_any(name, HEADS)
}

/// The same for descriptions.
pub(super) fn is_network_description(text: &[u8]) -> bool {
    const HEADS: &[&[u8]] = &[
        b"nftables",
        b"Netfilter Tables",
        b"netfilter persistent",
        b"firewalld",
        b"IPv4 firewall with iptables",
        b"IPv6 firewall with ip6tables",
        b"Uncomplicated firewall",
        b"Raise network interfaces",
        b"LSB: Bring up/down networking",
        b"Shorewall",
        b"Network Configuration",
        b"WireGuard",
    ];
    starts_with_any(text, HEADS) || matches!(text, b"Network Manager" | b"Network Service")
}

/// First words of such descriptions.
const CHORE_HEADS: &[&[u8]] = &[
    b"Session ",
    b"User ",
    b"Daily ",
    b"Weekly ",
    // mounts and transient units
    b"/",
    b"target ",
    b"Periodic ",
    b"Snap ",
    b"Service for snap",
    b"Trigger to ",
    b"Unattended Upgrades",
    b"Wait ",
    b"Permit ",
    b"Apply ",
    b"Dispatch ",
    b"Forward ",
    b"Rotate log",
    b"Discard unused",
    b"Online ext4",
    b"Message of the Day",
    b"Refresh fwupd",
    b"Firmware update",
    b"Run anacron",
    b"PackageKit",
    b"Authorization Manager",
    b"D-Bus",
    b"GnuPG",
    b"Getty on",
    b"Serial Getty",
    b"OpenSSH",
    b"OpenBSD Secure Shell",
    b"Regular background",
    b"Command Scheduler",
    b"Network Manager Script",
    b"Dispatcher daemon",
    b"Clean php",
    b"Certbot",
    b"dnf makecache",
    b"Update a database",
    b"Ubuntu Advantage",
    b"Disk Manager",
    b"Accounts Service",
    b"Modem Manager",
    b"Daemon for power",
    b"Flush Journal",
    b"Journal Service",
    b"Load ",
    b"Create ",
    b"Set ",
    b"Update UTMP",
    b"udev ",
    b"File System Check",
];
static CHORES: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(CHORE_WORDS.iter().copied()));

/// Words anywhere in them.
const CHORE_WORDS: &[&[u8]] = &[
    b"Temporary Directories",
    b"Volatile Files",
    b"man-db",
    b"system activity accounting",
    b"Hostname Service",
    b"Locale Service",
    b"Time & Date Service",
    b" timer",
    b" socket",
    b"Socket",
    b"Login Management",
    b"Login Service",
    b"Snappy",
    b"snap daemon",
    b"Message Bus",
    b"Login Prompts",
];
