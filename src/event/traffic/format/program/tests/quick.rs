//! Lines whose values are like most are found quickly, and say what they say when they are read one by one.

use super::*;

/// Values that the quick way finds.
const QUICK: [&str; 21] = [
    "%f",
    "%b",
    "%s",
    "%TR",
    "%Tw",
    "%Tc",
    "%Tr",
    "%Ta",
    "%ST",
    "%B",
    "%ci:%cp",
    "%rc",
    "%pid",
    "%ts",
    "%tr",
    "%tsc",
    "%CC",
    "%ci:%cp [%tr]",
    "%ft %b/%s",
    "%TR/%Tw/%Tc/%Tr/%Ta %ST %B",
    "%Tq/%Tw/%Tc/%Tr/%Tt %ST %B",
];
const BETWEEN: [&str; 8] = [
    " ",
    " k=",
    "|",
    ",",
    " a b=",
    " [",
    ": ",
    "\",\"longer_key\":\"",
];

/// Its value in a line: nearly always one that is like most.
fn like_most(item: &str, length: usize, kind: usize) -> String {
    let digits = |n: usize| "9203847561".chars().take(n).collect::<String>();
    let text = match (item, kind) {
        ("%f" | "%b" | "%s", 0) => "a{b",
        ("%f" | "%b" | "%s", 1) => "",
        ("%f" | "%b" | "%s", 2) => "-",
        ("%f" | "%b" | "%s", _) => return format!("be_{}", "x".repeat(length * 2)),
        ("%ci:%cp", 0) => "2001:db8::7:1234",
        ("%ci:%cp", 1) => "unix:1",
        ("%ci:%cp", _) => return format!("192.0.2.{length}:{}", digits(1 + length % 5)),
        ("%tr", 0) => "35/Jun/2026:21:53:40.004",
        ("%tr", _) => "05/Jun/2026:21:53:40.004",
        ("%ST", 0) => "-1",
        ("%ST", 1) => "000",
        ("%ST", 2) => "099",
        ("%ST", _) => return digits(3),
        ("%ts", 0) => "S1",
        ("%ts", _) => "SC",
        ("%tsc", 0) => "--N1",
        ("%tsc", _) => "--NI",
        ("%CC", 0) => "a b",
        ("%CC", 1) => return "c".repeat(length * 8),
        ("%CC", _) => "-",
        ("%ci:%cp [%tr]", _) => {
            let [client, date] = ["%ci:%cp", "%tr"].map(|one| like_most(one, length, kind));
            return format!("{client} [{date}]");
        }
        ("%ft %b/%s", _) => {
            let [fe, be, srv] =
                [kind, kind / 2, kind + 1].map(|kind| like_most("%s", length, kind));
            return format!("{fe} {be}/{srv}");
        }
        ("%TR/%Tw/%Tc/%Tr/%Ta %ST %B" | "%Tq/%Tw/%Tc/%Tr/%Tt %ST %B", _) => {
            let status = like_most("%ST", length, kind);
            let [a, b] = [kind, kind + 3].map(|kind| like_most("%TR", length, kind));
            return format!("{a}/0/{b}/12/{b} {status} {b}");
        }
        (_, 0) => "-1",
        (_, 1) => "+3",
        (_, 2) => return digits(length),
        (_, _) => return digits(1 + length % 4),
    };
    text.to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quickly_a_line_says_what_it_says_one_by_one(
        picked in prop::collection::vec((0..QUICK.len(), 0_usize..12, 0_usize..40), 2..14),
        between in prop::collection::vec(prop_oneof![4 => Just(1_usize), 1 => 0..BETWEEN.len()], 14),
        n_behind in 0_usize..160,
        changed in prop::option::weighted(0.3, (0_usize..200, prop::sample::select(b" \t=-+]{|,0a\x00\x80\xff".to_vec()))),
    ) {
        let (mut format, mut line) = (String::new(), String::new());
        for (&(item, length, kind), &between) in picked.iter().zip(&between) {
            format.push_str(&format!("{}{}", QUICK[item], BETWEEN[between]));
            line.push_str(&format!("{}{}", like_most(QUICK[item], length, kind), BETWEEN[between]));
        }
        format.push_str("%{+Q}r");
        line.push_str(&format!("\"{}\"", "/".repeat(n_behind)));
        let mut line = line.into_bytes();
        if let Some((at, byte)) = changed {
            let at = at % line.len();
            line[at] = byte;
        }
        check(&format, &line)?;
    }
}

