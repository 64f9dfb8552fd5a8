//! `nosrv route`: a configuration and a URL in, the way of the request out.

use crate::cli::DONE;
use crate::cli::FAILED;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::output::When;
use crate::cli::request::report_troubles;
use clap::Args;
use clap::ValueEnum;
use nosrv::base::printable;
use nosrv::base::wrap;
use nosrv::config::Config;
use nosrv::document::Configuration;
use nosrv::intake::Limits;
use nosrv::route::Asked;
use nosrv::route::Document;
use nosrv::route::Entry;
use nosrv::route::Layout;
use nosrv::route::Outcome;
use nosrv::route::Request;
use nosrv::route::Router;
use nosrv::route::Trace;
use nosrv::route::asked;
use nosrv::route::entries;
use nosrv::route::json;
use nosrv::route::render;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Most frontends that are traced when none has the port.
const FRONTENDS_MAX: usize = 20;

/// Tells which rules a request meets in a configuration, and which backend it reaches
#[derive(Args, Debug)]
#[command(
    after_help = "Headers that are not named are taken as not sent, apart from those that clients and proxies add of \
                  themselves (User-Agent, Cookie, X-Forwarded-For …): those are unknown. Maps and lists are read from the \
                  folder of the configuration, or from the bundle.\n\
                  Exit code 0: done; 2: the configuration cannot be read."
)]
pub(crate) struct Route {
    /// Files in HAProxy's order, a folder, or a bundle that holds them; - for standard input
    #[arg(required = true, value_name = "CONFIG")]
    configs: Vec<PathBuf>,

    /// What the client asks for, such as https://www.example.com/shop
    #[arg(value_name = "URL")]
    url: String,

    /// A header of the request; `Name:` alone: not sent; may be given several times
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    header: Vec<String>,

    /// Its method
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET")]
    method: String,

    /// Server name of the TLS handshake, when it is not the URL's
    #[arg(long, value_name = "NAME")]
    sni: Option<String>,

    /// The client's address
    #[arg(long, value_name = "ADDRESS")]
    src: Option<IpAddr>,

    /// The port that the client connects to, when it is not the URL's
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// The frontend, when the port does not tell
    #[arg(long, value_name = "NAME")]
    frontend: Option<String>,

    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Form::Text, value_name = "FORMAT")]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For programs
    Json,
}

/// A frontend and the way through it.
struct Way {
    entry: Entry,
    trace: Trace,
}

pub(super) fn run(flags: &Route) -> Result<u8, Failure> {
    let settings = nosrv::settings(&flags.configs, &Limits::default());
    let complete = report_troubles(&settings.troubles);
    let Some(configuration) = settings.configuration else {
        return Ok(FAILED);
    };
    let ways = ways(flags, &configuration);
    if ways.is_empty() {
        output::complain(&no_frontend(flags, &configuration.config));
        return Ok(FAILED);
    }
    let text = match flags.format {
        Form::Text => text(flags, &configuration, &ways),
        Form::Json => document(flags, &configuration, &ways),
    };
    output::print(&text)?;
    Ok(if complete { DONE } else { FAILED })
}

fn no_frontend(flags: &Route, config: &Config) -> String {
    let all: Vec<String> = entries(config, None)
        .into_iter()
        .map(|entry| entry.frontend)
        .collect();
    match &flags.frontend {
        Some(name) if !all.is_empty() => format!(
            "no frontend has the name {}; there are {}",
            printable(name.as_bytes()),
            all.join(", ")
        ),
        _ => "the configuration has no frontend".to_owned(),
    }
}

