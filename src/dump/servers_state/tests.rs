//! Tests of `show servers state`: whole, old, cut, wrapped, snipped, flowed.

use super::*;
use crate::event::message::CheckStatus;

const HEADER: &str = "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";
const APP1: &str = "3 be_app 1 app1 10.0.10.11 0 0 1 1 134 8 2 0 6 0 0 0 - 8080 - 0 9000 - - 0";
const APP2: &str =
    "3 be_app 2 app2 10.0.10.12 2 32 5 1 134 15 3 4 6 0 0 0 app2.example.com 8080 - 0 0 - - 0";

#[track_caller]
fn check(
    text: &str,
    expected: &[(&str, Option<Op>, Option<u16>)],
    n_broken: u64,
) -> Vec<ServerRow> {
    let mut tally = Tally::default();
    let rows = parse(Text::new(text.as_bytes()), &mut tally);
    let got: Vec<(&str, Option<Op>, Option<u16>)> = rows
        .iter()
        .map(|r| (r.server.as_str(), r.op, r.port))
        .collect();
    assert_eq!(got, expected, "{text}");
    assert_eq!(tally.n_broken, n_broken, "{text}");
    rows
}

const DOWN_UP: [(&str, Option<Op>, Option<u16>); 2] = [
    ("app1", Some(Op::Stopped), Some(8080)),
    ("app2", Some(Op::Running), Some(8080)),
];

fn wrap(line: &str, width: usize) -> String {
    let chars: Vec<char> = line.chars().collect();
    let lines: Vec<String> = chars.chunks(width).map(|c| c.iter().collect()).collect();
    lines.join("\n")
}

#[test]
fn every_column_of_a_whole_row() {
    let rows = check(&format!("1\n{HEADER}\n{APP1}\n{APP2}\n\n"), &DOWN_UP, 0);
    let app1 = &rows[0];
    assert_eq!((app1.at.line, app1.backend.as_str()), (3, "be_app"));
    assert_eq!(app1.address, "10.0.10.11");
    assert_eq!(app1.since_change_s, Some(134));
    assert_eq!(app1.check_status, Some(CheckStatus::L4Con));
    assert_eq!(
        (app1.check_health, app1.check_state, app1.agent_state),
        (Some(0), Some(6), Some(0))
    );
    assert_eq!((app1.check_port, app1.fqdn.as_str()), (Some(9000), ""));
    assert_eq!(rows[1].fqdn, "app2.example.com");
    assert_eq!((rows[1].admin, rows[1].weight), (Some(Admin(32)), Some(5)));
    assert_eq!(rows[1].check_port, None);
}

#[test]
fn a_glued_version_line_prompts_and_a_second_dump() {
    check(
        &format!("1{HEADER}\n> {APP1}\n{APP2}\n\n1\n{HEADER}\n"),
        &DOWN_UP,
        0,
    );
    check(&format!("{APP1}\n{APP2}"), &DOWN_UP, 0);
}

#[test]
fn old_versions_have_fewer_columns() {
    check(
        "4 app 1 a 192.0.2.1 0 0 1 1 10304 17 2 0 6 22 0 0\n4 app 2 b 192.0.2.2:443 2 0 1 1 9 6 3 4 6 0 0 0\n4 app 3 c 192.0.2.3 2 0 1 1 9 6 3 4 6 0 0 0 - 81\n",
        &[
            ("a", Some(Op::Stopped), None),
            ("b", Some(Op::Running), Some(443)),
            ("c", Some(Op::Running), Some(81)),
        ],
        0,
    );
}

#[test]
fn a_snipped_header_names_the_columns_after_the_snip() {
    let dump = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state ##### snipped srv_port\n3 be_app 1 app1 10.0.10.11 0 ##### snipped 8080\n3 be_app 2 app2 10.0.10.12 2 ##### snipped 8080\n";
    let rows = check(dump, &DOWN_UP, 0);
    assert_eq!(rows[0].admin, None);
    let flowed = format!(
        "$ printf \"show servers state be_app\\n\" | sudo socat - {}",
        dump.replace('\n', " ")
    );
    check(&flowed, &DOWN_UP, 0);
}

