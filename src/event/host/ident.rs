//! What a syslog identifier says about who wrote a line.

/// The program's bare name: without folder and without the unit suffix that `journalctl -o with-unit` shows instead.
///
/// `init.scope` is systemd itself; a session's scope holds what its user ran, in practice sudo.
pub(super) fn program(ident: &[u8]) -> &[u8] {
    let base = match memchr::memrchr(b'/', ident) {
        Some(slash) => ident.get(slash + 1..).unwrap_or(ident),
        None => ident,
    };
    if base == b"init.scope" {
        return b"systemd";
    }
    if base.starts_with(b"session-") && base.ends_with(b".scope") || base.starts_with(b"user@") {
        return b"sudo";
    }
    match base.strip_suffix(b".service") {
        Some(b"systemd-oomd") => b"systemd-oomd",
        Some(b"rsyslog") => b"rsyslogd",
        Some(b"chrony") => b"chronyd",
        Some(b"docker") => b"dockerd",
        Some(b"ssh") => b"sshd",
        Some(name) => name,
        None => base,
    }
}

/// Programs whose lines never say anything about availability, and may quote what a stranger typed; HAProxy has its own room.
pub(super) fn is_noise(program: &[u8]) -> bool {
    const NOISE: &[&[u8]] = &[
        b"sshd",
        b"sshd-session",
        b"sshd-auth",
        b"CRON",
        b"cron",
        b"crond",
        b"anacron",
        b"logrotate",
        b"run-parts",
        b"fwupd",
        b"fwupdmgr",
        b"man-db",
        b"sysstat",
        b"polkitd",
        b"dbus-daemon",
        b"dbus",
        b"dbus-broker",
        b"systemd-udevd",
        b"systemd-tmpfiles",
        b"systemd-sysctl",
        b"useradd",
        b"usermod",
        b"groupadd",
        b"prometheus-node-exporter",
        b"node_exporter",
        b"snmpd",
        b"motd-news",
        b"haproxy",
    ];
    NOISE.contains(&program)
}

/// Programs whose lines repeat text of a user: a needle in them proves nothing.
pub(super) fn quotes_others(program: &[u8]) -> bool {
    matches!(
        program,
        b"sudo" | b"su" | b"doas" | b"pkexec" | b"audit" | b"auditd" | b"logger" | b"bash"
    )
}

#[cfg(test)]
mod tests {
    use super::program;

    #[test]
    fn units_and_paths_name_their_program() {
        assert_eq!(program(b"init.scope"), b"systemd");
        assert_eq!(program(b"user@1000.service"), b"sudo");
        assert_eq!(program(b"session-c1.scope"), b"sudo");
        assert_eq!(program(b"/usr/sbin/named"), b"named");
        assert_eq!(program(b"ssh.service"), b"sshd");
        assert_eq!(program(b"app.service"), b"app");
        assert_eq!(program(b""), b"");
        assert_eq!(program(b"odd/"), b"");
    }
}
