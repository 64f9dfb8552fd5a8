//! Programs that operators call, one rule each: which of their arguments change something.

use crate::event::host::HostKind;
use crate::event::host::scan::base_name;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;
use crate::event::host::scan::starts_with_any;

/// What `program` with `args` changes; `None` when it only looks, or is not known.
pub(super) fn kind(program: &[u8], args: &[&[u8]]) -> Option<HostKind> {
    service(program, args)
        .or_else(|| container(program, args))
        .or_else(|| {
            when(
                filters(program, args) || links(program, args),
                HostKind::Network,
            )
        })
        .or_else(|| certificate(program, args))
        .or_else(|| names(program, args))
        .or_else(|| deployment(program, args))
        .or_else(|| file(program, args))
}

/// Whether one of the arguments is one of `these`.
fn any(args: &[&[u8]], these: &[&[u8]]) -> bool {
    args.iter().any(|arg| these.contains(arg))
}

fn when(found: bool, kind: HostKind) -> Option<HostKind> {
    found.then_some(kind)
}

fn service(program: &[u8], args: &[&[u8]]) -> Option<HostKind> {
    const VERBS: &[&[u8]] = &[
        b"start",
        b"stop",
        b"restart",
        b"reload",
        b"kill",
        b"try-restart",
        b"reload-or-restart",
        b"try-reload-or-restart",
        b"force-reload",
        b"condrestart",
        b"isolate",
        b"mask",
        b"edit",
        b"set-property",
        b"--now",
    ];
    const SCRIPT: &[&[u8]] = &[b"start", b"stop", b"restart", b"reload", b"force-reload"];
    const DOWN: &[&[u8]] = &[b"reboot", b"poweroff", b"halt", b"kexec", b"soft-reboot"];
    // `/etc/init.d/haproxy restart`: the script's name is the service's
    if let [verb] = args
        && SCRIPT.contains(verb)
    {
        return Some(HostKind::OperatorCommand);
    }
    match program {
        b"systemctl" if any(args, DOWN) => Some(HostKind::ShuttingDown),
        b"systemctl" | b"service" | b"rc-service" | b"invoke-rc.d" | b"initctl"
        | b"supervisorctl" | b"sv" | b"monit" | b"pm2" | b"runsvctrl" => when(
            any(args, VERBS) || any(args, &[b"delete"]) && program == b"pm2",
            HostKind::OperatorCommand,
        ),
        b"kill" | b"pkill" | b"killall" | b"skill" => {
            when(!any(args, &[b"-0", b"-l"]), HostKind::OperatorCommand)
        }
        b"haproxy" => when(
            any(args, &[b"-sf", b"-st", b"-D", b"-Ws", b"-W"]) && !any(args, &[b"-c"]),
            HostKind::OperatorCommand,
        ),
        b"apachectl" | b"apache2ctl" | b"catalina.sh" | b"pg_ctl" | b"pg_ctlcluster"
        | b"patronictl" | b"rabbitmqctl" => when(
            any(args, VERBS)
                || any(
                    args,
                    &[b"graceful", b"switchover", b"failover", b"stop_app"],
                ),
            HostKind::OperatorCommand,
        ),
        b"nginx" => when(any(args, &[b"-s"]), HostKind::OperatorCommand),
        b"shutdown.sh" | b"startup.sh" | b"setenforce" | b"setsebool" | b"semanage" => {
            Some(HostKind::OperatorCommand)
        }
        b"reboot" | b"poweroff" | b"halt" => Some(HostKind::ShuttingDown),
        b"shutdown" => when(any(args, &[b"now", b"+0"]), HostKind::ShuttingDown),
        b"init" | b"telinit" => when(any(args, &[b"0", b"6"]), HostKind::ShuttingDown),
        _ => None,
    }
}

fn container(program: &[u8], args: &[&[u8]]) -> Option<HostKind> {
    const VERBS: &[&[u8]] = &[
        b"stop",
        b"start",
        b"restart",
        b"kill",
        b"rm",
        b"down",
        b"up",
        b"pause",
        b"unpause",
        b"update",
        b"destroy",
        b"shutdown",
        b"reboot",
        b"reset",
        b"suspend",
        b"scale",
    ];
    const CLUSTER: &[&[u8]] = &[
        b"delete", b"rollout", b"scale", b"apply", b"drain", b"cordon", b"patch", b"replace",
        b"set", b"edit", b"create",
    ];
    match program {
        b"docker" | b"podman" | b"docker-compose" | b"podman-compose" | b"nerdctl" | b"crictl"
        | b"lxc" | b"lxc-stop" | b"virsh" | b"machinectl" => {
            when(any(args, VERBS), HostKind::OperatorCommand)
        }
        b"kubectl" | b"oc" | b"k3s" => when(
            any(args, CLUSTER) && !any(args, &[b"status", b"--dry-run=client", b"history"]),
            HostKind::OperatorCommand,
        ),
        _ => None,
    }
}

