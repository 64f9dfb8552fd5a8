//! Arguments -> one configuration: files in the order given, a folder as HAProxy reads one, or what a bundle holds.

use crate::artifact;
use crate::artifact::Kind;
use crate::base::Text;
use crate::base::printable;
use crate::clock;
use crate::document;
use crate::document::Configuration;
use crate::document::Source;
use crate::document::by_suffix;
use crate::document::pattern_lines;
use crate::incident;
use crate::intake;
use crate::intake::Limits;
use crate::intake::Trouble;
use crate::run;
use crate::run::Found;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

/// Answers from which a backend's usual response time is known.
const ANSWERS_MIN: u64 = 20;

/// A configuration, and whether all that was named could be read.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The configuration; `None`: nothing that was named is one.
    pub configuration: Option<Configuration>,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
}

/// A document and the argument that it came with.
struct Given {
    found: Found,
    /// The name in messages.
    name: String,
    /// The argument named this very file.
    is_named: bool,
}

/// Reads a configuration: `nosrv route` and `nosrv check` begin here.
pub fn settings(arguments: &[PathBuf], limits: &Limits) -> Settings {
    let (mut sources, mut left_out) = (Vec::new(), Vec::new());
    let (mut others, mut troubles) = (Vec::new(), Vec::new());
    for argument in arguments {
        let (given, wrong) = given(argument, limits);
        troubles.extend(wrong);
        let (chosen, rest) = chosen(&given, arguments.len() > 1);
        sources.extend(chosen);
        left_out.extend(rest);
        others.extend(given);
    }
    if sources.is_empty() {
        if troubles.is_empty() {
            troubles.push(Trouble {
                name: String::new(),
                why: "no configuration of HAProxy is in what was named".to_owned(),
                fatal: true,
            });
        }
        return Settings {
            configuration: None,
            troubles,
        };
    }
    let mut configuration = Configuration::new(sources, left_out);
    for name in configuration.config.pattern_files() {
        let bytes = from_bundle(&name, &others).or_else(|| beside(&name, arguments, limits));
        if let Some(bytes) = bytes {
            configuration.files.insert(name, pattern_lines(&bytes));
        }
    }
    Settings {
        configuration: Some(configuration),
        troubles,
    }
}

/// Usual response time of each backend in milliseconds, as far as what was named holds logs; files that are configurations do not.
pub fn usual_ms(arguments: &[PathBuf], limits: &Limits) -> BTreeMap<String, u64> {
    let bundles = arguments.iter().filter(|argument| {
        let name = argument.file_name().map(|name| name.to_string_lossy());
        argument.is_dir() || name.is_some_and(|name| !name.contains(".cfg") && name != "-")
    });
    let bundles: Vec<PathBuf> = bundles.cloned().collect();
    if bundles.is_empty() {
        return BTreeMap::new();
    }
    let (leaves, _) = intake::discover(&bundles, limits);
    let evidence = run::gather::<crate::evidence::Evidence>(&leaves, limits, &()).evidence;
    let documents = document::read(Vec::new());
    let clock = clock::read(&evidence, &[], &[], clock::Given::default());
    let (bundle, _) = incident::assemble(evidence, documents, clock);
    let usual = bundle.loads.iter().filter_map(|(backend, load)| {
        let (mut sum, mut n) = (0_u64, 0_u64);
        for (_, _, second) in &load.seconds {
            sum = sum.saturating_add(second.response_ms_sum);
            n += second.n_response;
        }
        (n >= ANSWERS_MIN).then(|| (backend.to_string(), sum / n))
    });
    usual.collect()
}

/// What is below one argument.
fn given(argument: &Path, limits: &Limits) -> (Vec<Given>, Vec<Trouble>) {
    let (leaves, mut troubles) = intake::discover(&[argument.to_path_buf()], limits);
    let is_folder = argument.is_dir();
    let shown = shown(argument);
    let (found, more) = run::documents(&leaves, limits);
    troubles.extend(more);
    let given = found.into_iter().map(|found| {
        let own = leaves.iter().any(|leaf| leaf.name == found.path);
        let name = match (is_folder, found.path.split_once('/')) {
            (true, _) if shown == "." => found.path.clone(),
            (true, _) => format!("{}/{}", shown.trim_end_matches('/'), found.path),
            (false, Some((_, member))) if !own => format!("{shown}/{member}"),
            (false, _) => shown.clone(),
        };
        Given {
            is_named: !is_folder && own,
            found,
            name,
        }
    });
    (given.collect(), troubles)
}

fn shown(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    printable(path.as_os_str().as_bytes())
}

