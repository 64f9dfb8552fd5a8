//! A trace as text: one line per rule, the terms below it, the end last.

use crate::base::Place;
use crate::base::columns;
use crate::base::wrap;
use crate::route::Clause;
use crate::route::Outcome;
use crate::route::Step;
use crate::route::Term;
use crate::route::Trace;
use crate::route::Truth;

/// How a trace is laid out.
pub struct Layout<'a> {
    /// Columns of a line.
    pub columns: usize,
    /// A place as the reader knows it: `line 12`, `haproxy.cfg:12`.
    pub place: &'a dyn Fn(Place) -> String,
}

/// The trace as plain text.
pub fn render(trace: &Trace, layout: &Layout<'_>) -> String {
    let mut page = Page {
        out: String::new(),
        layout,
    };
    for step in &trace.steps {
        page.step(step);
    }
    let ends = trace.outcome.ends();
    if let [end] = ends {
        page.put("=> ", &page.end(trace, end));
    } else {
        page.put(
            "=> ",
            "cannot be decided; possible, in the order of the rules:",
        );
        for end in ends {
            page.put("   - ", &page.end(trace, end));
        }
    }
    page.out
}

struct Page<'a> {
    out: String,
    layout: &'a Layout<'a>,
}

impl Page<'_> {
    /// One line, or several with the same indent and two columns more.
    fn put(&mut self, lead: &str, text: &str) {
        let room = self.layout.columns.saturating_sub(columns(lead));
        let hang = columns(lead) + 2;
        if columns(text) <= room {
            self.out.push_str(&format!("{lead}{text}\n"));
            return;
        }
        let lines = wrap(text, room, self.layout.columns.saturating_sub(hang));
        for (index, line) in lines.iter().enumerate() {
            let lead = if index == 0 {
                lead.to_owned()
            } else {
                " ".repeat(hang)
            };
            self.out.push_str(&format!("{lead}{line}\n"));
        }
    }

    fn place(&self, at: Place) -> String {
        (self.layout.place)(at)
    }

    fn step(&mut self, step: &Step) {
        let mark = mark(&step.value);
        let place = self.place(step.at);
        self.put(
            &format!("{mark} "),
            format!("{place}: {} {}", step.rule, step.condition).trim_end(),
        );
        let mut first = true;
        for terms in &step.alternatives {
            if !first {
                self.put("      ", "or");
            }
            first = false;
            for term in terms {
                self.term(step, term);
            }
        }
        if !step.effect.is_empty() {
            self.put("      ", &format!("-> {}", step.effect));
        }
    }

    fn term(&mut self, step: &Step, term: &Term) {
        let mut text = term.text.clone();
        if let [clause] = term.clauses.as_slice()
            && clause.at == step.at
        {
            text.push_str(&saw(clause));
        }
        if let Truth::Undecidable(doubt) = &term.value {
            text = format!("{text}: {}", doubt.words());
        }
        self.put(&format!("      {} ", mark(&term.value)), &text);
        for clause in term.clauses.iter().filter(|clause| clause.at != step.at) {
            let place = self.place(clause.at);
            let text = format!("{place}: {}{}", clause.text, saw(clause));
            self.put(&format!("          {} ", mark(&clause.value)), &text);
        }
    }

    fn end(&self, trace: &Trace, end: &Outcome) -> String {
        match end {
            Outcome::Backend { name, by: Some(by) } => match trace.step(*by) {
                Some(step) => format!("backend {name}, by `{}` ({})", step.rule, self.place(*by)),
                None => format!(
                    "backend {name}, by `default_backend` ({}): no rule before it applied",
                    self.place(*by)
                ),
            },
            Outcome::Backend { name, by: None } => format!("{name}'s own servers"),
            Outcome::SomeBackend { by, name } => {
                format!("a backend named by `{name}` ({})", self.place(*by))
            }
            Outcome::AnsweredByRule { at, proxy, what } => {
                format!("answered by `{what}` of {proxy} ({})", self.place(*at))
            }
            Outcome::NoRoute => {
                "no backend: HAProxy answers 503 in the frontend's own name".to_owned()
            }
            Outcome::Undecidable(_) => "several ends are possible".to_owned(),
            Outcome::NoFrontend => "the configuration has no such frontend".to_owned(),
        }
    }
}

fn saw(clause: &Clause) -> String {
    match &clause.seen {
        Some(seen) => format!("    (request has: {seen})"),
        None if clause.value == Truth::False => "    (request has none)".to_owned(),
        None => String::new(),
    }
}

fn mark(value: &Truth) -> &'static str {
    match value {
        Truth::True => "yes",
        Truth::False => "no ",
        Truth::Undecidable(_) => "?  ",
    }
}

/// The term that kept a rule from applying, with what the request had there: `hdr(host) www.example.com` saw `WWW.example.com`.
pub fn reason(step: &Step) -> Option<&Clause> {
    let terms = step.alternatives.iter().flatten();
    let failing = terms.filter(|term| term.value == Truth::False);
    failing.flat_map(|term| &term.clauses).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::config::parse;
    use crate::route::Asked;
    use crate::route::asked;
    use crate::route::trace;

    fn rendered(config: &str, columns: usize) -> String {
        let config = parse(Text::new(config.as_bytes()));
        let request = asked(&Asked {
            url: "http://WWW.Example.com/".to_owned(),
            headers: vec!["X-Api-Key: hunter2".to_owned()],
            ..Asked::default()
        });
        let layout = Layout {
            columns,
            place: &|at: Place| format!("line {}", at.line),
        };
        render(&trace(&config, "fe_app", &request), &layout)
    }

    #[test]
    fn a_trace_shows_rules_terms_values_and_the_end() {
        let text = rendered(
            "frontend fe_app\n mode http\n acl shop hdr(host) www.example.com\n acl shop hdr(host) shop.example.com\n \
             http-request set-path /x if { path / }\n use_backend be_app if shop !{ src 192.0.2.0/24 }\n default_backend be_old\n",
            90,
        );
        let expected = "\
yes line 5: http-request set-path /x if { path / }
      yes { path / }    (request has: /)
      -> the path is now `/x`
no  line 6: use_backend be_app if shop !{ src 192.0.2.0/24 }
      no  shop
          no  line 3: hdr(host) www.example.com    (request has: WWW.Example.com)
          no  line 4: hdr(host) shop.example.com    (request has: WWW.Example.com)
      ?   !{ src 192.0.2.0/24 }: the client's address is not known
=> backend be_old, by `default_backend` (line 7): no rule before it applied
";
        assert_eq!(text, expected);
    }

    #[test]
    fn long_lines_are_wrapped_and_secrets_stay_hidden() {
        let text = rendered(
            "frontend fe_app\n mode http\n acl key req.hdr(x-api-key) hunter2 other\n \
             http-request set-var(txn.token) req.hdr(x-api-key)\n \
             http-request set-header Authorization %[req.hdr(x-api-key)]\n \
             use_backend be_app if key { path_beg /a-rather-long-path/with/parts /another/one }\n",
            60,
        );
        assert!(text.lines().all(|line| columns(line) <= 60), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