/// Packet filters.
fn filters(program: &[u8], args: &[&[u8]]) -> bool {
    const NFT: &[&[u8]] = &[
        b"add", b"delete", b"flush", b"insert", b"replace", b"destroy", b"create", b"-f", b"--file",
    ];
    const IPTABLES: &[&[u8]] = &[
        b"-A",
        b"-I",
        b"-D",
        b"-R",
        b"-F",
        b"-P",
        b"-X",
        b"-N",
        b"--append",
        b"--insert",
        b"--delete",
        b"--replace",
        b"--flush",
        b"--policy",
    ];
    const FIREWALLD: &[&[u8]] = &[
        b"--add",
        b"--remove",
        b"--reload",
        b"--complete-reload",
        b"--panic-o",
        b"--set",
        b"--change",
        b"--direct",
    ];
    const UFW: &[&[u8]] = &[
        b"enable", b"disable", b"allow", b"deny", b"reject", b"limit", b"delete", b"insert",
        b"reload", b"reset", b"default", b"route",
    ];
    match program {
        b"nft" => any(args, NFT) && !any(args, &[b"-c", b"--check"]),
        b"iptables" | b"ip6tables" | b"iptables-nft" | b"iptables-legacy" | b"ebtables"
        | b"arptables" => any(args, IPTABLES),
        b"iptables-restore" | b"ip6tables-restore" | b"iptables-apply" | b"shorewall" => true,
        b"firewall-cmd" => args.iter().any(|arg| starts_with_any(arg, FIREWALLD)),
        b"ufw" => any(args, UFW),
        b"ipset" => any(
            args,
            &[b"add", b"del", b"flush", b"destroy", b"swap", b"restore"],
        ),
        b"conntrack" => any(args, &[b"-D", b"-F", b"--delete", b"--flush"]),
        _ => false,
    }
}

/// Links, addresses, routes, neighbours; another network namespace is a container's, not the host's.
fn links(program: &[u8], args: &[&[u8]]) -> bool {
    const IP: &[&[u8]] = &[
        b"add", b"del", b"delete", b"set", b"flush", b"replace", b"change", b"append",
    ];
    const NMCLI: &[&[u8]] = &[
        b"up",
        b"down",
        b"modify",
        b"mod",
        b"connect",
        b"disconnect",
        b"delete",
        b"add",
        b"reload",
        b"off",
    ];
    match program {
        b"ip" | b"bridge" => any(args, IP) && !any(args, &[b"netns"]),
        b"tc" => any(args, &[b"add", b"del", b"delete", b"change", b"replace"]),
        b"ifdown" | b"ifup" | b"ifreload" | b"dhclient" | b"wg-quick" => true,
        b"netplan" => any(args, &[b"apply", b"try"]),
        b"nmcli" => any(args, NMCLI),
        b"ifconfig" => args.len() >= 2 && !any(args, &[b"-a", b"-s"]),
        b"route" => any(args, &[b"add", b"del"]),
        b"arp" => any(args, &[b"-d", b"-s"]),
        b"ethtool" => any(
            args,
            &[
                b"-s",
                b"-r",
                b"-K",
                b"-G",
                b"-L",
                b"--reset",
                b"--change",
                b"--set-ring",
            ],
        ),
        b"sysctl" => args
            .iter()
            .any(|arg| arg.starts_with(b"net.") && has(arg, b"=")),
        _ => false,
    }
}

fn certificate(program: &[u8], args: &[&[u8]]) -> Option<HostKind> {
    let changes = match program {
        b"certbot" | b"certbot-auto" | b"letsencrypt" => !any(
            args,
            &[
                b"certificates",
                b"--version",
                b"--dry-run",
                b"--help",
                b"plugins",
                b"show_account",
            ],
        ),
        b"acme.sh" => any(
            args,
            &[
                b"--issue",
                b"--renew",
                b"--renew-all",
                b"--cron",
                b"--install-cert",
                b"--deploy",
                b"--revoke",
            ],
        ),
        b"lego" | b"dehydrated" | b"acme" | b"acmetool" | b"uacme" => {
            !any(args, &[b"list", b"--version", b"status"])
        }
        b"update-ca-certificates" | b"update-ca-trust" => true,
        b"openssl" => any(
            args,
            &[
                b"req",
                b"ca",
                b"genrsa",
                b"genpkey",
                b"-signkey",
                b"-CA",
                b"pkcs12",
            ],
        ),
        _ => false,
    };
    when(changes, HostKind::Certificate)
}

