//! Lines of deployments: configuration management, packages, containers that an engine stops or starts.
//!
//! Runs that only look (facts, status) and `Applied catalog in …`, which comes every half hour, are `None`.

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::command;
use crate::event::host::scan::after;
use crate::event::host::scan::before;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::first_word;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;
use crate::event::host::scan::split;
use crate::event::host::scan::starts_with_any;
use crate::event::host::scan::value;
use crate::event::host::secret;

pub(super) fn claims(program: &[u8]) -> bool {
    match program {
        b"python" | b"python2" | b"python3" | b"platform-python" => true,
        b"puppet-agent" | b"puppet" | b"chef-client" | b"salt-minion" => true,
        b"dpkg" | b"apt" | b"apt-get" | b"yum" | b"dnf" | b"rpm" | b"[RPM]" | b"zypper" => true,
        b"dockerd" | b"docker" | b"podman" | b"kubelet" | b"crio" | b"" => true,
        b"deploy" | b"deployer" | b"capistrano" => true,
        _ => program.starts_with(b"ansible"),
    }
}

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let body = line.body;
    match line.program {
        b"python" | b"python2" | b"python3" | b"platform-python" => {
            let (module, rest) = split(body.strip_prefix(b"ansible-")?, b" Invoked")?;
            ansible(module, rest)
        }
        b"puppet-agent" | b"puppet" => puppet(body),
        b"chef-client" => chef(body),
        b"salt-minion" => {
            let state = after(body, b"Executing command state.")?;
            event(HostKind::Deploy, first_word(state))
        }
        b"dpkg" | b"apt" | b"apt-get" | b"yum" | b"dnf" | b"rpm" | b"[RPM]" | b"zypper" => {
            package(body)
        }
        b"dockerd" | b"docker" => docker(body).or_else(|| container(body)),
        b"podman" => container(body),
        b"" if starts_with_any(body, &[b"container "]) => container(body),
        b"" => None,
        b"kubelet" => kubelet(body),
        b"crio" => crio(body),
        b"deploy" | b"deployer" | b"capistrano" => event(HostKind::Deploy, &secret::masked(body)),
        program => ansible(program.strip_prefix(b"ansible-")?, body),
    }
}

/// `ansible-ansible.legacy.systemd: Invoked with name=haproxy state=restarted …`: only module, name and state are safe to show.
fn ansible(module: &[u8], rest: &[u8]) -> Option<HostEvent> {
    const LOOKS: &[&[u8]] = &[
        b"setup",
        b"gather_facts",
        b"stat",
        b"ping",
        b"slurp",
        b"service_facts",
        b"package_facts",
        b"find",
        b"getent",
        b"wait_for",
        b"async_status",
    ];
    let module = module.rsplit(|b| *b == b'.').next().unwrap_or(module);
    if LOOKS.contains(&module) || !has(rest, b" with ") {
        return None;
    }
    if matches!(module, b"command" | b"shell" | b"raw") {
        // ad-hoc commands mostly look; one that changes something is told as if typed
        let (_, text) = split(rest, b"_raw_params=")?;
        let text = before(text, b" removes=").unwrap_or(text);
        let text = text.strip_prefix(b"sudo ").unwrap_or(text);
        command::kind(text)?;
    }
    let mut subject = module.to_vec();
    for key in [&b" name="[..], b" dest=", b" state="] {
        if let Some(value) = value(rest, key).filter(|value| *value != b"None") {
            subject.push(b' ');
            subject.extend_from_slice(value);
        }
    }
    event(HostKind::Deploy, &subject)
}

/// `(/Stage[main]/Haproxy::Service/Service[haproxy]) Triggered 'refresh' from 1 event`.
fn puppet(body: &[u8]) -> Option<HostEvent> {
    const CHANGES: &[&[u8]] = &[
        b" changed '",
        b" changed {",
        b" Triggered '",
        b"Scheduling refresh of ",
        b"efined content as",
        b") created",
        b") removed",
    ];
    if !has_any(body, CHANGES) {
        return None;
    }
    let resource = after(body, b"(/Stage")
        .and_then(|rest| before(rest, b") "))
        .and_then(|path| path.rsplit(|b| *b == b'/').next())
        .or_else(|| after(body, b"Scheduling refresh of "));
    event(HostKind::Deploy, resource.unwrap_or_default())
}

