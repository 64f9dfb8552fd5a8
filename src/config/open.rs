//! Sections that open and close, and each directive to the section it stands in.

use crate::config::Check;
use crate::config::LogFormat;
use crate::config::LogProfile;
use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::config::Resolvers;
use crate::config::check;
use crate::config::check::Own;
use crate::config::directive::Directive;
use crate::config::directive::setting;
use crate::config::draft::Draft;
use crate::config::global;
use crate::config::logging;
use crate::config::proxy;
use crate::config::read::Reader;
use crate::config::read::Section;
use crate::config::resolvers;
use crate::config::section;
use crate::config::section::Opening;
use crate::config::section::Origin;
use crate::config::server_line;

/// What a proxy or a server costs beside its words, bytes (their sizes, rounded up).
const SECTION_COST: u64 = 2560;

impl Reader {
    /// Applies a directive; `cost` is what its words cost.
    pub(super) fn apply(&mut self, d: &Directive, cost: u64) {
        let opening = section::opening(d.word(0)).filter(|_| !d.negated);
        if let Some(opening) = opening {
            self.close();
            return self.open(d, opening);
        }
        if self.implied || matches!(self.section, Section::None) {
            self.complain(d.at, "a word outside any section".to_owned());
        }
        match &mut self.section {
            Section::None => self.outside(d, cost),
            Section::Global => {
                self.environment.apply(d.word(0), d.from(1));
                global::apply(&mut self.config.global, d);
            }
            Section::Defaults(draft) => {
                draft.cost += cost;
                draft.template_cost += template_cost(d, cost);
                proxy::apply(draft, d);
            }
            Section::Proxy(_) => self.in_proxy(d, cost),
            Section::Resolvers => {
                if let Some(section) = self.config.resolver_sections.last_mut() {
                    resolvers::apply(section, d);
                }
            }
            Section::LogProfile => {
                if let Some(profile) = self.config.log_profiles.last_mut() {
                    logging::apply_profile(profile, d);
                }
            }
            Section::Healthcheck(own) => {
                if let Some((_, check)) = self.config.healthchecks.last_mut() {
                    match d.word(0) {
                        b"type" => {
                            check::apply_option(check, own, d);
                        }
                        b"http-check" | b"tcp-check" => check::apply_rule(check, own, d),
                        _ => {}
                    }
                }
            }
            Section::Other => {}
        }
    }

    /// Closes the open section: what was read of it counts from here on.
    pub(super) fn close(&mut self) {
        let was_implied = std::mem::take(&mut self.implied);
        match std::mem::replace(&mut self.section, Section::None) {
            Section::Defaults(draft) => {
                if let LogFormat::Custom(format, at) = &draft.proxy.log {
                    let format = setting(format.clone(), *at);
                    self.config.defaults_log_formats.push(format);
                }
                // An unnamed section can only be used while it is the last one.
                self.defaults.pop_if(|last| last.proxy.name.is_empty());
                if !draft.proxy.name.is_empty() {
                    let name = draft.proxy.name.clone();
                    self.named_defaults.insert(name, self.defaults.len());
                }
                self.defaults.push(*draft);
            }
            Section::Proxy(draft) => {
                let mut proxy = draft.proxy;
                if was_implied {
                    proxy.kind = kind_of_piece(&proxy);
                }
                self.config.proxies.push(proxy);
            }
            Section::None
            | Section::Global
            | Section::Resolvers
            | Section::Healthcheck(_)
            | Section::LogProfile
            | Section::Other => {}
        }
    }

