//! Lines of every source with what they say, and lines that must say nothing.

use crate::event::host::HostKind;
use crate::event::host::decode;
use crate::event::host::sources;

/// One `identifier: body => subject` a line.
#[track_caller]
fn check(kind: HostKind, rows: &str) {
    for row in rows.lines().filter(|row| !row.is_empty()) {
        let (line, subject) = row.rsplit_once(" =>").unwrap();
        let (ident, body) = line.split_once(": ").unwrap();
        let event = decode(ident.as_bytes(), body.as_bytes());
        let seen = event.map(|event| (event.kind, event.subject));
        assert_eq!(seen, Some((kind, subject.trim().to_owned())), "{row}");
    }
}

/// One `identifier: body` a line.
#[track_caller]
fn check_silent(rows: &str) {
    for row in rows.lines().filter(|row| !row.is_empty()) {
        let (ident, body) = row.split_once(": ").unwrap();
        assert_eq!(decode(ident.as_bytes(), body.as_bytes()), None, "{row}");
    }
}

/// One command a line, run through sudo.
#[track_caller]
fn check_sudo(kind: Option<HostKind>, commands: &str) {
    for command in commands.lines().filter(|row| !row.is_empty()) {
        let body = format!("     ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND={command}");
        let seen = decode(b"sudo", body.as_bytes()).map(|event| (event.kind, event.subject));
        assert_eq!(
            seen,
            kind.map(|kind| (kind, command.to_owned())),
            "{command}"
        );
    }
}

#[test]
fn stopped_units_containers_and_applications() {
    check(HostKind::UnitStopped, UNITSTOPPED);
}

#[test]
fn started_units_and_applications() {
    check(HostKind::UnitStarted, UNITSTARTED);
}

#[test]
fn reloaded_units() {
    check(HostKind::UnitReloaded, UNITRELOADED);
}

#[test]
fn changes_of_the_network() {
    check(HostKind::Network, NETWORK);
}

#[test]
fn failed_units_and_crashed_processes() {
    check(HostKind::UnitFailed, UNITFAILED);
}

#[test]
fn killed_for_memory() {
    check(HostKind::OomKill, OOMKILL);
}

#[test]
fn booted_hosts() {
    check(HostKind::Booted, BOOTED);
}

#[test]
fn hosts_going_down() {
    check(HostKind::ShuttingDown, SHUTTINGDOWN);
}

#[test]
fn floods_name_their_port() {
    check(HostKind::SynFlood, SYNFLOOD);
}

#[test]
fn a_full_table_of_connections() {
    check(HostKind::ConntrackFull, CONNTRACKFULL);
}

#[test]
fn commands_of_other_tools_than_sudo() {
    check(HostKind::OperatorCommand, OPERATORCOMMAND);
}

#[test]
fn secrets_of_commands_are_masked() {
    check(HostKind::SocketCommand, SOCKETCOMMAND);
}

#[test]
fn names_and_resolvers() {
    check(HostKind::Dns, DNS);
}

#[test]
fn certificates_renewed_and_expired() {
    check(HostKind::Certificate, CERTIFICATE);
}

#[test]
fn full_disks() {
    check(HostKind::DiskFull, DISKFULL);
}

#[test]
fn broken_disks() {
    check(HostKind::DiskFailed, DISKFAILED);
}

#[test]
fn denials_of_policies() {
    check(HostKind::AccessDenied, ACCESSDENIED);
}

#[test]
fn deployments() {
    check(HostKind::Deploy, DEPLOY);
}

#[test]
fn lost_log_lines() {
    check(HostKind::LogsSuppressed, LOGSSUPPRESSED);
}

#[test]
fn budgets_of_the_kernel_that_are_used_up() {
    check(HostKind::KernelLimit, KERNELLIMIT);
}

#[test]
fn clocks_that_were_set() {
    check(HostKind::TimeStep, TIMESTEP);
}

#[test]
fn slow_and_stalled_work() {
    check(HostKind::AppSlow, APPSLOW);
}

