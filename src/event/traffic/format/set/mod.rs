//! The formats of a bundle, and which of them a line is in.

use super::Format;
use super::WEIGHT_MIN;
use super::declared;
use super::known::Known;
use super::known::Told;
use super::starts::Starts;
use crate::config::Config;
use crate::event::traffic::Decoded;
use crate::event::traffic::Names;
use crate::event::traffic::Source;
use crate::event::traffic::Traffic;
use crate::event::traffic::accept;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// `option httplog clf` and `option tcplog clf`, which the fast decoder does not read.
///
/// Source: configuration manual 3.2, "HTTP log format" (CLF), "TCP log format" (CLF).
const CLF: [&str; 2] = [
    r#"%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl"#,
    r#"%{+Q}o %{-Q}ci - - [%T] "TCP " 000 %B "" "" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- %ac %fc %bc %sc %rc %sq %bq "" """#,
];

/// `option httplog clf` up to 1.6: the date is that of the connection, the first and last timers are `%Tq` and `%Tt`.
const CLF_OLD: &str = r#"%{+Q}o %{-Q}ci - - [%T] %r %ST %B "" "" %cp %ms %ft %b %s %Tq %Tw %Tc %Tr %Tt %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl"#;

/// The set of a bundle that declares nothing.
pub(in crate::event::traffic) static BUILT_IN: LazyLock<Formats> =
    LazyLock::new(|| Formats::of(&[]));

/// Formats beside those of the fast decoder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formats {
    /// Those with most to tell first.
    list: Vec<Format>,
    /// Frontends that declare a format of their own which the fast decoder could mistake for a built-in one.
    own: BTreeSet<String>,
    /// What the configurations declare for each frontend.
    declared: BTreeMap<String, BTreeSet<Source>>,
    /// Names of all proxies.
    names: BTreeSet<String>,
    has_declared: bool,
    has_own: bool,
    /// How lines of formats begin that no line of the fast decoder begins like.
    own_starts: Starts,
}

impl Formats {
    /// The formats of all configurations of a bundle, whatever their order.
    pub fn of(configs: &[&Config]) -> Formats {
        let mut formats = Formats::default();
        let mut by_text = BTreeMap::<(String, String), Format>::new();
        for found in configs.iter().flat_map(|config| declared::all(config)) {
            let name = found.frontend.clone();
            if let Some(name) = &name {
                let sources = formats.declared.entry(name.clone()).or_default();
                sources.insert(found.source);
            }
            let Some(text) = found.text else { continue };
            let format = by_text
                .entry((text.clone(), found.named.clone()))
                .or_insert_with(|| Format {
                    text,
                    ..Format::new(&found.named, Source::Declared)
                });
            if let Some(name) = name {
                formats.own.insert(name.clone());
                // Two users with two backends: the line does not tell which.
                format.backend = match (&format.backend, format.frontends.is_empty()) {
                    (_, true) => found.backend,
                    (before, false) => before.clone().filter(|b| Some(b) == found.backend.as_ref()),
                };
                format.frontends.insert(name);
            }
        }
        for config in configs {
            let names = config.proxies.iter().map(|p| p.name.clone());
            formats.names.extend(names);
        }
        formats.has_declared = !by_text.is_empty();
        formats.list.extend(by_text.into_values());
        formats.sort();
        // With two formats the same bytes might be two keys.
        if let [only] = formats.list.as_mut_slice() {
            only.is_keyed = only.program.has_names_together();
            let is_beside = |name: &String| declares_built_in(&formats.declared, name);
            only.leave_the_rest(!only.frontends.iter().any(is_beside));
        }
        let clf = [CLF[0], CLF_OLD, CLF[1]];
        formats
            .list
            .extend(clf.map(|text| Format::new(text, Source::BuiltIn)));
        for (number, format) in formats.list.iter_mut().enumerate() {
            format.number = number;
            if let (Some(name), 1) = (format.frontends.first().cloned(), format.frontends.len()) {
                format.set_only_frontend(&name);
            }
        }
        formats.has_own = formats.list.iter().any(|format| format.is_own);
        formats.own_starts = Starts::of(|c| {
            let mut own = formats.list.iter().filter(|format| format.is_own);
            own.any(|format| format.may_read(&[c]))
        });
        formats
    }