/// `[…] INFO: template[/etc/haproxy/haproxy.cfg] updated file contents …`.
fn chef(body: &[u8]) -> Option<HostEvent> {
    let news = after(body, b"INFO: ")?;
    let resource = first_word(news);
    let changed = has_any(
        news,
        &[
            b"] updated",
            b"] restarted",
            b"] reloaded",
            b"] stopped",
            b"] started",
            b"] upgraded",
            b"] installed",
        ],
    );
    (changed && resource.ends_with(b"]"))
        .then(|| event(HostKind::Deploy, resource))
        .flatten()
}

/// `Updated: haproxy-2.4.22-3.el9.x86_64` (yum), `upgrade haproxy:amd64 2.8.1 2.8.3` (dpkg).
fn package(body: &[u8]) -> Option<HostEvent> {
    const VERBS: &[&[u8]] = &[
        b"Updated: ",
        b"Installed: ",
        b"Erased: ",
        b"Upgrade: ",
        b"Upgraded: ",
        b"Removed: ",
        b"Downgraded: ",
        b"upgrade ",
        b"install ",
        b"remove ",
        b"status installed ",
    ];
    let rest = VERBS.iter().find_map(|verb| body.strip_prefix(*verb))?;
    event(HostKind::Deploy, first_word(rest))
}

/// `… level=info msg="Container failed to exit within 10s of signal 15 - using the force" container=3f1c…`.
fn docker(body: &[u8]) -> Option<HostEvent> {
    let stopped = has(body, b"failed to exit within") || has(body, b"topic=/tasks/delete");
    if has(body, b"topic=/tasks/oom") {
        return event(HostKind::OomKill, value(body, b" container=")?);
    }
    if !stopped {
        return None;
    }
    let id = value(body, b" container=").or_else(|| between(body, b"Container ", b" failed"));
    event(HostKind::UnitStopped, id.unwrap_or_default())
}

/// `… container died 3f1c… (image=registry.example/app:1.2, name=app1, …)`; `docker events` says `die` and `exitCode=`.
fn container(body: &[u8]) -> Option<HostEvent> {
    let rest = match body.strip_prefix(b"container ") {
        Some(rest) => rest,
        None => after(body, b" container ")?,
    };
    let (action, rest) = split(rest, b" ")?;
    let name = value(rest, b" name=")
        .or_else(|| value(rest, b"(name="))
        .unwrap_or_else(|| first_word(rest));
    let kind = match action {
        b"died" | b"die" => match value(rest, b"xitCode=") {
            None | Some(b"0" | b"143") => HostKind::UnitStopped,
            Some(_) => HostKind::UnitFailed,
        },
        b"stop" | b"stopped" => HostKind::UnitStopped,
        b"start" => HostKind::UnitStarted,
        b"oom" => HostKind::OomKill,
        _ => return None,
    };
    event(kind, name)
}

/// `"Killing container with a grace period" pod="shop/app-7d4f" podUID=… containerName="app" …`.
fn kubelet(body: &[u8]) -> Option<HostEvent> {
    let kind = if has(body, b"iveness probe, will be restarted") || has(body, b"CrashLoopBackOff") {
        HostKind::UnitFailed
    } else if has(body, b"Killing container") || has(body, b"Killing unwanted container") {
        HostKind::UnitStopped
    } else {
        return None;
    };
    let pod = value(body, b" pod=").or_else(|| between(body, b"pod \"", b"\""));
    event(kind, pod.unwrap_or_default())
}

/// `… level=info msg="Stopped container 3f1c…: shop/app-7d4f/app" …`.
fn crio(body: &[u8]) -> Option<HostEvent> {
    for (verb, kind) in [
        (&b"Stopped container "[..], HostKind::UnitStopped),
        (b"Started container ", HostKind::UnitStarted),
    ] {
        if let Some(rest) = after(body, verb) {
            let name = between(rest, b": ", b"\"").unwrap_or_else(|| first_word(rest));
            return event(kind, name);
        }
    }
    None
}
