//! One run: servers, proxy, clients, and the bundle that is being saved from it.

use crate::app::Agent;
use crate::app::App;
use crate::bundle::Bundle;
use crate::bundle::Disguise;
use crate::carrier::Carrier;
use crate::carrier::render;
use crate::client::Clients;
use crate::client::Load;
use crate::client::exchange;
use crate::port::free_port;
use crate::proxy::Proxy;
use crate::proxy::Setting;
use crate::proxy::signal;
use crate::record::Entry;
use crate::record::Origin;
use crate::record::Records;
use crate::record::now;
use nosrv::base::Precision;
use nosrv::base::rfc3339;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Each run has loopback addresses of its own, so that a freed port stays free.
static RUNS: AtomicU8 = AtomicU8::new(1);

/// Where the shown configuration says the runtime socket is.
const SOCKET: &str = "/run/haproxy/admin.sock";
/// The line that sudo writes when an operator uses it.
const SUDO: &str = "ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/usr/bin/socat stdio /run/haproxy/admin.sock";

/// The run in progress.
pub(crate) struct Scene {
    pub(crate) dir: TempDir,
    /// First three bytes of the real addresses, and of the shown ones.
    real_net: String,
    shown_net: &'static str,
    /// Minutes east of UTC at the proxy's host.
    zone: i64,
    pub(crate) records: Arc<Records>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) disguise: Disguise,
    /// Placeholder, real value, shown value.
    values: Vec<(String, String, String)>,
    proxy: Option<Proxy>,
    /// Proxies that nobody stopped when another one was started.
    left_over: Vec<Proxy>,
    /// The proxy's system forbids it to connect anywhere.
    pub(crate) confined: bool,
    /// The proxy's limit of file descriptors.
    pub(crate) descriptors: Option<u16>,
    pub(crate) bundle: Bundle,
    /// Set: all files go into one archive of this name.
    pub(crate) archive: Option<&'static str>,
}

impl Scene {
    /// An empty stage. `shown_net`: what the bundle shows, for example `192.0.2`.
    pub(crate) fn new(zone: i64, shown_net: &'static str) -> Scene {
        let run = RUNS.fetch_add(1, Ordering::SeqCst);
        let real_net = format!("127.{}.{run}", 20 + std::process::id() % 200);
        let dir = TempDir::new().unwrap();
        let proxy = free_port(&format!("{real_net}.1"));
        let mut disguise = Disguise::default();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        disguise.text(path("admin.sock"), SOCKET);
        disguise.text(path("haproxy.cfg"), "/etc/haproxy/haproxy.cfg");
        disguise.text(path("log"), "/dev/log");
        let values = vec![
            (
                "@bind@".into(),
                format!("{proxy} accept-proxy"),
                "*:80".into(),
            ),
            ("@sock@".into(), path("admin.sock"), SOCKET.into()),
            ("@log@".into(), path("log"), "/dev/log".into()),
            ("@dir@".into(), path(""), "/usr/local/bin/".into()),
            // Lines that need root or a fixed place are comments in the real run: line numbers stay the same.
            ("@root@".into(), "#".into(), String::new()),
        ];
        Scene {
            real_net,
            shown_net,
            zone,
            records: Arc::default(),
            clients: Clients::new(proxy),
            disguise,
            values,
            proxy: None,
            left_over: Vec::new(),
            confined: false,
            descriptors: None,
            bundle: Bundle::default(),
            archive: None,
            dir,
        }
    }

    /// A real address of this run.
    pub(crate) fn ip(&self, last: u8) -> String {
        format!("{}.{last}", self.real_net)
    }

    /// An application server; the configuration names its address as `@name@`, or `@name.ip@` and `@name.port@`.
    pub(crate) fn app(&mut self, name: &str, last: u8) -> App {
        let app = App::start(&self.ip(last));
        self.address(name, app.addr, 8080);
        app
    }