fn names(program: &[u8], args: &[&[u8]]) -> Option<HostKind> {
    let changes = match program {
        b"rndc" => any(
            args,
            &[
                b"reload",
                b"flush",
                b"flushname",
                b"reconfig",
                b"freeze",
                b"thaw",
                b"retransfer",
                b"stop",
            ],
        ),
        b"unbound-control" => any(
            args,
            &[
                b"reload",
                b"local_data",
                b"local_zone",
                b"flush",
                b"flush_zone",
                b"stop",
            ],
        ),
        b"resolvectl" | b"systemd-resolve" => any(
            args,
            &[
                b"flush-caches",
                b"--flush-caches",
                b"dns",
                b"domain",
                b"revert",
            ],
        ),
        b"nsupdate" | b"pdnsutil" => true,
        b"hostnamectl" => any(args, &[b"set-hostname", b"hostname"]) && args.len() > 1,
        _ => false,
    };
    when(changes, HostKind::Dns)
}

fn deployment(program: &[u8], args: &[&[u8]]) -> Option<HostKind> {
    const PACKAGES: &[&[u8]] = &[
        b"install",
        b"upgrade",
        b"dist-upgrade",
        b"full-upgrade",
        b"remove",
        b"purge",
        b"autoremove",
        b"update",
        b"downgrade",
        b"reinstall",
        b"erase",
        b"refresh",
        b"revert",
        b"rollback",
    ];
    let changes = match program {
        // `apt update` only reads the lists
        b"apt" | b"apt-get" | b"aptitude" => any(args, PACKAGES) && !any(args, &[b"update"]),
        b"dnf" | b"yum" | b"microdnf" | b"zypper" | b"snap" | b"helm" | b"apk" | b"pip"
        | b"pip3" | b"npm" => any(args, PACKAGES),
        b"dpkg" => any(
            args,
            &[b"-i", b"--install", b"-r", b"--remove", b"-P", b"--purge"],
        ),
        b"rpm" => args.iter().any(|arg| {
            starts_with_any(
                arg,
                &[
                    b"-U",
                    b"-i",
                    b"-e",
                    b"-F",
                    b"--install",
                    b"--upgrade",
                    b"--erase",
                ],
            )
        }),
        b"ansible-playbook" => !any(
            args,
            &[b"--check", b"-C", b"--syntax-check", b"--list-hosts"],
        ),
        b"puppet" => {
            any(args, &[b"agent", b"apply"]) && !any(args, &[b"--noop", b"--disable", b"--enable"])
        }
        b"chef-client" | b"salt-call" | b"unattended-upgrade" => true,
        b"git" => any(args, &[b"pull", b"checkout", b"reset"]),
        _ => program.starts_with(b"deploy"),
    };
    when(changes, HostKind::Deploy)
}

/// Editors and copies onto a configuration, never a copy of it to somewhere else.
fn file(program: &[u8], args: &[&[u8]]) -> Option<HostKind> {
    let target = match program {
        b"vi" | b"vim" | b"nvim" | b"nano" | b"emacs" | b"ed" | b"joe" | b"mcedit"
        | b"sudoedit" | b"sudo-edit" | b"tee" | b"truncate" | b"patch" | b"rm" | b"mv"
        | b"unlink" => args.iter().find(|arg| is_config(arg)),
        b"sed" | b"perl" => args.iter().find(|arg| is_config(arg)).filter(|_| {
            args.iter().any(|arg| {
                arg.starts_with(b"-i") || arg.starts_with(b"-pi") || *arg == b"--in-place"
            })
        }),
        b"cp" | b"install" | b"rsync" | b"ln" | b"scp" => args.last().filter(|arg| is_config(arg)),
        _ => None,
    }?;
    if has_any(target, &[b".pem", b".crt", b".key", b"/certs/"]) {
        return Some(HostKind::Certificate);
    }
    Some(HostKind::OperatorCommand)
}

/// A path of a configuration: below /etc/haproxy, or of an application; not the copy that somebody keeps beside it.
fn is_config(path: &&[u8]) -> bool {
    const ENDS: &[&[u8]] = &[
        b".cfg",
        b".conf",
        b".yml",
        b".yaml",
        b".properties",
        b".toml",
        b".ini",
        b".env",
        b".json",
        b".xml",
        b".service",
        b".map",
        b".lst",
        b".pem",
        b".crt",
        b".key",
    ];
    const FOLDERS: &[&[u8]] = &[
        b"/etc/",
        b"/usr/local/etc/",
        b"/opt/",
        b"/srv/",
        b"/var/lib/haproxy/",
    ];
    let name = base_name(path);
    let kept = has_any(
        name,
        &[b".bak", b".orig", b".old", b".save", b"backup", b".20"],
    ) || name.ends_with(b"~");
    if kept {
        return false;
    }
    has(path, b"haproxy.cfg")
        || starts_with_any(
            path,
            &[
                b"/etc/haproxy",
                b"/usr/local/etc/haproxy",
                b"/etc/hosts",
                b"/etc/resolv.conf",
            ],
        )
        || ENDS.iter().any(|end| name.ends_with(end))
            && (starts_with_any(path, FOLDERS) || !has(path, b"/"))
}
