//! What `nosrv regress` prints, one file per format, and the table that lists them.

mod json;
mod junit;
mod text;

use crate::regress::Checked;

/// One format.
pub struct Format {
    /// Value of `--format`.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    /// Prints what was checked, ending with a line feed.
    pub render: fn(&[Checked]) -> String,
}

/// The table of formats; the first is the default.
pub const FORMATS: [Format; 3] = [
    Format {
        name: "text",
        about: "for a terminal: what changed, and a line with the numbers",
        render: text::render,
    },
    Format {
        name: "json",
        about: "for programs: one object",
        render: json::render,
    },
    Format {
        name: "junit",
        about: "for a build server: JUnit XML",
        render: junit::render,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regress::Difference;
    use crate::regress::State;

    fn checked() -> Vec<Checked> {
        let state = |name: &str, state| Checked {
            name: name.to_owned(),
            state,
        };
        vec![
            state("a/same", State::Same),
            state(
                "b/<changed>",
                State::Changed(vec![
                    Difference {
                        backend: "be_app".to_owned(),
                        what: "cause".to_owned(),
                        expected: "listener-refused".to_owned(),
                        got: "check-timeout".to_owned(),
                        evidence: vec![
                            "- journal.txt:31".to_owned(),
                            "+ journal.txt:40".to_owned(),
                        ],
                    },
                    Difference {
                        backend: String::new(),
                        what: "verdict".to_owned(),
                        expected: "no-incident".to_owned(),
                        got: "incident".to_owned(),
                        evidence: Vec::new(),
                    },
                ]),
            ),
            state("c", State::Failed("the expectation is no JSON".to_owned())),
            state("d", State::Blessed),
        ]
    }

    #[test]
    fn text_shows_expected_and_got() {
        assert_eq!(
            (FORMATS[0].render)(&checked()),
            "changed  b/<changed>\n\
             \x20   be_app: cause\n\
             \x20       expected  listener-refused\n\
             \x20       got       check-timeout\n\
             \x20       evidence  - journal.txt:31\n\
             \x20                 + journal.txt:40\n\
             \x20   verdict\n\
             \x20       expected  no-incident\n\
             \x20       got       incident\n\
             failed   c\n\
             \x20   the expectation is no JSON\n\
             blessed  d\n\
             4 archived incidents: 1 as expected, 1 changed, 1 failed, 1 blessed\n"
        );
    }

    #[test]
    fn junit_escapes_and_counts() {
        let xml = (FORMATS[2].render)(&checked());
        assert!(
            xml.contains(r#"<testsuite name="nosrv regress" tests="4" failures="1" errors="1">"#),
            "{xml}"
        );
        assert!(
            xml.contains(r#"<testcase classname="b" name="&lt;changed&gt;">"#),
            "{xml}"
        );
        assert!(
            xml.contains("be_app: cause: expected listener-refused, got check-timeout"),
            "{xml}"
        );
    }

    #[test]
    fn json_holds_everything() {
        let value: serde_json::Value =
            serde_json::from_str(&(FORMATS[1].render)(&checked())).unwrap();
        assert_eq!(value["schema"], "nosrv.regress/1");
        assert_eq!(value["changed"], 1);
        assert_eq!(value["cases"][1]["differences"][0]["got"], "check-timeout");
        assert_eq!(value["cases"][2]["why"], "the expectation is no JSON");
    }
}
