//! For a build server: JUnit XML, as Jenkins and GitLab read it.

use crate::regress::Checked;
use crate::regress::State;

pub(super) fn render(all: &[Checked]) -> String {
    let count = |of: fn(&State) -> bool| all.iter().filter(|checked| of(&checked.state)).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuite name=\"nosrv regress\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
        all.len(),
        count(|state| matches!(state, State::Changed(_))),
        count(|state| matches!(state, State::Failed(_))),
    ));
    for checked in all {
        out.push_str(&case(checked));
    }
    out.push_str("</testsuite>\n");
    out
}

fn case(checked: &Checked) -> String {
    let (class, name) = checked
        .name
        .rsplit_once('/')
        .unwrap_or(("nosrv", &checked.name));
    let head = format!(
        "  <testcase classname=\"{}\" name=\"{}\"",
        escaped(class),
        escaped(name)
    );
    match &checked.state {
        State::Same | State::Blessed => format!("{head}/>\n"),
        State::Failed(why) => {
            format!(
                "{head}>\n    <error message=\"{}\"/>\n  </testcase>\n",
                escaped(why)
            )
        }
        State::Changed(differences) => {
            let lines: Vec<String> = differences
                .iter()
                .map(|d| {
                    let about = if d.backend.is_empty() {
                        d.what.clone()
                    } else {
                        format!("{}: {}", d.backend, d.what)
                    };
                    format!("{about}: expected {}, got {}", d.expected, d.got)
                })
                .collect();
            let message = lines.first().map(String::as_str).unwrap_or_default();
            format!(
                "{head}>\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n",
                escaped(message),
                escaped(&lines.join("\n"))
            )
        }
    }
}

/// XML 1.0 has no control characters but tab and line ends, not even escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