fn ways(flags: &Route, configuration: &Configuration) -> Vec<Way> {
    let config = &configuration.config;
    let mut request = asked(&Asked {
        url: flags.url.clone(),
        method: flags.method.clone(),
        headers: flags.header.clone(),
        sni: flags.sni.clone().unwrap_or_default(),
        src: flags.src,
    });
    request.dst_port = flags.port.or(request.dst_port);
    request.files = Arc::new(configuration.files.clone());
    let mut found = match &flags.frontend {
        Some(_) => entries(config, None),
        None => entries(config, request.dst_port),
    };
    if let Some(name) = &flags.frontend {
        let by_port = entries(config, request.dst_port).into_iter();
        let of_port: Vec<Entry> = by_port.filter(|entry| entry.frontend == *name).collect();
        found.retain(|entry| entry.frontend == *name);
        found = if of_port.is_empty() { found } else { of_port };
    }
    let router = Router::new(config);
    found
        .into_iter()
        .take(FRONTENDS_MAX)
        .map(|entry| {
            let request = Request {
                // Only HAProxy's own end of TLS counts for `ssl_fc`; something before it may have ended it.
                tls: entry.tls.or(request.tls),
                ..request.clone()
            };
            let trace = router.trace(&entry.frontend, &request);
            Way { entry, trace }
        })
        .collect()
}

fn missing(configuration: &Configuration) -> Vec<String> {
    let named = configuration.config.pattern_files().into_iter();
    named
        .filter(|name| !configuration.files.contains_key(name))
        .collect()
}

fn named(flags: &Route) -> String {
    let text = format!("{} {}", flags.method, flags.url);
    printable(text.as_bytes())
}

fn document(flags: &Route, configuration: &Configuration, ways: &[Way]) -> String {
    let mut document = Document::new(
        named(flags),
        missing(configuration),
        configuration.left_out.clone(),
    );
    let place = |at| {
        let (file, line) = configuration.locate(at);
        (file.to_owned(), line)
    };
    document.ways = ways
        .iter()
        .map(|way| json(&way.entry.frontend, way.entry.at, &way.trace, &place))
        .collect();
    output::json(&document)
}

fn text(flags: &Route, configuration: &Configuration, ways: &[Way]) -> String {
    let columns = output::style(When::Never).columns;
    let mut out = String::new();
    let mut say = |text: &str| {
        for line in wrap(text, columns, columns) {
            out.push_str(&line);
            out.push('\n');
        }
    };
    for name in &configuration.left_out {
        say(&format!("{name} is another version: not read"));
    }
    if ways.iter().all(|way| way.entry.bind.is_none()) && flags.frontend.is_none() {
        say("no frontend has the port of the request: every one of them is traced");
    }
    for way in ways {
        out.push_str(&one(flags, configuration, way, columns));
    }
    out
}

fn one(flags: &Route, configuration: &Configuration, way: &Way, columns: usize) -> String {
    let several = configuration.sources.len() > 1;
    let place = |at| match configuration.locate(at) {
        (_, line) if !several => format!("line {line}"),
        (file, line) => format!("{file}:{line}"),
    };
    let name = &way.entry.frontend;
    let entered = place(way.entry.bind.unwrap_or(way.entry.at));
    let mut out = String::new();
    for line in wrap(
        &format!("{} enters {name} ({entered})", named(flags)),
        columns,
        columns,
    ) {
        out.push_str(&format!("{line}\n"));
    }
    out.push_str(&render(
        &way.trace,
        &Layout {
            columns,
            place: &place,
        },
    ));
    for note in notes(&configuration.config, &way.trace) {
        for line in wrap(&note, columns.saturating_sub(3), columns.saturating_sub(3)) {
            out.push_str(&format!("   {line}\n"));
        }
    }
    out
}

/// What the reached backend lacks.
fn notes(config: &Config, trace: &Trace) -> Vec<String> {
    let reached = trace.outcome.ends().iter().filter_map(|end| match end {
        Outcome::Backend { name, .. } => Some(name),
        _ => None,
    });
    let mut notes = Vec::new();
    for name in reached {
        let note = match config.backend(name) {
            None => format!("{name} is no backend of this configuration"),
            Some(backend) if backend.disabled.is_some() => format!("{name} is disabled"),
            Some(backend) if backend.servers.is_empty() && backend.dispatch.is_none() => {
                format!("{name} has no server: HAProxy answers 503 unless a rule of it answers")
            }
            Some(backend) if backend.servers.iter().all(|s| s.disabled.is_some()) => {
                format!("every server of {name} starts disabled")
            }
            Some(_) => continue,
        };
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}