    /// A health agent, named in the configuration as above.
    pub(crate) fn agent(&mut self, name: &str, last: u8, shown_port: u16) -> Agent {
        let agent = Agent::start(&self.ip(last));
        self.address(name, agent.addr, shown_port);
        agent
    }

    /// An address that stands for something else in the bundle.
    pub(crate) fn address(&mut self, name: &str, real: SocketAddr, shown_port: u16) {
        let last = real.ip().to_string();
        let last = last.rsplit('.').next().unwrap();
        let ip = format!("{}.{last}", self.shown_net);
        let shown = format!("{ip}:{shown_port}");
        self.disguise.text(real.to_string(), shown.clone());
        self.disguise.text(real.ip().to_string(), ip.clone());
        self.disguise.port(real.port(), shown_port);
        self.value(&format!("@{name}@"), &real.to_string(), &shown);
        self.value(&format!("@{name}.ip@"), &real.ip().to_string(), &ip);
        let (port, shown) = (real.port().to_string(), shown_port.to_string());
        self.value(&format!("@{name}.port@"), &port, &shown);
    }

    /// A placeholder of the configuration.
    pub(crate) fn value(&mut self, name: &str, real: &str, shown: &str) {
        self.values.push((name.into(), real.into(), shown.into()));
    }

    /// Changes what the bundle shows for a placeholder that exists already.
    pub(crate) fn shows(&mut self, name: &str, shown: &str) {
        for value in self.values.iter_mut().filter(|value| value.0 == name) {
            shown.clone_into(&mut value.2);
        }
    }

    /// Writes the configuration, saves its shown form as `file`, and starts the proxy with it.
    pub(crate) fn start(&mut self, file: &str, config: &str) {
        self.configure(file, config);
        self.start_again();
    }

    /// Writes the configuration without telling a running proxy.
    pub(crate) fn configure(&mut self, file: &str, config: &str) {
        let mut real = config.to_owned();
        let mut shown = config.to_owned();
        for (name, value, shown_value) in &self.values {
            real = real.replace(name, value);
            shown = shown.replace(name, shown_value);
        }
        std::fs::write(self.dir.path().join("haproxy.cfg"), real).unwrap();
        self.bundle.add(file, shown);
    }

    /// Tries to reload a configuration that the proxy refuses.
    pub(crate) fn reload_in_vain(&self) {
        self.systemd(
            "proxy01",
            "Reloading haproxy.service - HAProxy Load Balancer...",
        );
        self.proxy().reload_in_vain();
    }

    /// Reloads the proxy as `systemctl reload haproxy` would.
    pub(crate) fn reload(&self) {
        self.systemd(
            "proxy01",
            "Reloading haproxy.service - HAProxy Load Balancer...",
        );
        self.proxy().reload();
        self.systemd(
            "proxy01",
            "Reloaded haproxy.service - HAProxy Load Balancer.",
        );
    }

    /// Kills the worker as the kernel does when memory runs out; the master ends with it.
    pub(crate) fn kill_worker(&mut self) {
        let worker = self.proxy().worker();
        let killed = format!("Out of memory: Killed process {worker} (haproxy) total-vm:912384kB");
        self.host("proxy01", "kernel", 0, &killed);
        signal("KILL", worker);
        self.wait(200);
        self.systemd(
            "proxy01",
            "haproxy.service: Main process exited, code=exited, status=137/n/a",
        );
        self.systemd(
            "proxy01",
            "haproxy.service: Failed with result 'exit-code'.",
        );
        self.proxy = None;
    }

    /// Starts the proxy again with the configuration it had.
    pub(crate) fn start_again(&mut self) {
        self.systemd(
            "proxy01",
            "Starting haproxy.service - HAProxy Load Balancer...",
        );
        let setting = Setting {
            zone: self.zone,
            confined: self.confined,
            descriptors: self.descriptors,
        };
        self.proxy = Some(Proxy::start(self.dir.path(), setting, &self.records));
        self.systemd(
            "proxy01",
            "Started haproxy.service - HAProxy Load Balancer.",
        );
    }

