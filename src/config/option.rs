//! `option …` and `no option …` of a proxy.

use crate::base::Place;
use crate::base::signed;
use crate::config::check;
use crate::config::directive::Directive;
use crate::config::draft::Draft;
use crate::config::logging;

/// Applies one `option` line; false when it has no field here.
pub(super) fn apply(draft: &mut Draft, d: &Directive) -> bool {
    if check::apply_option(&mut draft.proxy.check, &mut draft.own_check, d) {
        return true;
    }
    let proxy = &mut draft.proxy;
    match d.word(1) {
        b"redispatch" => {
            proxy.redispatch = d.setting(!d.negated);
            proxy.redispatch_interval = signed(d.word(2)).unwrap_or(-1);
        }
        b"abortonclose" => proxy.abortonclose = Some(d.setting(!d.negated)),
        b"log-health-checks" => proxy.log_health_checks = !d.negated,
        b"allbackups" => proxy.allbackups = on(d),
        b"dontlog-normal" => proxy.dontlog_normal = on(d),
        b"dontlognull" => proxy.dontlognull = on(d),
        b"transparent" | b"http_proxy" => proxy.dispatch = on(d),
        b"persist" => {
            let old = draft.persist.take();
            proxy.persistence.retain(|at| Some(*at) != old);
            draft.persist = on(d);
            proxy.persistence.extend(draft.persist);
        }
        b"httplog" | b"tcplog" | b"httpslog" => {
            proxy.log = logging::from_option(d);
            proxy.log_at = on(d);
        }
        _ => return false,
    }
    true
}

fn on(d: &Directive) -> Option<Place> {
    (!d.negated).then_some(d.at)
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::parse;

    #[test]
    fn no_option_cancels_what_defaults_set() {
        let text = "defaults\n option redispatch 1\n option persist\n option dontlognull\n\
                    backend a\n no option redispatch\n no option persist\n\
                    backend b\n option abortonclose\n";
        let config = parse(Text::new(text.as_bytes()));
        let (a, b) = (&config.proxies[0], &config.proxies[1]);
        assert!(!a.redispatch.value);
        assert_eq!(a.persistence, []);
        assert_eq!(
            (b.redispatch.value, b.redispatch.at.unwrap().line),
            (true, 2)
        );
        assert_eq!((b.redispatch_interval, b.persistence.len()), (1, 1));
        assert!(b.dontlognull.is_some());
        assert!(b.abortonclose.as_ref().unwrap().value);
    }
}