#[test]
fn snips_elsewhere() {
    check(
        &format!(
            "{HEADER}\n3 be_app 1 app1 10.0.10.11 0 ... - 8080 - 0 0 - - 0\n##### snipped\n{APP2}\n"
        ),
        &DOWN_UP,
        0,
    );
    check(
        &format!(
            "# be_id be_name srv_id srv_name srv_addr srv_op_state ##### snipped srv_port\n{APP1}\n{APP2}\n"
        ),
        &DOWN_UP,
        0,
    );
}

#[test]
fn everything_flowed_into_one_line() {
    check(
        &format!("some text 1 {HEADER} {APP1} {APP2} and more text"),
        &DOWN_UP,
        0,
    );
    check(&format!("{APP1} {APP2}"), &DOWN_UP, 0);
}

#[test]
fn a_terminal_of_80_columns_wraps_inside_words() {
    let dump = format!(
        "{}\n{}\n{}\n",
        wrap(HEADER, 80),
        wrap(APP1, 60),
        wrap(APP2, 60)
    );
    check(&dump, &DOWN_UP, 0);
}

#[test]
fn a_document_wraps_between_words() {
    let dump = format!(
        "1\n{}\n{APP1}\n{APP2}\n",
        HEADER
            .replace(" srv_uw", "\nsrv_uw")
            .replace(" srv_fq", "\nsrv_fq")
    );
    check(&dump, &DOWN_UP, 0);
}

#[test]
fn values_that_a_cut_may_have_shortened_are_absent() {
    let cut = |line: &str| -> String { line.chars().take(36).collect() };
    let rows = check(
        &format!("{}\n{}\n{}\n", cut(HEADER), cut(APP1), cut(APP2)),
        &[
            ("app1", Some(Op::Stopped), None),
            ("app2", Some(Op::Running), None),
        ],
        0,
    );
    assert_eq!(rows[0].weight, Some(1));
    assert_eq!(rows[0].since_change_s, None);
    let chopped = check(
        "3 be_app 1 app1 10.0.10.11 0 0 1 1 13>\n",
        &[("app1", Some(Op::Stopped), None)],
        0,
    );
    assert_eq!(chopped[0].since_change_s, None);
}

#[test]
fn rows_cut_before_their_state_are_broken() {
    check(
        &format!("{HEADER}\n3 be_app 1 app1 10.0.1\n{APP2}\n"),
        &DOWN_UP[1..],
        1,
    );
    check("Can't find backend.\n", &[], 1);
}

#[test]
fn a_header_cut_at_the_right_leaves_whole_rows_whole() {
    let header: String = HEADER.chars().take(95).collect();
    check(&format!("{header}\n{APP1}\n"), &DOWN_UP[..1], 0);
}

#[test]
fn columns_chosen_by_an_operator() {
    check(
        "be_name srv_name srv_op_state srv_port\nbe_app app1 0 8080\nbe_app app2 2 8080\n",
        &DOWN_UP,
        0,
    );
}

#[test]
fn odd_values_do_not_shift_their_neighbours() {
    let rows = check(
        &format!(
            "{}\n1 pg 1 pg1 0.0.0.0 2 0 100 100 0 L4OK 0 0 0 0 0 0 - 0 - 0 0 - - 0\n1 pg 2 pg2   - 0 96 1 1 153 15 3 0 14 0 0 0 - 0 _pg._tcp.example.com 0 0 - - 0\n",
            HEADER.replace("bk_f", "bkd_f")
        ),
        &[
            ("pg1", Some(Op::Running), None),
            ("pg2", Some(Op::Stopped), None),
        ],
        0,
    );
    assert_eq!(rows[0].check_status, Some(CheckStatus::L4Ok));
    assert_eq!(rows[1].address, "");
}
