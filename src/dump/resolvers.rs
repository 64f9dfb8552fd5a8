//! `show resolvers`: counters of the name servers.

use crate::base::Text;
use crate::base::decimal;
use crate::base::printable;
use crate::dump::Resolver;
use crate::dump::Tally;
use crate::dump::prompt;

/// Shape: `Resolvers section mydns`, ` nameserver dns1:`, `  timeout:     3`.
///
/// The tally counts counters, not name servers.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Vec<Resolver> {
    let mut resolvers: Vec<Resolver> = Vec::new();
    let mut section = String::new();
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let entry = prompt::strip_prompt(&line_text);
        if let Some(name) = entry.strip_prefix("Resolvers section ") {
            name.trim().clone_into(&mut section);
        } else if let Some(name) = entry.strip_prefix("nameserver ") {
            resolvers.push(Resolver {
                section: section.clone(),
                nameserver: name.trim().trim_end_matches(':').to_owned(),
                at: line.place,
                counters: Vec::new(),
            });
        } else if let (Some(counter), Some(resolver)) = (counter(entry), resolvers.last_mut()) {
            resolver.counters.push(counter);
            tally.good();
        } else if !entry.is_empty() && !prompt::is_elision(entry) && !prompt::is_command(entry) {
            tally.broken(line.place);
        }
    }
    resolvers
}

fn counter(entry: &str) -> Option<(String, u64)> {
    let (name, value) = entry.split_once(':')?;
    Some((name.trim().to_owned(), decimal(value.trim().as_bytes())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_belong_to_their_name_server() {
        let mut tally = Tally::default();
        let text = b"Resolvers section mydns\n nameserver dns1:\n  sent:        116\n  nx:          72\n\
            \x20nameserver 192.0.2.53:\n  sent:        0\nResolvers section default\n nameserver a:\n  sent: x\n\n";
        let got = parse(Text::new(text), &mut tally);
        assert_eq!(got.len(), 3);
        assert_eq!(got[0].counters, [("sent".into(), 116), ("nx".into(), 72)]);
        assert_eq!(got[1].nameserver, "192.0.2.53");
        assert_eq!(got[2].section, "default");
        assert_eq!(tally.n_rows, 3);
        assert_eq!(tally.first_broken.map(|p| p.line), Some(9));
    }
}
