//! `haproxy -c`: does the configuration load?

use crate::base::Place;
use crate::base::Text;
use crate::capture::ConfigCheck;
use crate::capture::shell;
use crate::capture::shell::Program;

/// Shape: `[ALERT]    (14328) : config : parsing [/etc/haproxy/haproxy.cfg:47] : unknown keyword …`, and at the end
/// `Configuration file is valid` or `[ALERT] … : Fatal errors found in configuration.`
///
/// Since 2.9 a valid file is answered with nothing but `Warnings were found.`, if there were any, without `-V`: `valid` is
/// `None` when nothing was printed.
pub(super) fn parse(command: &str, text: Text<'_>) -> Vec<ConfigCheck> {
    let mut checks: Vec<ConfigCheck> = Vec::new();
    let mut open = false;
    if is_check(command) {
        checks.push(check_at(text.first));
        open = true;
    }
    for line in shell::lines(text) {
        if let Some(command) = &line.command {
            open = is_check(command);
            if open {
                let mut check = check_at(line.at);
                check.valid = verdict(command); // a page that lost its line breaks
                checks.push(check);
            }
            continue;
        }
        let entry = line.text.trim();
        let valid = verdict(entry);
        let is_error = entry.contains("[ALERT]") || entry.starts_with("[ERROR]");
        if !open && (valid.is_some() || is_error) {
            checks.push(check_at(line.at));
            open = true;
        }
        if let Some(check) = checks.last_mut().filter(|_| open) {
            check.valid = valid.or(check.valid);
            if is_error {
                check.errors.push((entry.to_owned(), line.at));
            }
        }
    }
    checks
}

fn check_at(at: Place) -> ConfigCheck {
    ConfigCheck {
        at,
        valid: None,
        errors: Vec::new(),
    }
}

fn is_check(command: &str) -> bool {
    match shell::program(command) {
        Some((Program::Haproxy, words)) => words
            .iter()
            .any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains('c')),
        _ => false,
    }
}

fn verdict(entry: &str) -> Option<bool> {
    let fatal = [
        "Fatal errors found in configuration",
        "Error(s) found in configuration file",
        "but will not start (no listener)",
    ];
    if fatal.iter().any(|mark| entry.contains(mark)) {
        Some(false)
    } else if entry.contains("Configuration file is valid") || entry == "Warnings were found." {
        Some(true)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_with_errors_and_one_without() {
        let text = b"$ sudo haproxy -c -V -f /etc/haproxy/haproxy.cfg\n[NOTICE]   (14328) : haproxy version is 2.6.12\n\
            [ALERT]    (14328) : config : parsing [/etc/haproxy/haproxy.cfg:47] : unknown keyword 'http-chek'\n\
            [ALERT]    (14328) : config : Fatal errors found in configuration.\n\
            $ sudo haproxy -c -V -f /etc/haproxy/haproxy.cfg Configuration file is valid\n";
        let got = parse("", Text::new(text));
        assert_eq!(got.len(), 2);
        assert_eq!((got[0].valid, got[0].errors.len()), (Some(false), 2));
        assert_eq!(got[0].errors[0].1.line, 3);
        assert_eq!((got[1].valid, got[1].errors.len()), (Some(true), 0));
    }

    #[test]
    fn output_without_its_command() {
        let got = parse("", Text::new(b"Configuration file is valid\n"));
        assert_eq!(got[0].valid, Some(true));
        let warned = parse("", Text::new(b"[WARNING]  (12) : config : missing timeouts for backend 'be_app'.\nWarnings were found.\n"));
        assert_eq!(warned[0].valid, Some(true));
        let silent = parse("haproxy -c -f x.cfg", Text::new(b""));
        assert_eq!(silent[0].valid, None);
        assert!(parse("haproxy -vv", Text::new(b"")).is_empty());
    }
}