    /// From now on nobody knows of the proxy that runs: it goes on, and another one may be started beside it.
    pub(crate) fn forget_proxy(&mut self) {
        self.left_over.extend(self.proxy.take());
    }

    /// What `show servers state` would have said while every server was down.
    pub(crate) fn state_with_all_servers_down(&self) -> String {
        let now = self.proxy().ask("show servers state");
        let down = |row: &str| {
            let mut columns: Vec<&str> = row.split(' ').collect();
            if columns.len() == 25 && columns[0] != "#" {
                // srv_op_state, then srv_check_status, srv_check_result and srv_check_health
                columns[5] = "0";
                columns.splice(10..13, ["8", "2", "0"]);
            }
            columns.join(" ")
        };
        now.split('\n').map(down).collect::<Vec<_>>().join("\n")
    }

    /// Another command than an operator's, which leaves no line.
    pub(crate) fn behind_the_scenes(&self, command: &str) {
        self.proxy().ask(command);
    }

    fn proxy(&self) -> &Proxy {
        self.proxy.as_ref().expect("the proxy was started")
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, ms: u64) {
        thread::sleep(Duration::from_millis(ms));
    }

    /// Steady requests over `(host, path)`.
    pub(crate) fn load(&self, every_ms: u64, mix: &[(&str, &str)]) -> Load {
        Load::start(&self.clients, every_ms, mix)
    }

    /// A line in a host's journal.
    pub(crate) fn host(&self, host: &str, ident: &str, pid: u32, text: &str) {
        self.records.push(Entry {
            at: now(),
            host: host.into(),
            ident: ident.into(),
            pid,
            origin: Origin::Host,
            text: text.into(),
        });
    }

    /// A line of a host's service manager.
    pub(crate) fn systemd(&self, host: &str, text: &str) {
        self.host(host, "systemd", 1, text);
    }

    /// An operator's command on the runtime socket, which leaves a sudo line.
    pub(crate) fn admin(&self, command: &str) {
        self.host("proxy01", "sudo", 17_462, &format!("    {SUDO}"));
        self.proxy().ask(command);
    }

    /// The answer of the runtime socket as the bundle shows it.
    pub(crate) fn ask(&self, command: &str) -> String {
        let answer = self.proxy().ask(command);
        if command == "show info" {
            let lines = answer.split('\n').map(|line| match line.split_once(": ") {
                Some(("node", _)) => "node: proxy01",
                _ => line,
            });
            lines.collect::<Vec<_>>().join("\n")
        } else if command.contains("servers state") {
            self.disguise.apply_to_table(&answer)
        } else {
            self.disguise.apply(&answer)
        }
    }

    /// The answer of the runtime socket, undisguised.
    pub(crate) fn ask_as_is(&self, command: &str) -> String {
        self.proxy().ask(command)
    }

    /// Pid of the newest worker.
    pub(crate) fn worker(&self) -> u32 {
        self.proxy().worker()
    }

    /// Saves the answer of the runtime socket.
    pub(crate) fn dump(&mut self, command: &str, file: &str) {
        let answer = self.ask(command);
        self.bundle.add(file, answer);
    }

    /// The time now, as tools put it into file names.
    pub(crate) fn file_stamp(&self) -> String {
        rfc3339(now(), Precision::Second).replace(['-', ':'], "")
    }

    /// Saves what curl shows of a request through the proxy. The clients count it too.
    pub(crate) fn curl(&mut self, file: &str, host: &str, path: &str) {
        let raw = self.clients.get("192.0.2.50", host, path);
        let prompt = format!("$ curl -i -sS --max-time 5 http://{host}{path}\n");
        self.bundle.add(file, prompt + &as_curl_prints(&raw));
    }

