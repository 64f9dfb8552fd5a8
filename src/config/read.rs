//! Lines to directives: comments, conditions and complaints, and the limits of one configuration.

use std::collections::BTreeMap;

use crate::base::Line;
use crate::base::Place;
use crate::base::Text;
use crate::base::printable;
use crate::config::Config;
use crate::config::Problem;
use crate::config::Unresolved;
use crate::config::branch::Branches;
use crate::config::check::Own;
use crate::config::directive::Directive;
use crate::config::draft::Draft;
use crate::config::environment::Environment;
use crate::config::secret;
use crate::config::word::Words;
use crate::config::word::split;

/// Longest line that is read, bytes. HAProxy starts with 2048 and grows.
const LINE_BYTES_MAX: usize = 64 << 10;

/// Memory that one configuration may take, bytes, as `pay` counts it: any input stays below the program's limit.
/// A generated file with 10,000 backends of a dozen lines passes.
const COST_MAX: u64 = 128 << 20;

/// What one word costs beside its bytes, bytes: a `String` and its allocation.
const WORD_COST: u64 = 48;

/// Most complaints kept: a file that is no configuration has one on every line.
const PROBLEMS_MAX: usize = 1000;

/// Reads all files as one configuration.
pub(super) fn read(texts: &[Text<'_>]) -> Config {
    let mut reader = Reader {
        config: Config::default(),
        environment: Environment::initial(),
        branches: Branches::default(),
        section: Section::None,
        implied: false,
        defaults: Vec::new(),
        named_defaults: BTreeMap::new(),
        cost_left: COST_MAX,
    };
    for text in texts {
        reader.file(*text);
    }
    reader.config
}

/// The section that is open.
#[derive(Debug)]
pub(super) enum Section {
    /// Before the first one of a file.
    None,
    /// `global`.
    Global,
    /// `defaults`.
    Defaults(Box<Draft>),
    /// A proxy.
    Proxy(Box<Draft>),
    /// The last of the config's `resolvers` sections.
    Resolvers,
    /// The last of the config's `healthcheck` sections, and which of its parts are set.
    Healthcheck(Own),
    /// The last of the config's `log-profile` sections.
    LogProfile,
    /// Read over.
    Other,
}

/// Everything between one line and the next.
#[derive(Debug)]
pub(super) struct Reader {
    /// What was read.
    pub(super) config: Config,
    /// Variables set so far.
    pub(super) environment: Environment,
    branches: Branches,
    /// The open section.
    pub(super) section: Section,
    /// The open section has no line of its own: its directives stand outside any.
    pub(super) implied: bool,
    /// `defaults` sections that a later section can name, and the last one whatever its name.
    pub(super) defaults: Vec<Draft>,
    /// Where a name stands in `defaults`.
    pub(super) named_defaults: BTreeMap<String, usize>,
    cost_left: u64,
}

impl Reader {
    fn file(&mut self, text: Text<'_>) {
        let mut last = None;
        for line in text.lines() {
            last = Some(line.place);
            self.line(if line.place == text.first {
                without_mark(line)
            } else {
                line
            });
            if self.cost_left == 0 {
                let why = "the configuration is too large: nothing behind this line was read";
                self.complain(line.place, why.to_owned());
                break;
            }
        }
        self.close();
        if let Some(last) = last {
            if !text.bytes.ends_with(b"\n") {
                self.config.no_final_newline = Some(last);
            }
            if self.branches.end_of_file() {
                self.complain(last, "`.if` block without `.endif`".to_owned());
            }
        }
    }

    fn line(&mut self, line: Line<'_>) {
        let at = line.place;
        if line.bytes.len() > LINE_BYTES_MAX {
            let why = format!("line longer than {LINE_BYTES_MAX} bytes: not read");
            return self.complain(at, why);
        }
        if is_scope(line.bytes) {
            self.close();
            self.section = Section::Other;
            return;
        }
        let mut cut = split(line.bytes, &self.environment);
        secret::hide(&mut cut.words);
        if let Some(why) = cut.problem.take() {
            secret::hide_damaged(&mut cut.words);
            self.complain(at, why);
        }
        match cut.words.first().map(|w| w.bytes.as_slice()) {
            None | Some([]) => {}
            Some([b'.', ..]) => self.conditional(&cut, at),
            Some(_) if self.branches.skips() => {}
            Some(_) => self.directive(cut, at),
        }
    }

    /// `.if` and its kin.
    fn conditional(&mut self, cut: &Words, at: Place) {
        let [keyword, parameters @ ..] = cut.words.as_slice() else {
            return;
        };
        let environment = &self.environment;
        let applied = self
            .branches
            .apply(&keyword.bytes, || environment.truth(parameters));
        match applied {
            Ok(true) => {}
            Ok(false) => {
                self.pay(WORD_COST);
                self.config.undecided.push(at);
            }
            Err(why) => self.complain(at, why.to_owned()),
        }
    }

    fn directive(&mut self, cut: Words, at: Place) {
        let Words {
            mut words, unknown, ..
        } = cut;
        let n_words = words.len() + unknown.len();
        let n_bytes: usize = words.iter().map(|w| w.bytes.len()).sum();
        let cost = n_bytes as u64 + WORD_COST * n_words as u64;
        self.pay(cost);
        for name in &unknown {
            let name = printable(name);
            self.config.unresolved.push(Unresolved { at, name });
        }
        let negated = words
            .first()
            .is_some_and(|w| w.bytes == b"no" || w.bytes == b"default");
        if negated {
            words.remove(0);
        }
        if !words.is_empty() {
            self.config.n_directives += 1;
            let directive = Directive { at, words, negated };
            self.apply(&directive, cost);
        }
    }

    /// Counts memory that is about to be used; false when there is no more.
    pub(super) fn pay(&mut self, cost: u64) -> bool {
        let is_enough = cost < self.cost_left;
        self.cost_left = self.cost_left.saturating_sub(cost);
        is_enough
    }

    /// What is left for [`Reader::pay`].
    pub(super) fn cost_left(&self) -> u64 {
        self.cost_left
    }

    /// Keeps a complaint.
    pub(super) fn complain(&mut self, at: Place, why: String) {
        match self.config.problems.len() {
            n if n < PROBLEMS_MAX => self.config.problems.push(Problem { at, why }),
            PROBLEMS_MAX => self.config.problems.push(Problem {
                at,
                why: "more complaints from here on".to_owned(),
            }),
            _ => {}
        }
    }
}

/// Without the byte order mark that some tools write when they save a capture.
fn without_mark(line: Line<'_>) -> Line<'_> {
    Line {
        bytes: line
            .bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(line.bytes),
        ..line
    }
}

/// `[name]`, in the files of filters: what follows belongs to somebody else.
fn is_scope(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"[") && line.ends_with(b"]")
}

#[cfg(test)]
mod tests {
    use crate::base::Place;
    use crate::base::Text;
    use crate::config::Config;
    use crate::config::parse;
    use crate::config::parse_all;

    fn config(text: &str) -> Config {
        parse(Text::new(text.as_bytes()))
    }

    #[track_caller]
    fn problems(text: &str, lines: &[u64]) {
        let config = config(text);
        let got: Vec<_> = config.problems.iter().map(|p| p.at.line).collect();
        assert_eq!(got, lines, "{:?}", config.problems);
    }

    #[test]
    fn every_lexical_and_section_error_names_its_line() {
        problems("global\n maxconn 5\n", &[]);
        problems("foo bar\nglobal\n log \"x\n what ever\n", &[1, 3]);
        problems("{{ template }}\n# c\n\n{% if %}\nfrontend a\n", &[1, 4]);
        problems(
            "backend\nbackend a/b\nbackend \"${X}/\"\ndefaults\n",
            &[1, 2],
        );
        problems("backend a\n server x/y 192.0.2.1\n acl b! TRUE\n", &[2, 3]);
        problems("backend a from b\ndefaults b\nbackend c from b\n", &[1]);
        problems("[scope]\nspoe-agent a\n x y\n[other]\nwhat ever\n", &[]);
    }

    #[test]
    fn skipped_blocks_are_not_applied_and_unbalanced_ones_are_named() {
        let c = config(
            ".if 0\nbackend a\n.elif 1\nbackend b\n.else\nbackend c\n.endif\n\
             .if defined(X)\nbackend d\n.else\nbackend e\n.endif\n",
        );
        let names: Vec<_> = c.proxies.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["b", "d"]);
        assert_eq!(c.undecided.len(), 1);
        assert_eq!(c.problems, []);
        problems(".endif\n.if 1\n.else\n.else\nglobal\n", &[1, 4, 5]);
        problems(".what\n.if 0\nlog \"\nfoo\n.endif\n", &[1, 3]);
    }

    #[test]
    fn a_missing_last_line_feed_is_no_problem_but_noted() {
        let c = config("global\n maxconn 5");
        assert_eq!((c.problems.len(), c.no_final_newline.unwrap().line), (0, 2));
        assert_eq!(c.global.maxconn.unwrap().value, 5);
        assert_eq!(config("").no_final_newline, None);
    }

    #[test]
    fn a_mark_and_carriage_returns_do_no_harm() {
        let c = config("\u{feff}global\r\n maxconn 5\r\n");
        assert_eq!(c.problems, []);
        assert_eq!(c.global.maxconn.unwrap().value, 5);
    }

    #[test]
    fn several_files_share_defaults_and_keep_their_places() {
        let first = Text::new(b"defaults\n timeout client 5s\n");
        let place = Place {
            line: 101,
            offset: 1000,
        };
        let second = Text::at(b"timeout server 1s\nfrontend a\n", place);
        let c = parse_all(&[first, second]);
        assert_eq!(c.problems.len(), 1);
        let a = c.frontend("a").unwrap();
        assert_eq!(
            (a.at.line, a.timeout_ms("client").unwrap().value),
            (102, 5000)
        );
        assert_eq!(a.timeout_ms("server"), None);
    }

    #[test]
    fn secrets_are_nowhere_in_the_result() {
        let c = config(
            "global\n setenv TOKEN hunter2\nuserlist u\n user a insecure-password hunter2\n\
             frontend f\n stats auth a:hunter2\n dynamic-cookie-key hunter2\n\
             http-request set-header Authorization \"Basic hunter2\" if a\n\
             acl k hdr(x-api-key) hunter2\n acl t url_sub token=hunter2\n\
             option httpchk GET / HTTP/1.1\\r\\nAuthorization:\\ Basic\\ hunter2\n\
             http-check send hdr X-Token hunter2\n tcp-check send AUTH\\ hunter2\\r\\n\n\
             server a \"${PASSWORD-hunter2}:80\" cookie x\n log \"password hunter2\n",
        );
        assert!(!format!("{c:?}").contains("hunter2"), "{c:#?}");
    }

    #[test]
    fn hostile_sizes_end_in_a_complaint() {
        let huge = format!(
            "backend a\n{}",
            "server-template x 1000000000 h:80 check\n".repeat(3)
        );
        let c = config(&huge);
        assert!(c.proxies[0].servers.len() < 100_000);
        assert!(!c.problems.is_empty());
        let wide = format!(
            "defaults d\n{}{}",
            " http-request deny if a b c d e f g h\n".repeat(20_000),
            "frontend a\n".repeat(20_000)
        );
        let c = config(&wide);
        assert!(c.proxies.len() < 100);
        assert_eq!(c.problems.len(), 1);
        assert_eq!(config(&"x\n".repeat(5000)).problems.len(), 1001);
        assert_eq!(
            config(&format!("global\n{}\n", "x".repeat(70_000)))
                .problems
                .len(),
            1
        );
    }
}
