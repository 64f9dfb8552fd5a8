//! A command line -> the kind of what it prints.

use crate::artifact::Kind;
use crate::artifact::words::first_word;
use crate::artifact::words::has;
use crate::artifact::words::has_any;
use crate::artifact::words::is_one_of;
use crate::artifact::words::words;
use crate::capture::CaptureKind;
use crate::dump::DumpKind;
use crate::dump::Other;

/// Programs that are run while looking into an incident; what makes `# word …` a prompt and not a comment.
const PROGRAMS: [&str; 52] = [
    "sudo",
    "curl",
    "wget",
    "dig",
    "nslookup",
    "host",
    "getent",
    "drill",
    "haproxy",
    "systemctl",
    "service",
    "ss",
    "netstat",
    "lsof",
    "journalctl",
    "tail",
    "head",
    "grep",
    "egrep",
    "zgrep",
    "zcat",
    "cat",
    "less",
    "sed",
    "awk",
    "docker",
    "docker-compose",
    "podman",
    "kubectl",
    "oc",
    "echo",
    "printf",
    "socat",
    "nc",
    "ncat",
    "ip",
    "iptables",
    "nft",
    "firewall-cmd",
    "ping",
    "telnet",
    "openssl",
    "nmap",
    "date",
    "uptime",
    "hostname",
    "ps",
    "ls",
    "hatop",
    "setenforce",
    "setsebool",
    "ssh",
];

/// First words of the runtime socket's commands (management guide 3.2, "Unix Socket commands").
const SOCKET_VERBS: [&str; 12] = [
    "show", "set", "disable", "enable", "add", "del", "clear", "get", "shutdown", "prepare",
    "commit", "reload",
];

/// The word is a program that a prompt is likely to start.
pub(super) fn is_program(word: &[u8]) -> bool {
    is_one_of(base_name(word), &PROGRAMS)
}

/// The line is a command of the runtime socket, as typed at its own prompt.
pub(super) fn is_socket_command(line: &[u8]) -> bool {
    is_one_of(first_word(line), &SOCKET_VERBS) && words(line).nth(1).is_some()
        || is_one_of(line.trim_ascii(), &["help", "prompt", "quit"])
}

/// What the command prints; `None` when it may be anything.
pub(super) fn expected(command: &[u8]) -> Option<Kind> {
    if let Some(typed) = socket_command(command) {
        return socket_answer(typed);
    }
    let mut rest = words(command)
        .skip_while(|word| is_wrapper(word))
        .map(base_name);
    let program = rest.next()?;
    let action = rest.next().unwrap_or_default();
    match program {
        b"curl" | b"wget" => Some(Kind::Capture(CaptureKind::Curl)),
        b"dig" | b"nslookup" | b"host" | b"getent" | b"drill" => {
            Some(Kind::Capture(CaptureKind::Lookup))
        }
        b"ss" | b"netstat" | b"lsof" => Some(Kind::Capture(CaptureKind::Listening)),
        b"haproxy" => Some(haproxy(command)),
        b"systemctl" | b"service" if has(command, " status") => {
            Some(Kind::Capture(CaptureKind::SystemctlStatus))
        }
        b"journalctl" => Some(Kind::Log),
        b"docker" | b"docker-compose" | b"podman" | b"kubectl" | b"oc"
            if has(command, " logs") || action == b"logs" =>
        {
            Some(Kind::Log)
        }
        b"cat" | b"less" | b"head" | b"tail" | b"sed" | b"grep" | b"egrep" | b"zgrep" | b"zcat"
        | b"awk" => file(command),
        _ => None,
    }
}

/// The command that goes to the runtime socket, without quotes before it; `None`: another program.
fn socket_command(command: &[u8]) -> Option<&[u8]> {
    if is_socket_command(command) && !is_program(first_word(command)) {
        return Some(command);
    }
    let piped = has_any(
        command,
        &["socat", "nc -U", "nc -w", "ncat", ".sock", "haproxyctl"],
    );
    if !piped {
        return None;
    }
    let mut rest = command;
    while let Some(at) = rest.iter().position(|b| b" \t\"';".contains(b)) {
        rest = rest.get(at + 1..)?;
        let verb = rest
            .iter()
            .position(|b| !b.is_ascii_alphabetic())
            .and_then(|end| rest.get(..end))
            .unwrap_or_default();
        if is_one_of(verb, &SOCKET_VERBS) {
            return Some(rest);
        }
    }
    None
}

