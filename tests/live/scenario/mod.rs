//! The failures that are played, each with the truth about it.

mod check;
mod health;
mod listener;
mod local;
mod mixed;
mod names;
mod ordered;
mod path;
mod policy;
mod process;
mod queue;
mod quiet;
mod routing;
mod stale;

pub(crate) use check::EXTERNAL_CHECK_FAILED;
pub(crate) use check::TLS_FAILURE;
pub(crate) use health::HTTP_STATUS;
pub(crate) use health::RESPONSE_INVALID;
pub(crate) use health::TIMEOUT;
pub(crate) use listener::LISTENER_REFUSED;
pub(crate) use listener::REDISPATCHED;
pub(crate) use listener::TRACKED_SERVER_DOWN;
pub(crate) use listener::UNCHECKED_SERVER_FAILED;
pub(crate) use local::CONNECT_NOT_PERMITTED;
pub(crate) use local::DENIED_ELSEWHERE;
pub(crate) use local::LIMIT_OF_CLIENTS;
pub(crate) use local::PROCESS_LIMITS;
pub(crate) use mixed::all as all_mixed;
pub(crate) use names::DNS_RESOLUTION_FAILED;
pub(crate) use ordered::ADMIN_DRAIN;
pub(crate) use ordered::ADMIN_MAINTENANCE;
pub(crate) use ordered::AGENT_DOWN;
pub(crate) use path::CONNECT_TIMEOUT;
pub(crate) use path::LOCAL_PORT_EXHAUSTION;
pub(crate) use path::NETWORK_UNREACHABLE;
pub(crate) use path::SOCKET_ERROR;
pub(crate) use policy::APPLICATION_503;
pub(crate) use policy::DENIED_BY_RULE;
pub(crate) use policy::OBSERVE_MARKED_DOWN;
pub(crate) use process::HAPROXY_DOWN;
pub(crate) use process::STARTUP_WINDOW;
pub(crate) use queue::QUEUE_TIMEOUT;
pub(crate) use quiet::BENIGN_NOSRV;
pub(crate) use quiet::HEALTHY;
pub(crate) use quiet::RELOAD_REJECTED;
pub(crate) use quiet::ROLLING_RESTART;
pub(crate) use routing::MISROUTED;
pub(crate) use routing::NO_ROUTE;
pub(crate) use routing::NO_SERVERS_CONFIGURED;
pub(crate) use stale::FINISHING_WORKER;
pub(crate) use stale::NAME_UNCHANGED;
pub(crate) use stale::STALE_ADDRESS;
pub(crate) use stale::STALE_PROCESS;

use crate::scene::Scene;
use crate::truth::Truth;
use std::fs;
use std::path::Path;

/// One failure, or a time without any.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    /// Where its sample lives below `samples/`.
    pub(crate) folder: &'static str,
    /// Heading of the sample's README.
    title: &'static str,
    /// What happened, what was seen, what to conclude: the README's text.
    story: &'static str,
    /// Minutes east of UTC at the proxy's host.
    zone: i64,
    /// First three bytes of the addresses that the bundle shows.
    net: &'static str,
    run: fn(&mut Scene) -> Truth,
}

impl Scenario {
    /// Plays it and writes bundle, truth and README below `dir`.
    pub(crate) fn save(&self, dir: &Path) -> Truth {
        let mut scene = Scene::new(self.zone, self.net);
        let truth = (self.run)(&mut scene);
        let bundle = dir.join("bundle");
        if bundle.exists() {
            fs::remove_dir_all(&bundle).unwrap();
        }
        scene.bundle.write(&bundle, scene.archive);
        let name = self.folder.rsplit('/').next().unwrap();
        let expect = truth.to_json(name, self.title, self.zone);
        let expect = serde_json::to_string_pretty(&expect).unwrap();
        fs::write(dir.join("expect.json"), expect + "\n").unwrap();
        let readme = format!(
            "# {}\n\n{}\n\nRecorded from a real HAProxy by `tests/live`; addresses are replaced.\n",
            self.title,
            self.story.trim()
        );
        fs::write(dir.join("README.md"), readme).unwrap();
        truth
    }
}

/// As Debian ships it, without what needs root in the real run.
pub(crate) const DEBIAN: &str = "\
global
    log @log@ local0
    @root@chroot /var/lib/haproxy
    stats socket @sock@ mode 660 level admin
    stats timeout 30s
    @root@user haproxy
    @root@group haproxy

defaults
    log global
    mode http
    option httplog
    option dontlognull
    timeout connect 2s
    timeout client 30s
    timeout server 30s
";

/// As short as people write it by hand.
const SHORT: &str = "\
global
    log @log@ local0
    maxconn 2000
    stats socket @sock@ level admin

defaults
    mode http
    log global
    option httplog
    retries 2
    timeout connect 1s
    timeout client 20s
    timeout server 20s
";