    /// With a format that was inferred from a log's lines, tried last.
    pub fn with(&self, inferred: Format) -> Formats {
        let mut formats = self.clone();
        let number = formats.list.len();
        formats.list.push(Format { number, ..inferred });
        formats
    }

    /// Formats of the configurations.
    pub fn declared(&self) -> impl Iterator<Item = &Format> {
        self.list.iter().filter(|f| f.source == Source::Declared)
    }

    /// There is a format whose lines nearly all are read by [`crate::event::traffic::Declared`].
    pub fn is_quick(&self) -> bool {
        self.list
            .first()
            .is_some_and(|format| format.quick.is_some())
    }

    /// No configuration declares a format of its own.
    pub fn is_built_in(&self) -> bool {
        !self.has_declared
    }

    fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            let key = |f: &Format| {
                (
                    f.is_telling(),
                    f.program.fields().count(),
                    f.program.n_literal(),
                )
            };
            key(b).cmp(&key(a)).then_with(|| a.text.cmp(&b.text))
        });
    }

    /// A line that the fast decoder took for a built-in one: its frontend may have a format of its own that only looks so.
    pub(in crate::event::traffic) fn confirm<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        line: &mut Option<Traffic<'a>>,
    ) -> Decoded {
        if self.has_declared {
            self.confirm_declared(body, dates, line)
        } else {
            Decoded::Traffic
        }
    }

    #[inline(never)]
    fn confirm_declared<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        line: &mut Option<Traffic<'a>>,
    ) -> Decoded {
        let frontend = line.as_ref().map_or(&b""[..], Traffic::frontend);
        let Some(name) = std::str::from_utf8(frontend)
            .ok()
            .filter(|name| self.own.contains(*name))
        else {
            return Decoded::Traffic;
        };
        // Beside a built-in format stands one for errors (`error-log-format`). One that ends in a sample has room there for all that
        // a whole stream's line says behind its frontend, so it is asked only when it would tell as much.
        let is_beside = declares_built_in(&self.declared, name);
        let mut own = self.declared().filter(|format| {
            format.frontends.contains(name)
                && (format.is_telling() || !is_beside)
                && format.may_read(body)
        });
        let read = own.find_map(|format| format.read_with(body, dates, line));
        read.unwrap_or_else(|| {
            if let Some(line) = line {
                line.undeclared = self.is_undeclared(line.frontend(), line.source);
            }
            Decoded::Traffic
        })
    }

    /// The fast decoder alone tells what a line says that it has read: no line of a format of its own begins so, and the frontend
    /// declares none that [`Formats::confirm`] would ask.
    #[inline(always)]
    pub(in crate::event::traffic) fn leave_to_the_built_in(
        &self,
        body: &[u8],
        names: &Names<'_>,
        known: &mut Known,
    ) -> bool {
        !self.own_starts.may_begin(body) && !self.may_be_confirmed(names.frontend(), known)
    }

    #[inline(never)]
    fn may_be_confirmed(&self, frontend: &[u8], known: &mut Known) -> bool {
        let told = known.told([frontend, b""], usize::MAX, || Told {
            is_own: std::str::from_utf8(frontend).is_ok_and(|name| {
                let mut own = self.declared().filter(|f| f.frontends.contains(name));
                self.own.contains(name)
                    && (!declares_built_in(&self.declared, name) || own.any(Format::is_telling))
            }),
            ..Told::default()
        });
        told.is_own
    }

    /// What [`Formats::read_own`] says of a line whose values are all like most, in the format that tells most; `None`: it is to
    /// be asked.
    #[inline(always)]
    pub(in crate::event::traffic) fn own_quickly<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        known: &mut Known,
    ) -> Option<Traffic<'a>> {
        let format = self.list.first()?;
        let (line, is_of_the_only_one) = format.quickly(body, dates)?;
        if is_of_the_only_one {
            return Some(line);
        }
        let names = line.names();
        let told = self.told(format, known, &{ names });
        told.is_own.then_some(Traffic {
            undeclared: told.undeclared,
            ..line
        })
    }

    /// A line in a format that its frontend declares, whatever else could be seen in it; `false`: it is to be asked elsewhere.
    ///
    /// A format whose lines begin like built-in ones is left to the fast decoder and [`Formats::confirm`]: that one sees in the
    /// names which of the two it is.
    pub(in crate::event::traffic) fn read_own<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        known: &mut Known,
        line: &mut Option<Traffic<'a>>,
    ) -> bool {
        self.has_own && self.read_any_own(body, dates, known, line)
    }

    #[inline(never)]
    fn read_any_own<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        known: &mut Known,
        line: &mut Option<Traffic<'a>>,
    ) -> bool {
        for format in self.list.iter().filter(|format| format.may_read(body)) {
            if !format.is_own {
                return false;
            }
            let Some(decoded) = format.read_with(body, dates, line) else {
                continue;
            };
            if let Some(traffic) = line.as_mut().filter(|_| decoded == Decoded::Traffic)
                && (format.is_of(traffic.frontend()) || self.tell(format, known, traffic).is_own)
            {
                return true;
            }
            *line = None;
            return false;
        }
        false
    }

    /// A line that is in no format of the fast decoder.
    pub(in crate::event::traffic) fn read<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        known: &mut Known,
        line: &mut Option<Traffic<'a>>,
    ) -> Option<Decoded> {
        // The best of what is read by a format whose names say nothing, and whether `line` still says what it read.
        let mut second = None::<(Decoded, &Format)>;
        let mut is_there = false;
        for format in self.list.iter().filter(|format| format.may_read(body)) {
            let Some(decoded) = format.read_with(body, dates, line) else {
                continue;
            };
            let Some(traffic) = line.as_mut().filter(|_| decoded == Decoded::Traffic) else {
                if format.weight >= WEIGHT_MIN {
                    second.get_or_insert((decoded, format));
                }
                continue;
            };
            let told = self.tell(format, known, traffic);
            if told.is_named || format.source != Source::Declared {
                return Some(decoded);
            }
            let is_first = second.is_none_or(|(decoded, _)| decoded != Decoded::Traffic);
            is_there = format.weight >= WEIGHT_MIN && is_first;
            if is_there {
                second = Some((decoded, format));
            }
        }
        let (decoded, format) = second?;
        if decoded != Decoded::Traffic {
            *line = None;
        } else if !is_there {
            format.read_with(body, dates, line);
            if let Some(traffic) = line {
                self.tell(format, known, traffic);
            }
        }
        Some(decoded)
    }

    /// What the configurations tell of the line's names.
    fn tell(&self, format: &Format, known: &mut Known, line: &mut Traffic<'_>) -> Told {
        let told = self.told(format, known, &line.names());
        line.undeclared = told.undeclared;
        told
    }

    #[inline(never)]
    fn told(&self, format: &Format, known: &mut Known, names: &Names<'_>) -> Told {
        let (frontend, backend) = (names.frontend(), names.backend());
        known.told([frontend, backend], format.number, || {
            self.ask(frontend, backend, format)
        })
    }

    /// What the configurations tell of a frontend, which a line may lack, and a backend.
    #[inline(never)]
    fn ask(&self, frontend: &[u8], backend: &[u8], format: &Format) -> Told {
        let is_among = |names: &BTreeSet<String>, name: &[u8]| {
            std::str::from_utf8(name).is_ok_and(|name| names.contains(name))
        };
        let is_known = |name: &[u8]| is_among(&self.names, name);
        let is_named = is_known(backend) && (frontend.is_empty() || is_known(frontend));
        // A backend may have its name from a request; then the line itself has to say whose it is.
        let is_believed = is_named || format.is_believed;
        Told {
            is_named,
            is_own: is_believed && is_among(&format.frontends, frontend),
            undeclared: self.is_undeclared(frontend, format.source),
        }
    }

    /// The configurations declare another format for this frontend.
    fn is_undeclared(&self, frontend: &[u8], source: Source) -> bool {
        let declared = std::str::from_utf8(frontend)
            .ok()
            .and_then(|name| self.declared.get(name));
        declared.is_some_and(|sources| !sources.contains(&source))
    }
}

/// A frontend declares a built-in format; one of its own may stand beside it.
fn declares_built_in(declared: &BTreeMap<String, BTreeSet<Source>>, frontend: &str) -> bool {
    let sources = declared.get(frontend);
    sources.is_some_and(|sources| sources.contains(&Source::BuiltIn))
}

#[cfg(test)]
mod tests;