    /// Saves what curl shows of a request straight to a server.
    pub(crate) fn curl_server(&mut self, file: &str, server: SocketAddr, path: &str) {
        let shown = self.disguise.apply(&server.to_string());
        let request = format!("GET {path} HTTP/1.1\r\nHost: {shown}\r\nConnection: close\r\n\r\n");
        let raw = exchange(server, &request);
        let (ip, port) = shown.split_once(':').unwrap();
        let said = if raw.is_empty() {
            format!(
                "curl: (7) Failed to connect to {ip} port {port} after 0 ms: Couldn't connect to server\n"
            )
        } else {
            as_curl_prints(&raw)
        };
        let prompt = format!("$ curl -i -sS --max-time 5 http://{shown}{path}\n");
        self.bundle.add(file, prompt + &said);
    }

    /// Lines of these hosts, disguised. Empty: of all.
    fn lines(&self, hosts: &[&str], origins: &[fn(Origin) -> bool]) -> Vec<Entry> {
        let mut entries = self.records.sorted();
        entries.retain(|entry| hosts.is_empty() || hosts.contains(&entry.host.as_str()));
        entries.retain(|entry| origins.iter().all(|keep| keep(entry.origin)));
        for entry in &mut entries {
            entry.text = self.disguise.apply(&entry.text);
        }
        entries
    }

    /// Saves the journal of these hosts, of all when the list is empty.
    pub(crate) fn journal(&mut self, carrier: Carrier, file: &str, hosts: &[&str]) {
        self.wait(100);
        let text = render(carrier, &self.lines(hosts, &[]), self.zone);
        self.bundle.add(file, text);
    }

    /// The journal of these hosts as it is printed, of all when the list is empty.
    pub(crate) fn printed(&self, carrier: Carrier, hosts: &[&str]) -> String {
        self.wait(100);
        render(carrier, &self.lines(hosts, &[]), self.zone)
    }

    /// Saves HAProxy's own lines as logrotate leaves them: the newest file, one before, and an older one compressed.
    pub(crate) fn rotated(&mut self, carrier: Carrier, file: &str) {
        self.wait(100);
        let lines = self.lines(&[], &[|o| matches!(o, Origin::Syslog(_))]);
        let third = lines.len().div_ceil(3).max(1);
        for (lines, ending) in lines.chunks(third).zip([".2.gz", ".1", ""]) {
            let text = render(carrier, lines, self.zone);
            self.bundle.add(&format!("{file}{ending}"), text);
        }
    }

    /// Saves what only HAProxy said, as `journalctl -u haproxy` or a container's log has it.
    pub(crate) fn journal_of_haproxy(&mut self, carrier: Carrier, file: &str) {
        self.wait(100);
        let text = render(
            carrier,
            &self.lines(&[], &[|o| o != Origin::Host]),
            self.zone,
        );
        self.bundle.add(file, text);
    }

    /// Saves rsyslog's two files: HAProxy's own lines, and everything else.
    pub(crate) fn rsyslog(&mut self, carrier: Carrier, haproxy: &str, rest: &str) {
        self.wait(100);
        let own: fn(Origin) -> bool = |o| matches!(o, Origin::Syslog(_));
        let other: fn(Origin) -> bool = |o| !matches!(o, Origin::Syslog(_));
        let own = render(carrier, &self.lines(&[], &[own]), self.zone);
        let other = render(carrier, &self.lines(&[], &[other]), self.zone);
        self.bundle.add(haproxy, own);
        self.bundle.add(rest, other);
    }

    /// Saves only those of HAProxy's own lines that `keep` wants.
    pub(crate) fn log_where(
        &mut self,
        carrier: Carrier,
        file: &str,
        keep: impl Fn(&Entry) -> bool,
    ) {
        self.wait(100);
        let mut lines = self.lines(&[], &[|o| matches!(o, Origin::Syslog(_))]);
        lines.retain(keep);
        let text = render(carrier, &lines, self.zone);
        self.bundle.add(file, text);
    }
}

/// An answer as curl prints it. curl keeps connections alive, so its answers lack what only our client asked for.
fn as_curl_prints(raw: &str) -> String {
    raw.replace('\r', "")
        .replace("connection: close\n", "")
        .replace("Connection: close\n", "")
}