/// What the quick way finds of a line.
fn quickly(format: &str, line: &str) -> Option<String> {
    let mut program = compile(format).program;
    program.leave_the_rest();
    let quick = program.quick()?;
    let mut found = Found::new(line.as_bytes());
    let is_read = quick.read(&mut found, &mut accept::Memory::default());
    check(format, line.as_bytes()).unwrap();
    is_read.then(|| said_to_all(&found))
}

#[test]
fn values_like_most_are_found_quickly() {
    let format = "src=%ci:%cp at=[%tr] %f be=%b srv=%s TR=%TR st=%ST B=%B t=%tsc %{+Q}r";
    let rest = "/".repeat(80);
    // Names of up to 63 bytes.
    for n in [1, 30, 59, 60, 61] {
        let name = "b".repeat(n);
        let line = format!(
            "src=192.0.2.9:1234 at=[05/Jun/2026:21:53:40.004] fe~ be=be{name} srv=app1 TR=0 st=200 B=12345678 t=SC-- \"{rest}\""
        );
        assert!(quickly(format, &line).is_some(), "{n}");
    }
    let fine = format!(
        "src=192.0.2.9:1234 at=[05/Jun/2026:21:53:40.004] fe~ be=be srv=app1 TR=0 st=200 B=1 t=SC-- \"{rest}\""
    );
    for (from, to) in [
        ("192.0.2.9", "2001:db8::9"),
        ("40.004", "40.04"),
        ("be=be ", "be= "),
        ("be=be ", "be=- "),
        ("be=be ", "be=be  "),
        ("TR=0", "TR=-1"),
        ("TR=0", "TR=123456789"),
        ("st=200", "st=-1"),
        ("st=200", "st=2000"),
        ("SC--", "S1--"),
        (" srv=", " sev="),
    ] {
        let line = fine.replace(from, to);
        assert!(
            line != fine && quickly(format, &line).is_none(),
            "{from} {to}"
        );
    }
    // Behind what every line is asked for anything may stand, or nothing.
    let end = fine.find(" \"").unwrap();
    assert!(quickly(format, fine.get(..end + 9).unwrap()).is_some());
    assert!(quickly(format, fine.get(..end).unwrap()).is_none());
    // What may be nothing at all has no end that is found so.
    assert!(quickly("%hr be=%b st=%ST %{+Q}r", &fine).is_none());
}

/// What stands together as in the built-in formats is read together.
#[test]
fn formats_with_parts_of_the_built_in_ones_are_read_quickly() {
    let start = "%ci:%cp [%tr] %ft %b/%s ";
    let printed = "192.0.2.9:1234 [05/Jun/2026:21:53:40.004] fe~ be/app1 ";
    let rest = "/".repeat(80);
    for (format, line) in [
        (
            "%TR/%Tw/%Tc/%Tr/%Ta %ST %B %tsc",
            "0/1/2/3/44 200 12345 ----",
        ),
        (
            "%Tq/%Tw/%Tc/%Tr/%Tt %ST %B %tsc",
            "0/1/2/3/44 200 12345 ----",
        ),
        (
            "%TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc",
            "0/1/2/3/44 200 1 - a=b ----",
        ),
        ("%Tw/%Tc/%Tt %ST %B %tsc", "0/1/2 200 123 ----"),
        ("h=%Th/R=%TR/a=%Ta %ST %B %tsc", "h=0/R=1/a=44 200 1 ----"),
        ("%Ta %ST", "44 404"),
        ("%ID %ST %tsc", "C0A80001:8F2A_01BB 404 ----"),
    ] {
        let format = format!("{start}{format} %{{+Q}}r");
        let line = format!("{printed}{line} \"{rest}\"");
        assert!(quickly(&format, &line).is_some(), "{format}");
        let near_the_end = line.get(..line.len() - 50).unwrap();
        assert!(quickly(&format, near_the_end).is_some(), "{format}");
        for (from, to) in [
            ("192.0.2.9", "unix"),
            ("1234 ", "x "),
            (" [", " ("),
            ("fe~ ", "- "),
            ("be/app1", "be app1"),
            ("be/app1", "be/a{b"),
            ("/app1", "/"),
        ] {
            let other = line.replace(from, to);
            assert!(quickly(&format, &other).is_none(), "{format} {from} {to}");
        }
        let long = line.replace("be/", &format!("{}/", "b".repeat(40)));
        assert!(quickly(&format, &long).is_some(), "{format}");
    }
}