#[test]
fn operators_are_told_by_what_they_touch() {
    check_sudo(Some(HostKind::SocketCommand), SUDO_SOCKETCOMMAND);
    check_sudo(Some(HostKind::OperatorCommand), SUDO_OPERATORCOMMAND);
    check_sudo(Some(HostKind::Network), SUDO_NETWORK);
    check_sudo(Some(HostKind::Certificate), SUDO_CERTIFICATE);
    check_sudo(Some(HostKind::Deploy), SUDO_DEPLOY);
    check_sudo(Some(HostKind::Dns), SUDO_DNS);
    check_sudo(None, SUDO_NONE);
}

#[test]
fn housekeeping_logins_and_lookalikes_say_nothing() {
    check_silent(SILENT);
}

#[test]
fn each_source_has_one_row() {
    let mut names: Vec<&str> = sources().collect();
    let n_rows = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), n_rows);
}

const UNITSTOPPED: &str = r#"
systemd: Stopping app.service - Example web application... => app.service
systemd: Stopped app.service - Example web application. => app.service
systemd: Stopped The Apache HTTP Server. => The Apache HTTP Server
systemd: Stopped app.service. => app.service
systemd: app.service: Deactivated successfully. => app.service
systemd: app.service: Succeeded. => app.service
systemd: app.service: State 'stop-sigterm' timed out. Killing. => app.service
systemd: app.service: Main process exited, code=exited, status=143/n/a => app.service
init.scope: Stopped app@2.service - Example worker 2. => app@2.service
: Stopped app.service - Example web application. => app.service
podman: 2026-06-05 21:53:40.1 +0000 UTC m=+0.1 container died 3f1c9a (image=registry.example/app:1.2, name=app1, x=y) => app1
dockerd: time="2026-06-05T21:53:40Z" level=info msg="Container failed to exit within 10s of signal 15 - using the force" container=3f1c9a => 3f1c9a
kubelet: I0605 21:53:40.1 812 kuberuntime_container.go:7] "Killing container with a grace period" pod="shop/app-7d4f" containerName="app" => shop/app-7d4f
app: [2026-06-05 21:53:40 +0000] [812] [INFO] Shutting down: Master => app
: INFO:     Application shutdown complete. =>
nginx: 2026/06/05 21:53:40 [notice] 812#812: signal 15 (SIGTERM) received from 1, exiting => nginx
httpd: AH00169: caught SIGTERM, shutting down => httpd
tomcat.service: INFO [main] org.apache.coyote.AbstractProtocol.stop Stopping ProtocolHandler ["http-nio-8080"] => tomcat
"#;

const UNITSTARTED: &str = r#"
systemd: Started app.service - Example web application. => app.service
systemd: Started HAProxy Load Balancer. => HAProxy Load Balancer
java: Started ExampleApplication in 4.2 seconds (JVM running for 5.1) => java
catalina: org.apache.catalina.startup.Catalina.start Server startup in [4211] milliseconds => catalina
"#;

const UNITRELOADED: &str = r#"
systemd: Reloading haproxy.service - HAProxy Load Balancer... => haproxy.service
systemd: Reloaded HAProxy Load Balancer. => HAProxy Load Balancer
"#;

const NETWORK: &str = r#"
systemd: Reloaded nftables.service - nftables. => nftables.service
systemd: Stopped firewalld - dynamic firewall daemon. => firewalld - dynamic firewall daemon
kernel: e1000e 0000:00:1f.6 eno1: NIC Link is Down => eno1
kernel: igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Up 1000 Mbps Full Duplex => eth0
kernel: mlx5_core 0000:3b:00.0 ens1f0: Link down => ens1f0
kernel: e1000: eth1 NIC Link is Down => eth1
kernel: bond0: (slave eth0): link status definitely down, disabling slave => eth0
kernel: e1000 0000:00:03.0 ens3: renamed from eth0 => ens3
kernel: neighbour: arp_cache: neighbor table overflow! => arp_cache
systemd-networkd: eth0: Lost carrier => eth0
NetworkManager: <info>  [1780000000.1234] device (eth0): state change: activated -> unavailable (reason 'carrier-changed') => eth0
Keepalived_vrrp: (VI_1) Entering MASTER STATE => VI_1
Keepalived_vrrp: VRRP_Instance(VI_1) Transition to MASTER STATE => VI_1
Keepalived_vrrp: Script `chk_haproxy` now returning 1 => chk_haproxy
dhclient: No DHCPOFFERS received. =>
avahi-daemon: Withdrawing address record for 10.0.1.5 on eth0. => eth0
"#;

