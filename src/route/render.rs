//! A trace as text: one line per rule, the terms below it, the end last.

use crate::route::Clause;
use crate::route::Outcome;
use crate::route::Step;
use crate::route::Term;
use crate::route::Trace;
use crate::route::Truth;

/// The trace as plain text with line numbers of the configuration.
pub fn render(trace: &Trace) -> String {
    let mut out = String::new();
    for step in &trace.steps {
        push_step(&mut out, step);
    }
    let ends = trace.outcome.ends();
    if let [end] = ends {
        out.push_str(&format!("=> {}\n", end_words(end)));
    } else {
        out.push_str("=> cannot be decided; possible, in the order of the rules:\n");
        for end in ends {
            out.push_str(&format!("   - {}\n", end_words(end)));
        }
    }
    out
}

fn push_step(out: &mut String, step: &Step) {
    let condition = if step.condition.is_empty() {
        String::new()
    } else {
        format!(" {}", step.condition)
    };
    let line = step.at.line;
    let mark = mark(&step.value);
    out.push_str(&format!("{mark} line {line}: {}{condition}\n", step.rule));
    let mut first = true;
    for terms in &step.alternatives {
        if !first {
            out.push_str("      or\n");
        }
        first = false;
        for term in terms {
            push_term(out, step, term);
        }
    }
    if !step.effect.is_empty() {
        out.push_str(&format!("      -> {}\n", step.effect));
    }
}

fn push_term(out: &mut String, step: &Step, term: &Term) {
    out.push_str(&format!("      {} {}", mark(&term.value), term.text));
    if let [clause] = term.clauses.as_slice()
        && clause.at == step.at
    {
        out.push_str(&saw(clause));
    }
    if let Truth::Undecidable(doubt) = &term.value {
        out.push_str(&format!(": {}", doubt.words()));
    }
    out.push('\n');
    for clause in term.clauses.iter().filter(|clause| clause.at != step.at) {
        out.push_str(&format!(
            "          {} line {}: {}{}\n",
            mark(&clause.value),
            clause.at.line,
            clause.text,
            saw(clause)
        ));
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

fn end_words(end: &Outcome) -> String {
    match end {
        Outcome::Backend { name, by: Some(by) } => format!("backend {name} (line {})", by.line),
        Outcome::Backend { name, by: None } => format!("{name}'s own servers"),
        Outcome::SomeBackend { by, name } => {
            format!("a backend named by `{name}` (line {})", by.line)
        }
        Outcome::AnsweredByRule { at, proxy, what } => {
            format!("answered by `{what}` of {proxy} (line {})", at.line)
        }
        Outcome::NoRoute => "no backend: HAProxy answers 503 in the frontend's own name".to_owned(),
        Outcome::Undecidable(_) => "several ends are possible".to_owned(),
        Outcome::NoFrontend => "the configuration has no such frontend".to_owned(),
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

    #[test]
    fn a_trace_shows_rules_terms_values_and_the_end() {
        let config = parse(Text::new(
            b"frontend fe_app\n mode http\n acl shop hdr(host) www.example.com\n acl shop hdr(host) shop.example.com\n \
              http-request set-path /x if { path / }\n use_backend be_app if shop !{ src 192.0.2.0/24 }\n default_backend be_old\n",
        ));
        let request = asked(&Asked {
            url: "http://WWW.Example.com/".to_owned(),
            ..Asked::default()
        });
        let text = render(&trace(&config, "fe_app", &request));
        let expected = "\
yes line 5: http-request set-path /x if { path / }
      yes { path / }    (request has: /)
      -> the path is now `/x`
no  line 6: use_backend be_app if shop !{ src 192.0.2.0/24 }
      no  shop
          no  line 3: hdr(host) www.example.com    (request has: WWW.Example.com)
          no  line 4: hdr(host) shop.example.com    (request has: WWW.Example.com)
      ?   !{ src 192.0.2.0/24 }: the client's address was not logged
=> backend be_old (line 7)
";
        assert_eq!(text, expected);
    }
}