    fn open(&mut self, d: &Directive, opening: Opening) {
        let complaint = match opening {
            Opening::Defaults | Opening::Proxy(_) => section::complaint_on_name(d, opening),
            Opening::Global
            | Opening::Resolvers
            | Opening::Healthcheck
            | Opening::LogProfile
            | Opening::Other => None,
        };
        if let Some(why) = complaint {
            self.complain(d.at, why);
        }
        self.section = match opening {
            Opening::Global => Section::Global,
            Opening::Defaults => self.open_defaults(d),
            Opening::Proxy(kind) => self.open_proxy(d, kind),
            Opening::Resolvers => {
                let name = d.text(1);
                self.config.resolvers.push(name.clone());
                self.config.resolver_sections.push(Resolvers {
                    name,
                    at: d.at,
                    ..Resolvers::default()
                });
                self.pay(SECTION_COST);
                Section::Resolvers
            }
            Opening::LogProfile => {
                self.config.log_profiles.push(LogProfile {
                    name: d.text(1),
                    at: d.at,
                    tag: None,
                    formats: Vec::new(),
                });
                self.pay(SECTION_COST);
                Section::LogProfile
            }
            Opening::Healthcheck => {
                let check = (d.text(1), Check::default());
                self.config.healthchecks.push(check);
                self.pay(SECTION_COST);
                Section::Healthcheck(Own::default())
            }
            Opening::Other => Section::Other,
        };
    }

    /// A `defaults` section starts from built-in values unless it says `from`.
    fn open_defaults(&mut self, d: &Directive) -> Section {
        let (name, parent) = section::name_and_parent(d);
        let fresh = Draft::new(name.clone(), ProxyKind::Listen, d.at);
        self.pay(SECTION_COST);
        let draft = match parent {
            Some(parent) => self.heir(d, &parent, fresh),
            None => {
                self.pay(SECTION_COST);
                fresh
            }
        };
        Section::Defaults(Box::new(draft))
    }

    fn open_proxy(&mut self, d: &Directive, kind: ProxyKind) -> Section {
        let (name, parent) = section::name_and_parent(d);
        let fresh = Draft::new(name.clone(), kind, d.at);
        let mut draft = match (parent, self.defaults.len().checked_sub(1)) {
            (Some(parent), _) => self.heir(d, &parent, fresh),
            (None, Some(last)) => self.heir_of(last, fresh),
            (None, None) => {
                self.pay(SECTION_COST);
                fresh
            }
        };
        // Up to 1.4 the address of a `listen` section stood behind its name.
        if kind != ProxyKind::Backend && memchr::memchr2(b':', b'/', d.word(2)).is_some() {
            draft.proxy.binds.push(setting(d.text(2), d.at));
        }
        Section::Proxy(Box::new(draft))
    }

    /// `fresh` with what the named `defaults` section sets.
    fn heir(&mut self, d: &Directive, parent: &str, fresh: Draft) -> Draft {
        if let Some(index) = self.named_defaults.get(parent) {
            return self.heir_of(*index, fresh);
        }
        let why = "the `defaults` section after `from` does not stand before this line";
        self.complain(d.at, why.to_owned());
        self.pay(SECTION_COST);
        fresh
    }

    fn heir_of(&mut self, index: usize, fresh: Draft) -> Draft {
        let cost = self.defaults.get(index).map_or(0, |draft| draft.cost);
        if !self.pay(SECTION_COST + cost) {
            return fresh;
        }
        match self.defaults.get(index) {
            Some(parent) => parent.heir(fresh.proxy.name, fresh.proxy.kind, fresh.proxy.at),
            None => fresh,
        }
    }

    /// A directive before any section: HAProxy refuses it, but a piece of a file still says something.
    fn outside(&mut self, d: &Directive, cost: u64) {
        let Some(origin) = section::origin(d.word(0)) else {
            return;
        };
        self.config.fragment.get_or_insert(d.at);
        self.pay(SECTION_COST);
        self.section = match origin {
            Origin::Either => return,
            Origin::Global => Section::Global,
            Origin::Proxy => {
                let draft = Draft::new(String::new(), ProxyKind::Listen, d.at);
                Section::Proxy(Box::new(draft))
            }
        };
        self.implied = true;
        match origin {
            Origin::Global => global::apply(&mut self.config.global, d),
            Origin::Proxy => self.in_proxy(d, cost),
            Origin::Either => {}
        }
    }

