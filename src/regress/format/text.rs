//! For a terminal: expected and got, one below the other.

use crate::base::counted;
use crate::regress::Checked;
use crate::regress::Difference;
use crate::regress::State;
use std::fmt::Write as _;

pub(super) fn render(all: &[Checked]) -> String {
    let mut out = String::new();
    let (mut same, mut changed, mut failed, mut blessed) = (0, 0, 0, 0);
    for Checked { name, state } in all {
        match state {
            State::Same => same += 1,
            State::Changed(differences) => {
                changed += 1;
                line(&mut out, &format!("changed  {name}"));
                for difference in differences {
                    show(&mut out, difference);
                }
            }
            State::Failed(why) => {
                failed += 1;
                line(&mut out, &format!("failed   {name}"));
                line(&mut out, &format!("    {why}"));
            }
            State::Blessed => {
                blessed += 1;
                line(&mut out, &format!("blessed  {name}"));
            }
        }
    }
    let mut total = format!(
        "{}: {same} as expected, {changed} changed",
        counted(all.len() as u64, "archived incident")
    );
    if failed > 0 {
        write!(total, ", {failed} failed").unwrap_or_default();
    }
    if blessed > 0 {
        write!(total, ", {blessed} blessed").unwrap_or_default();
    }
    line(&mut out, &total);
    out
}

fn show(out: &mut String, difference: &Difference) {
    let Difference {
        backend,
        what,
        expected,
        got,
        evidence,
    } = difference;
    let about = if backend.is_empty() {
        what.clone()
    } else {
        format!("{backend}: {what}")
    };
    line(out, &format!("    {about}"));
    line(out, &format!("        expected  {expected}"));
    line(out, &format!("        got       {got}"));
    let mut lead = "evidence";
    for moved in evidence {
        line(out, &format!("        {lead:8}  {moved}"));
        lead = "";
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}
