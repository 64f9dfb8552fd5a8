//! A configuration of one or several files: which file and line a place is, and the pattern files that came with it.

use crate::base::Place;
use crate::base::Text;
use crate::config;
use crate::config::Config;
use std::collections::BTreeMap;

/// One file of a configuration, or the part of a session that shows it.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Its name, as the reader knows it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Line of its first byte in its own file, 1-based.
    pub line: u64,
}

/// A configuration with what belongs to it.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// What it says; its places count through all sources.
    pub config: Config,
    /// Lines of pattern files and maps, by the name that the configuration uses.
    pub files: BTreeMap<String, Vec<String>>,
    /// Its files, in the order in which HAProxy reads them.
    pub sources: Vec<Source>,
    /// Other configurations that were found and not read.
    pub left_out: Vec<String>,
    starts: Vec<Place>,
}

impl Configuration {
    /// Parses sources in HAProxy's order.
    pub fn new(sources: Vec<Source>, left_out: Vec<String>) -> Self {
        let mut next = Place {
            line: sources.first().map_or(1, |source| source.line),
            offset: 0,
        };
        let mut starts = Vec::new();
        for source in &sources {
            starts.push(next);
            next.line += memchr::memchr_iter(b'\n', &source.bytes).count() as u64 + 1;
            next.offset += source.bytes.len() as u64 + 1;
        }
        let both = sources.iter().zip(&starts);
        let texts: Vec<Text<'_>> = both
            .map(|(source, start)| Text::at(&source.bytes, *start))
            .collect();
        let config = config::parse_all(&texts);
        Configuration {
            config,
            files: BTreeMap::new(),
            sources,
            left_out,
            starts,
        }
    }

    /// The file of a place, and its line there.
    pub fn locate(&self, place: Place) -> (&str, u64) {
        match self.source(place) {
            Some((source, start)) => (&source.name, place.line - start.line + source.line),
            None => ("", place.line),
        }
    }

    /// `haproxy.cfg:12`.
    pub fn shown(&self, place: Place) -> String {
        let (name, line) = self.locate(place);
        format!("{name}:{line}")
    }

    /// The bytes of the line at a place, secrets included: quote them through `config::secrets_hidden` alone.
    pub fn line(&self, place: Place) -> &[u8] {
        let Some((source, start)) = self.source(place) else {
            return &[];
        };
        let from = usize::try_from(place.offset - start.offset).unwrap_or(usize::MAX);
        let rest = source.bytes.get(from..).unwrap_or_default();
        let line = Text::new(rest).lines().next();
        line.map_or(&[], |line| line.bytes)
    }

    fn source(&self, place: Place) -> Option<(&Source, Place)> {
        let both = self.sources.iter().zip(&self.starts).rev();
        let mut holding = both.filter(|(_, start)| start.offset <= place.offset);
        let (source, start) = holding.next()?;
        Some((source, *start))
    }
}

/// The best of several files for a name that a configuration uses: the one that shares most of the path's end.
pub fn by_suffix<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let shared = |name: &str| {
        let ends = wanted.rsplit('/').zip(name.rsplit('/'));
        ends.take_while(|(a, b)| a == b).count()
    };
    let best = names.map(|name| (shared(name), name));
    let best = best.filter(|(n, _)| *n > 0);
    // Of equals the shortest path, then the first by name.
    best.min_by_key(|(n, name)| (usize::MAX - n, name.matches('/').count(), *name))
        .map(|(_, name)| name)
}

/// A pattern file's lines as text.
pub fn pattern_lines(bytes: &[u8]) -> Vec<String> {
    Text::new(bytes)
        .lines()
        .map(|line| String::from_utf8_lossy(line.bytes).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
            line: 1,
        }
    }

    #[test]
    fn places_know_their_file_and_line() {
        let all = Configuration::new(
            vec![
                source("a.cfg", "global\n maxconn 5"),
                source("b.cfg", "# b\nfrontend fe_app\n bind :80\n"),
            ],
            Vec::new(),
        );
        let frontend = all.config.frontend("fe_app").unwrap();
        assert_eq!(all.shown(frontend.at), "b.cfg:2");
        assert_eq!(all.line(frontend.at), b"frontend fe_app");
        assert_eq!(all.shown(frontend.binds[0].at.unwrap()), "b.cfg:3");
        assert_eq!(
            all.shown(all.config.global.maxconn.as_ref().unwrap().at.unwrap()),
            "a.cfg:2"
        );
    }

    #[test]
    fn pattern_files_are_found_by_the_end_of_their_path() {
        let names = [
            "bundle/maps/hosts.map",
            "bundle/old/hosts.map",
            "bundle/x.map",
        ];
        let find = |wanted| by_suffix(wanted, names.into_iter());
        assert_eq!(
            find("/etc/haproxy/old/hosts.map"),
            Some("bundle/old/hosts.map")
        );
        assert_eq!(
            find("/etc/haproxy/hosts.map"),
            Some("bundle/maps/hosts.map")
        );
        assert_eq!(find("none.map"), None);
    }
}