const UNITFAILED: &str = r#"
systemd: app.service: Main process exited, code=killed, status=9/KILL => app.service
systemd: app.service: Main process exited, code=dumped, status=11/SEGV => app.service
systemd: app.service: main process exited, code=exited, status=1/FAILURE => app.service
systemd: app.service: Failed with result 'exit-code'. => app.service
systemd: app.service: Scheduled restart job, restart counter is at 3. => app.service
systemd: app.service holdoff time over, scheduling restart. => app.service
systemd: Unit app.service entered failed state. => app.service
systemd: app.service failed. => app.service
systemd: start request repeated too quickly for app.service => app.service
systemd: Failed to start app.service - Example web application. => app.service
systemd: app.service: Watchdog timeout (limit 3min)! => app.service
(app): app.service: Failed to locate executable /opt/app/run: No such file or directory => app.service
kernel: java[1234]: segfault at 0 ip 00007f00 sp 00007f01 error 4 in libjvm.so[7f0+1] => java
systemd-coredump: [🡕] Process 4711 (haproxy) of user 104 dumped core. => haproxy
kernel: traps: app[77] general protection fault ip:4 sp:7 error:0 in app[4+1] => app
systemd-coredump: Process 1234 (java) of user 1001 dumped core. => java
dockerd: container die 3f1c9a (exitCode=137, image=app, name=app1) => app1
gunicorn: [ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory? => gunicorn
"#;

const OOMKILL: &str = r#"
systemd: app.service: A process of this unit has been killed by the OOM killer. => app.service
systemd: app.service: Failed with result 'oom-kill'. => app.service
systemd: app.service: systemd-oomd killed 3 process(es) in this unit. => app.service
systemd-oomd: Killed /system.slice/app.service due to memory pressure for /system.slice being 66% > 50% => app.service
earlyoom: sending SIGTERM to process 1234 uid 1001 "java": badness 900, VmRSS 3000 MiB => java
kernel: Out of memory: Killed process 1234 (java) total-vm:8kB, anon-rss:7kB => java
kernel: Out of memory: Kill process 1234 (java) score 901 or sacrifice child => java
kernel: [ 4711.123456] Memory cgroup out of memory: Killed process 9 (node) total-vm:8kB => node
kernel: oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/app.service,task_memcg=/system.slice/app.service,task=node,pid=9,uid=1001 => app.service
kernel: oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice/user-1.slice/session-2.scope,task=node,pid=9,uid=1001 => node
kernel: postgres invoked oom-killer: gfp_mask=0x140cca, order=0, oom_score_adj=0 =>
: [  12.000001] Out of memory: Killed process 1234 (java) total-vm:8kB => java
"#;

const BOOTED: &str = r#"
kernel: Linux version 6.1.0-18-amd64 (builder@example.net) (gcc) #1 SMP =>
systemd: Startup finished in 2.1s (kernel) + 9.8s (userspace) = 11.9s. =>
: -- Boot 0123456789abcdef0123456789abcdef -- => 0123456789abcdef0123456789abcdef
: -- Reboot -- =>
"#;

const SHUTTINGDOWN: &str = r#"
systemd: Reached target poweroff.target - System Power Off. =>
systemd: Reached target Reboot. =>
systemd: Reached target shutdown.target - System Shutdown. =>
systemd-shutdown: Syncing filesystems and block devices. =>
systemd-logind: System is rebooting. =>
kernel: reboot: Restarting system =>
sudo: ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/usr/sbin/reboot => /usr/sbin/reboot
"#;

const SYNFLOOD: &str = r#"
kernel: TCP: request_sock_TCP: Possible SYN flooding on port 22. Sending cookies. => port 22
kernel: TCP: request_sock_TCP: Possible SYN flooding on port [::]:443. Dropping request. => port 443
"#;

const CONNTRACKFULL: &str = r#"
kernel: nf_conntrack: nf_conntrack: table full, dropping packet => nf_conntrack
"#;

const OPERATORCOMMAND: &str = r#"
doas: ops ran command /usr/bin/systemctl restart app as root from /home/ops => /usr/bin/systemctl restart app
pkexec: ops: Executing command [USER=root] [TTY=/dev/pts/1] [CWD=/home/ops] [COMMAND=/usr/bin/systemctl stop app] => /usr/bin/systemctl stop app
user@1000.service:   ops : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl reload haproxy => /usr/bin/systemctl reload haproxy
:   ops : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl reload haproxy => /usr/bin/systemctl reload haproxy
"#;

const SOCKETCOMMAND: &str = r#"
sudo: ops : TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/curl -u admin:geheim -X POST http://127.0.0.1:5555/v3/services/haproxy/reloads => /usr/bin/curl -u *** -X POST http://127.0.0.1:5555/v3/services/haproxy/reloads
"#;

const DNS: &str = r#"
named: zone example.com/IN: loaded serial 2026060501 => example.com
named: client @0x7f 10.0.1.5#5353 (app.example.com): query failed (SERVFAIL) for app.example.com/IN/A at query.c:7 => app.example.com
unbound: [812:0] error: SERVFAIL <app.example.com. A IN>: all the configured stub or forward servers failed => app.example.com
systemd-resolved: Switching to DNS server 192.0.2.53 for interface eth0. => 192.0.2.53
dnsmasq: using nameserver 192.0.2.53#53 => 192.0.2.53
dnsmasq: reply app.example.com is NXDOMAIN => app.example.com
coredns: [ERROR] plugin/errors: 2 app.example.com. A: read udp 10.0.1.5:3->192.0.2.53:53: i/o timeout => app.example.com
"#;

const CERTIFICATE: &str = r#"
certbot: Renewing an existing certificate for app.example.com => app.example.com
app: tls: failed to verify certificate: x509: certificate has expired or is not yet valid => app
nginx: SSL_do_handshake() failed (SSL: error:0A000415:SSL routines::sslv3 alert certificate expired) => nginx
"#;

const DISKFULL: &str = r#"
app: write /var/lib/app/journal: No space left on device => app
"#;

const DISKFAILED: &str = r#"
kernel: blk_update_request: I/O error, dev sda, sector 4711 op 0x0:(READ) => sda
kernel: EXT4-fs (sda1): Remounting filesystem read-only => sda1
kernel: nfs: server nas.example.net not responding, still trying => nas.example.net
"#;

const ACCESSDENIED: &str = r#"
audit: AVC avc:  denied  { name_connect } for  pid=1 comm="haproxy" dest=8080 permissive=0 => haproxy
kernel: audit: type=1400 audit(1780000000.123:45): apparmor="DENIED" operation="connect" profile="app" pid=1 comm="app" => app
setroubleshoot: SELinux is preventing /usr/sbin/haproxy from name_connect access on the tcp_socket port 8080. => haproxy
"#;

const DEPLOY: &str = r#"
ansible-ansible.legacy.systemd: Invoked with name=haproxy state=restarted enabled=None => systemd haproxy restarted
python3: ansible-copy Invoked with src=/tmp/x dest=/etc/haproxy/haproxy.cfg mode=None => copy /etc/haproxy/haproxy.cfg
puppet-agent: (/Stage[main]/Haproxy::Service/Service[haproxy]) Triggered 'refresh' from 1 event => Service[haproxy]
ansible-command: Invoked with warn=True _raw_params=systemctl restart app removes=None => command
yum: Updated: haproxy-2.4.22-3.el9.x86_64 => haproxy-2.4.22-3.el9.x86_64
deploy: app 1.2 token=geheim to app1 => app 1.2 token=*** to app1
"#;

const LOGSSUPPRESSED: &str = r#"
systemd-journald: Suppressed 123 messages from haproxy.service => haproxy.service
systemd-journald: Suppressed 123 messages from /system.slice/haproxy.service => haproxy.service
rsyslogd: imuxsock lost 85 messages from pid 3028 due to rate-limiting => pid 3028
rsyslogd: imjournal: 20 messages lost due to rate-limiting (20000 allowed within 600 seconds) =>
"#;

const KERNELLIMIT: &str = r#"
kernel: TCP: out of memory -- consider tuning tcp_mem => tcp_mem
kernel: TCP: too many orphaned sockets => tcp_max_orphans
kernel: VFS: file-max limit 1024 reached => fs.file-max
"#;

const TIMESTEP: &str = r#"
chronyd: System clock was stepped by -3.141592 seconds =>
ntpd: time reset +12.1 s =>
"#;

const APPSLOW: &str = r#"
gunicorn: [CRITICAL] WORKER TIMEOUT (pid:12) => gunicorn
nginx: 2026/06/05 21:53:40 [error] 9#9: *7 upstream timed out (110: Connection timed out), client: 192.0.2.7, request: "GET / HTTP/1.1", upstream: "http://10.0.1.5:8080/" => nginx
app: level=warn msg="slow query" duration=2.3s => app
kernel: rcu: INFO: rcu_sched self-detected stall on CPU => rcu
kernel: INFO: task java:1234 blocked for more than 120 seconds. => java
"#;

const SUDO_SOCKETCOMMAND: &str = r#"
/usr/bin/socat stdio /run/haproxy/admin.sock
/usr/bin/socat - UNIX-CONNECT:/var/lib/haproxy/stats
/usr/bin/bash -c echo disable server be_app/app1 | socat stdio /run/haproxy/admin.sock
/usr/bin/hatop -s /run/haproxy/admin.sock
/usr/bin/curl -X PUT http://127.0.0.1:5555/v3/services/haproxy/runtime/servers/app1
"#;

const SUDO_OPERATORCOMMAND: &str = r#"
/usr/bin/systemctl reload haproxy
/usr/bin/systemctl --no-block restart app.service
/usr/sbin/service haproxy restart
/etc/init.d/haproxy stop
/usr/bin/vim /etc/haproxy/haproxy.cfg
/usr/bin/cp /tmp/new.cfg /etc/haproxy/haproxy.cfg
/usr/bin/tee /etc/haproxy/haproxy.cfg
/usr/bin/sed -i s/app1/app2/ /etc/haproxy/haproxy.cfg
/usr/bin/rsync -a /tmp/haproxy/ /etc/haproxy/
/usr/bin/docker stop app1
/usr/bin/kill -9 4711
/bin/sh -c cd /opt/app && systemctl restart app
/usr/bin/timeout 30 systemctl stop app
"#;

const SUDO_NETWORK: &str = r#"
/usr/sbin/nft -f /etc/nftables.conf
/usr/sbin/nft flush ruleset
/usr/sbin/iptables -I INPUT -p tcp --dport 8080 -j DROP
/usr/sbin/ip link set eth0 down
/usr/bin/firewall-cmd --reload
/usr/sbin/ufw deny 8080
/usr/sbin/tc qdisc add dev eth0 root netem delay 3s
/usr/sbin/ifdown eth0
"#;

const SUDO_CERTIFICATE: &str = r#"
/usr/bin/certbot renew
/usr/bin/openssl req -new -key app.key
/usr/bin/cp new.pem /etc/haproxy/certs/site.pem
"#;

const SUDO_DEPLOY: &str = r#"
/usr/bin/apt-get install haproxy
/opt/deploy.sh app 1.2
"#;

const SUDO_DNS: &str = r#"
/usr/sbin/rndc reload example.com
"#;

const SUDO_NONE: &str = r#"
/usr/bin/journalctl -f
/usr/bin/apt list --upgradable
/usr/bin/systemctl status haproxy
/usr/bin/systemctl daemon-reload
/usr/sbin/nft list ruleset
/usr/sbin/iptables -nvL
/usr/sbin/ip addr show
/usr/bin/cat /etc/haproxy/haproxy.cfg
/usr/bin/cp /etc/haproxy/haproxy.cfg /root/haproxy.cfg.bak
/usr/bin/cp /etc/haproxy/haproxy.cfg /etc/haproxy/haproxy.cfg.bak
/usr/sbin/haproxy -c -f /etc/haproxy/haproxy.cfg
/usr/bin/bash -c echo show stat | socat stdio /run/haproxy/admin.sock
/usr/bin/openssl x509 -in /etc/haproxy/certs/site.pem -noout -dates
/usr/bin/grep -r shutdown /var/log
"#;

const SILENT: &str = r#"
systemd: Reached target Shutdown.
systemd: Startup finished in 60ms.
systemd: Reached target Basic System.
app: TCP: out of memory in the pool
app: file-max limit reached
kernel: veth12ab: renamed from eth0
kernel: eth0: renamed from veth12ab
kernel: [UFW BLOCK] IN=eth0 OUT= SRC=192.0.2.7 DST=10.0.1.5 PROTO=TCP carrier lost
systemd-networkd: veth12ab: Gained carrier
systemd-networkd: eth0: Gained IPv6LL
dhclient: DHCPACK of 10.0.1.5 from 10.0.1.1
sudo: ops : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl stop app
sudo: ops : command not allowed ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl stop app
sudo: pam_unix(sudo:session): session opened for user root(uid=0) by ops(uid=1001)
named: zone 0.in-addr.arpa/IN: loaded serial 1
systemd-resolved: Server returned error NXDOMAIN, mitigating potential DNS violation DVE-2018-0001, retrying transaction with reduced feature level UDP.
dnsmasq: reply app.example.com is 10.0.1.5
certbot: Certificate not yet due for renewal
app: certificate will expire in 20 days
audit: AVC avc:  denied  { read } for  pid=1 comm="haproxy" permissive=1
ansible-command: Invoked with warn=True _raw_params=tail -n 5 /var/log/messages removes=None
systemd: Stopped /bin/true.
: MESSAGE=app.service: Deactivated successfully.
kernel: eth0: renamed from phys1Ab2
ansible-setup: Invoked with gather_subset=['all']
puppet-agent: Applied catalog in 12.34 seconds
podman: 2026-06-05 21:53:40.1 container exec_died 3f1c9a (image=app, name=app1)
nginx: 192.0.2.7 - - [05/Jun/2026:21:53:40 +0000] "GET /slow%20query?q=slow query HTTP/1.1" 200 12
app: connection from 192.0.2.7 shut down
sudo: ops : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/grep certificate has expired No space left on device
sshd: Failed password for invalid user No space left on device from 198.51.100.7 port 4242 ssh2
sshd: Accepted publickey for deploy from 10.0.9.15 port 43535 ssh2: ED25519 SHA256:x
CRON: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)
kernel: perf: interrupt took too long (2514 > 2500), lowering kernel.perf_event_max_sample_rate to 79500
kernel: audit: type=1400 audit(1780000000.1:2): apparmor="STATUS" operation="profile_replace" name="/usr/sbin/chronyd"
chronyd: System clock wrong by 0.000412 seconds
chronyd: System clock was stepped by 0.412 seconds
systemd-logind: New session 592 of user deploy.
systemd: Starting app.service - Example web application...
systemd: Finished man-db.service - Daily man-db regeneration.
systemd: man-db.service: Deactivated successfully.
systemd: apt-daily.service: Succeeded.
systemd: fwupd-refresh.service: Failed with result 'exit-code'.
systemd: systemd-tmpfiles-clean.service: Deactivated successfully.
systemd: Started systemd-hostnamed.service - Hostname Service.
systemd: session-592.scope: Deactivated successfully.
systemd: run-user-1000.mount: Succeeded.
systemd: Started Session 592 of user deploy.
systemd: Stopped User Manager for UID 1000.
systemd: Started Daily apt download activities.
systemd: Stopped target Timers.
systemd: Reloading.
systemd: Reloading requested from client PID 812 ('systemctl')...
systemd: Reloading finished in 120 ms.
systemd: rsyslog.service: Sent signal SIGHUP to main process 812 (rsyslogd) on client request.
: Started ServerConnector in 12ms
: 
app: Stopped waiting for the lock.
"#;