/// The configuration among the documents of one argument, and other configurations that are left out.
fn chosen(given: &[Given], several: bool) -> (Vec<Source>, Vec<String>) {
    if let [one] = given
        && one.is_named
    {
        // A map or list beside a configuration goes with it; alone it was meant as one.
        let is_list = several && one.found.kind == Kind::Map;
        let mut sources = if is_list { Vec::new() } else { parts(one) };
        let may_be = matches!(
            one.found.kind,
            Kind::UnknownText | Kind::Empty | Kind::Log | Kind::Map
        );
        if sources.is_empty() && may_be && !is_list {
            sources.push(source(one, Text::new(&one.found.document)));
        }
        return (sources, Vec::new());
    }
    let mut all: Vec<(&Given, Vec<Source>)> = given
        .iter()
        .map(|one| (one, parts(one)))
        .filter(|(_, parts)| !parts.is_empty())
        .collect();
    all.sort_by(|(a, _), (b, _)| rank(&a.name).cmp(&rank(&b.name)));
    let Some((first, _)) = all.first() else {
        return (Vec::new(), Vec::new());
    };
    let home = folder_of(&first.name).to_owned();
    let has_one = all.len() == 1;
    let (mut sources, mut left_out): (Vec<(String, Source)>, Vec<String>) =
        (Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for (one, parts) in all {
        let below = one.name.strip_prefix(&home).unwrap_or_default();
        let is_piece = is_cfg(&one.name) && matches!(below.matches('/').count(), 0 | 1);
        for part in parts {
            let names = proxies(&part);
            let is_first = sources.is_empty();
            if (is_first || is_piece || has_one) && known.is_disjoint(&names) {
                known.extend(names);
                sources.push((one.name.clone(), part));
            } else {
                left_out.push(one.name.clone());
            }
        }
    }
    // HAProxy reads a folder by name; pieces in a folder of their own come behind.
    sources.sort_by(|(a, _), (b, _)| (a.matches('/').count(), a).cmp(&(b.matches('/').count(), b)));
    left_out.dedup();
    (
        sources.into_iter().map(|(_, source)| source).collect(),
        left_out,
    )
}

/// Which of several configurations is the one: `haproxy.cfg` before others, near before deep.
fn rank(name: &str) -> (bool, usize, bool, &str) {
    let file = name.rsplit('/').next().unwrap_or(name);
    let is_main = matches!(file, "haproxy.cfg" | "haproxy.config" | "haproxy.conf");
    (!is_main, name.matches('/').count(), !is_cfg(name), name)
}

fn is_cfg(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.ends_with(".cfg") && !file.starts_with('.')
}

/// With its slash; empty at the top.
fn folder_of(name: &str) -> &str {
    name.rfind('/').map_or("", |at| name.split_at(at + 1).0)
}

/// Names of the proxies of a source: two configurations that share one are versions of each other.
fn proxies(source: &Source) -> BTreeSet<(bool, String)> {
    let config = crate::config::parse(Text::new(&source.bytes));
    let proxies = config.proxies.into_iter();
    proxies
        .map(|proxy| (proxy.kind == crate::config::ProxyKind::Frontend, proxy.name))
        .collect()
}

/// The parts of a document that are configuration.
fn parts(one: &Given) -> Vec<Source> {
    artifact::split(one.found.kind, Text::new(&one.found.document))
        .into_iter()
        .filter(|part| part.kind == Kind::Config)
        .map(|part| source(one, part.text))
        .collect()
}

fn source(one: &Given, text: Text<'_>) -> Source {
    Source {
        name: one.name.clone(),
        bytes: text.bytes.to_vec(),
        line: text.first.line,
    }
}

fn from_bundle(name: &str, others: &[Given]) -> Option<Vec<u8>> {
    let lists = others.iter().filter(|one| one.found.kind != Kind::Config);
    let path = by_suffix(name, lists.clone().map(|one| one.name.as_str()))?;
    let one = lists.into_iter().find(|one| one.name == path)?;
    Some(one.found.document.clone())
}

/// A file of that name below the folder of a file that was named.
fn beside(name: &str, arguments: &[PathBuf], limits: &Limits) -> Option<Vec<u8>> {
    let files = arguments.iter().filter(|argument| argument.is_file());
    let folders = files.filter_map(|file| file.parent());
    let leaf = folders
        .map(|folder| {
            if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            }
        })
        .find_map(|folder| intake::beside(folder, name))?;
    let (found, _) = run::documents(&[leaf], limits);
    found.into_iter().next().map(|found| found.document)
}
