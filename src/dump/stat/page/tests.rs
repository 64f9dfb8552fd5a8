//! Pages as 2.6 writes them.

use super::*;
use crate::dump::Availability;
use crate::dump::StatKind;

/// A page as 2.6 writes it, cut to what the tests look at; `lead` is the check box of the administrator's page.
fn page(lead: bool) -> String {
    let (head, cell) = if lead {
        (
            "<th rowspan=2 width=1><input type=\"checkbox\"></th>",
            "<td><input type=\"checkbox\" name=\"s\" value=\"x\"></td>",
        )
    } else {
        ("", "")
    };
    let queue = "<td>0</td><td>1</td><td>-</td>";
    let sessions = "<td><u>1<div class=tips><table class=det><tr><th>- HTTP 5xx responses:</th><td>7</td><td>(0%)</td></tr></table></div></u></td>";
    format!(
        "<h1><a>HAProxy version 2.6.12, released 2023/12/16</a></h1>\n<h2>Statistics Report for pid 3028</h2>\n<b>uptime = </b> 0d 0h00m02s<br>\n\
         <table class=\"tbl\" width=\"100%\">\n<tr class=\"titre\"><th class=\"pxname\" width=\"10%\"><a name=\"be_app\"></a>\
         <a class=px href=\"#be_app\">be_app</a></th><th class=\"empty\"></th></tr>\n</table>\n<table class=\"tbl\">\n\
         <tr class=\"titre\">{head}<th rowspan=2></th><th colspan=3>Queue</th><th colspan=1>Sessions</th><th colspan=7>Server</th></tr>\n\
         <tr class=\"titre\"><th>Cur</th><th>Max</th><th>Limit</th><th>Total</th><th>Status</th><th>LastChk</th><th>Wght</th><th>Act</th><th>Bck</th><th>Chk</th><th>Dwn</th></tr>\
         <tr class=\"active_down\">{cell}<td class=ac><a name=\"be_app/app1\"></a><a class=lfsb href=\"#be_app/app1\">app1</a></td>{queue}{sessions}\
         <td class=ac>2s DOWN</td><td class=ac><u> L7STS/503 in 4ms<div class=tips>Layer7 wrong status: Service Unavailable</div></u></td>\
         <td class=ac>1/1</td><td class=ac>Y</td><td class=ac>-</td><td><u>3<div class=tips>Failed Health Checks</div></u></td><td>1</td></tr>\n\
         <tr class=\"active_going_down\">{cell}<td class=ac><a name=\"be_app/app2\"></a>app2</td>{queue}<td>1</td><td class=ac>1d2h UP 2/3 &darr;</td>\
         <td class=ac>* L7OK in 1ms</td><td>1/1</td><td>-</td><td>Y</td><td>1</td><td>0</td></tr>\n\
         <tr class=\"maintain\">{cell}<td class=ac><a name=\"be_app/app3\"></a>app3</td>{queue}<td>1</td><td class=ac>3m MAINT</td>\
         <td></td><td>1/1</td><td>Y</td><td>-</td><td class=ac colspan=2><a class=lfsb href=\"#be_mail/m1\">via be_mail/m1</a></td></tr>\n\
         <tr class=\"backend\">{cell}<td class=ac><a name=\"be_app/Backend\"></a>Backend</td><td>5</td><td>9</td><td></td><td>12</td>\
         <td class=ac>1h5s UP</td><td></td><td>1/1</td><td>0</td><td>1</td><td></td><td>0</td></tr></table>\n"
    )
}

#[track_caller]
fn read(page: &str, n_broken: u64) -> Stat {
    let mut tally = Tally::default();
    let stat = parse(Text::new(page.as_bytes()), &mut tally);
    assert_eq!(
        (tally.n_rows, tally.n_broken),
        (stat.rows.len() as u64, n_broken)
    );
    stat
}

#[test]
fn a_page_says_what_the_csv_says() {
    for page in [page(false), page(true)] {
        let stat = read(&page, 0);
        assert_eq!(stat.rows.len(), 4);
        let [app1, app2, app3, backend] = stat.rows.as_slice() else {
            panic!("four rows");
        };
        assert_eq!(
            (app1.proxy.as_str(), app1.name.as_str()),
            ("be_app", "app1")
        );
        assert_eq!(app1.availability(), Availability::DownByCheck);
        assert_eq!(
            (app1.check_code(), app1.check_info()),
            (Some(503), "Service Unavailable")
        );
        assert_eq!(
            (app1.since_change_s(), app1.number("chkfail")),
            (Some(2), Some(3))
        );
        assert_eq!(
            (app1.number("hrsp_5xx"), app1.number("weight")),
            (Some(7), Some(1))
        );
        assert_eq!(
            (app2.status.as_str(), app2.is_backup()),
            ("UP 2/3", Some(true))
        );
        assert_eq!(
            (app2.since_change_s(), app2.is_check_running()),
            (None, true)
        );
        assert_eq!(app3.tracked(), Some(("be_mail", "m1")));
        assert_eq!(
            (backend.kind, backend.usable_servers()),
            (StatKind::Backend, Some((0, 1)))
        );
        assert_eq!(
            (backend.number("qcur"), backend.since_change_s()),
            (Some(5), Some(3605))
        );
        assert_eq!(stat.process[1], ("Pid".to_owned(), "3028".to_owned()));
        assert_eq!(app1.at.line, 9);
    }
}

#[test]
fn a_browser_quotes_attributes_and_closes_bodies() {
    let saved = page(true)
        .replace("class=ac", "class=\"ac\"")
        .replace("rowspan=2", "rowspan=\"2\"")
        .replace("colspan=3", "colspan=\"3\"")
        .replace("class=tips", "class=\"tips\"")
        .replace("&darr;", "\u{2193}")
        .replace("<table class=\"tbl\">\n", "<table class=\"tbl\">\n<tbody>");
    assert_eq!(read(&saved, 0).rows[1].status, "UP 2/3");
}

#[test]
fn a_page_that_was_cut_keeps_the_rows_before() {
    let whole = page(false);
    let (cut, _) = whole.split_once("1d2h UP").unwrap();
    let stat = read(cut, 1);
    assert_eq!(stat.rows.len(), 1);
    assert!(read("<html><body>hello</body></html>", 0).rows.is_empty());
}