fn socket_answer(typed: &[u8]) -> Option<Kind> {
    let clean = |word: &'_ [u8]| -> Vec<u8> {
        let end = word
            .iter()
            .position(|b| b"\"'\\;|".contains(b))
            .unwrap_or(word.len());
        word.get(..end).unwrap_or_default().to_vec()
    };
    let mut words = words(typed).map(clean);
    let verb = words.next()?;
    let object = words.next().unwrap_or_default();
    let detail = words.next().unwrap_or_default();
    if verb != b"show" && verb != b"get" {
        return Some(Kind::Capture(CaptureKind::SocketCommand));
    }
    let dump = match (object.as_slice(), detail.as_slice()) {
        (b"stat", b"typed") => DumpKind::StatTyped,
        (b"stat", b"json") => DumpKind::StatJson,
        (b"stat", _) => DumpKind::StatCsv,
        (b"servers", b"state") => DumpKind::ServersState,
        (b"servers", b"conn") => DumpKind::ServersConn,
        (b"info", b"" | b"typed" | b"desc" | b"json") => DumpKind::Info,
        (b"sess", _) => DumpKind::Sess,
        (b"table", _) => DumpKind::Table,
        (b"pools", _) => DumpKind::Other(Other::Pools),
        (b"fd", _) => DumpKind::Other(Other::Fd),
        (b"activity", _) => DumpKind::Other(Other::Activity),
        (b"threads", _) => DumpKind::Other(Other::Threads),
        // its lines are those of standard error
        (b"startup-logs", _) => return Some(Kind::Log),
        (b"backend", _) => DumpKind::Backend,
        (b"resolvers", _) => DumpKind::Resolvers,
        (b"errors", _) => DumpKind::Errors,
        (b"proc", _) => DumpKind::Proc,
        (b"map" | b"acl", name) if !name.is_empty() => return Some(Kind::Map),
        _ => return None,
    };
    Some(Kind::Dump(dump))
}

fn haproxy(command: &[u8]) -> Kind {
    let flag = |wanted: &[u8]| words(command).any(|word| word == wanted);
    if flag(b"-c") || flag(b"-cc") {
        Kind::Capture(CaptureKind::ConfigCheck)
    } else if flag(b"-v") || flag(b"-vv") {
        Kind::Capture(CaptureKind::HaproxyVersion)
    } else {
        // in the foreground: its messages
        Kind::Log
    }
}

/// What a file that is printed holds, by the name in the command.
fn file(command: &[u8]) -> Option<Kind> {
    if has_any(command, &[".cfg", "haproxy.config", "/conf.d/"]) {
        Some(Kind::Config)
    } else if has_any(command, &[".log", "syslog", "/messages", "/var/log/"]) {
        Some(Kind::Log)
    } else if has(command, ".map") {
        Some(Kind::Map)
    } else {
        None
    }
}

/// Words before the program itself: `sudo -n`, `time`, `PAGER=cat`.
fn is_wrapper(word: &[u8]) -> bool {
    is_one_of(word, &["sudo", "time", "watch", "env", "command", "exec"])
        || word.starts_with(b"-")
        || word.contains(&b'=') && !word.contains(&b'/')
}

fn base_name(word: &[u8]) -> &[u8] {
    word.rsplit(|b| *b == b'/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, kind: Option<Kind>) {
        assert_eq!(expected(command.as_bytes()), kind, "{command}");
    }

    #[test]
    fn socket_commands_are_found_behind_echo_and_printf() {
        check(
            "printf \"show servers state be_app\\n\" | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock",
            Some(Kind::Dump(DumpKind::ServersState)),
        );
        check(
            "echo 'show stat' | nc -U /run/h.sock",
            Some(Kind::Dump(DumpKind::StatCsv)),
        );
        check("show info", Some(Kind::Dump(DumpKind::Info)));
        check(
            "echo \"set server be_app/app1 state drain\" | socat stdio /run/h.sock",
            Some(Kind::Capture(CaptureKind::SocketCommand)),
        );
        check(
            "disable server be_app/app1",
            Some(Kind::Capture(CaptureKind::SocketCommand)),
        );
    }

    #[test]
    fn programs_are_found_behind_sudo_and_paths() {
        check(
            "sudo -n /usr/sbin/haproxy -c -V -f /etc/haproxy/haproxy.cfg",
            Some(Kind::Capture(CaptureKind::ConfigCheck)),
        );
        check("sudo journalctl -u haproxy --no-pager", Some(Kind::Log));
        check("cat /etc/haproxy/haproxy.cfg", Some(Kind::Config));
        check("tail -n 5 /var/log/haproxy.log", Some(Kind::Log));
        check("docker logs haproxy", Some(Kind::Log));
        check("systemctl restart app.service", None);
        check("iptables -L", None);
        check("", None);
    }
}