    fn in_proxy(&mut self, d: &Directive, cost: u64) {
        if let Some(why) = section::complaint_on_member(d) {
            self.complain(d.at, why);
        }
        match d.word(0) {
            b"server" | b"server-template" => self.servers(d, cost),
            _ => {
                if let Section::Proxy(draft) = &mut self.section {
                    draft.template_cost += template_cost(d, cost);
                    proxy::apply(draft, d);
                }
            }
        }
    }

    /// The servers of a line, as many as there is memory for.
    fn servers(&mut self, d: &Directive, cost: u64) {
        let left = self.cost_left();
        let Section::Proxy(draft) = &mut self.section else {
            return;
        };
        let cost_of_one = SECTION_COST + cost + draft.template_cost;
        let n_max = left / cost_of_one;
        match server_line::servers(&draft.template, d, n_max) {
            Ok(servers) => draft.proxy.servers.extend(servers),
            Err(why) => self.complain(d.at, why),
        }
        let n = server_line::n_servers(d);
        self.pay(cost_of_one.saturating_mul(n));
    }
}

fn template_cost(d: &Directive, cost: u64) -> u64 {
    if d.word(0) == b"default-server" {
        cost
    } else {
        0
    }
}

/// What a piece without its section line most likely stood in.
fn kind_of_piece(proxy: &Proxy) -> ProxyKind {
    let is_front =
        !proxy.binds.is_empty() || !proxy.use_backend.is_empty() || proxy.default_backend.is_some();
    match (is_front, proxy.servers.is_empty()) {
        (true, true) => ProxyKind::Frontend,
        (false, false) => ProxyKind::Backend,
        _ => ProxyKind::Listen,
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::Config;
    use crate::config::Mode;
    use crate::config::ProxyKind;
    use crate::config::parse;

    fn config(text: &str) -> Config {
        parse(Text::new(text.as_bytes()))
    }

    #[test]
    fn a_proxy_takes_the_last_defaults_or_the_one_it_names() {
        let c = config(
            "defaults base\n mode http\n timeout connect 1s\n timeout server 2s\n default-server inter 7s\n\
             http-request deny if FALSE\n default_backend be_a\n\
             defaults slow from base\n timeout server 60s\n\
             backend be_a\n server a 192.0.2.1:80\n\
             frontend fe_b from base\n timeout client 1s\n\
             defaults\n\
             backend be_c\n",
        );
        let a = c.backend("be_a").unwrap();
        assert_eq!(a.mode.value, Mode::Http);
        assert_eq!(a.timeout_ms("connect").unwrap().at.unwrap().line, 3);
        assert_eq!(a.timeout_ms("server").unwrap().value, 60_000);
        assert_eq!(a.defaults.unwrap().line, 8);
        assert_eq!(a.servers[0].inter_ms.value, 7000);
        assert_eq!((a.rules.len(), &a.default_backend), (1, &None));
        let b = c.frontend("fe_b").unwrap();
        assert_eq!(b.timeout_ms("server").unwrap().value, 2000);
        assert_eq!(b.default_backend.as_ref().unwrap().value, "be_a");
        let c = c.backend("be_c").unwrap();
        assert_eq!((c.mode.value, c.timeouts_ms.len()), (Mode::Tcp, 0));
    }

    #[test]
    fn old_configs_are_read() {
        let c = config(
            "listen web 192.0.2.7:80,192.0.2.8:80\n mode http\n contimeout 5000\n redispatch\n\
             dispatch 192.0.2.9:80\n retries 2\n errorloc302 503 http://x/\n reqideny ^/x\n cookie SRV insert\n",
        );
        let p = &c.proxies[0];
        assert_eq!(p.binds[0].value, "192.0.2.7:80,192.0.2.8:80");
        assert_eq!(p.timeout_ms("connect").unwrap().value, 5000);
        assert!(p.redispatch.value && p.dispatch.is_some() && p.error_503.is_some());
        assert_eq!(
            (p.retries.value, p.rules.len(), p.persistence.len()),
            (2, 1, 1)
        );
        assert_eq!(c.problems, []);
    }

    #[test]
    fn a_piece_of_a_file_says_what_it_can() {
        let c = config(
            "  option httpchk GET /up\n  server a 192.0.2.1:80 check\n  what ever\nbackend b\n",
        );
        assert_eq!(c.fragment.unwrap().line, 1);
        assert_eq!(c.problems.len(), 3);
        let p = &c.proxies[0];
        assert_eq!((p.name.as_str(), p.kind), ("", ProxyKind::Backend));
        assert_eq!((p.check.uri.as_str(), p.servers.len()), ("/up", 1));
        assert_eq!(c.proxies[1].defaults, None);
        let c = config("log 192.0.2.9 local0\n");
        assert_eq!((c.problems.len(), c.proxies.len()), (1, 0));
        assert_eq!(c.fragment.unwrap().line, 1);
        let c = config("chroot /x\n maxconn 9\nfrontend a\n");
        assert_eq!((c.global.maxconn.unwrap().value, c.problems.len()), (9, 2));
    }

    #[test]
    fn resolvers_global_and_unknown_words_are_kept() {
        let c = config(
            "global\n maxconn 100\n hard-stop-after 30s\n spread-checks 5\n stats socket /run/x level admin\n\
             resolvers dns\n nameserver a 192.0.2.53:53\n hold valid 10s\n timeout retry 1s\n\
             frontend f\n option forwardfor\n what ever secret\n bind :80\n",
        );
        assert_eq!(c.global.maxconn.unwrap().value, 100);
        assert_eq!(c.global.hard_stop_after_ms.unwrap().value, 30_000);
        assert_eq!(c.resolvers, ["dns"]);
        assert_eq!(c.resolver_sections[0].hold_ms[0].1.value, 10_000);
        let others: Vec<_> = c.proxies[0]
            .others
            .iter()
            .map(|o| o.value.as_str())
            .collect();
        assert_eq!(others, ["option forwardfor", "what"]);
        assert_eq!(c.problems, []);
    }

    #[test]
    fn a_named_check_is_the_check_of_the_servers_that_name_it() {
        let c = config(
            "healthcheck deep\n type httpchk\n http-check send meth GET uri /deep hdr Host a.example\n\
             backend b\n option tcp-check\n server a 192.0.2.1:80 check healthcheck deep\n server b 192.0.2.2:80 check\n",
        );
        let proxy = &c.proxies[0];
        assert_eq!(c.check_of(proxy, &proxy.servers[0]).uri, "/deep");
        assert_eq!(
            c.check_of(proxy, &proxy.servers[1]).kind,
            crate::config::CheckKind::Tcp
        );
        assert_eq!(c.problems, []);
    }

    #[test]
    fn unknown_variables_are_listed_with_their_lines() {
        let c = config(
            "global\n setenv PORT 81\nbackend b\n timeout connect \"${T-3s}\"\n timeout server \"$S\"\n\
             server a \"192.0.2.1:${PORT}\" inter \"${I}\"\n",
        );
        let p = &c.proxies[0];
        assert_eq!(p.timeout_ms("connect").unwrap().value, 3000);
        assert_eq!(p.timeout_ms("server"), None);
        assert_eq!(p.servers[0].port, Some(81));
        assert_eq!(
            (
                p.servers[0].inter_ms.value,
                p.servers[0].inter_ms.at.unwrap().line
            ),
            (2000, 6)
        );
        let lines: Vec<_> = c
            .unresolved
            .iter()
            .map(|u| (u.at.line, u.name.as_str()))
            .collect();
        assert_eq!(lines, [(4, "T"), (5, "S"), (6, "I")]);
    }
}
