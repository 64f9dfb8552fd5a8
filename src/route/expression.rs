//! `fetch(args),converter(args),…` cut into names and arguments.

/// A function with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Its name.
    pub(super) name: String,
    /// Its arguments; empty when there are none.
    pub(super) args: Vec<String>,
}

/// A fetch and its converters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    /// The fetch.
    pub(super) fetch: Call,
    /// The converters in order.
    pub(super) converters: Vec<Call>,
}

impl Call {
    /// The argument at that index; empty when there is none.
    pub(super) fn arg(&self, index: usize) -> &str {
        self.args.get(index).map_or("", String::as_str)
    }

    /// The argument as a number.
    pub(super) fn number(&self, index: usize) -> Option<i64> {
        self.arg(index).parse().ok()
    }
}

/// Cuts an expression.
pub(super) fn expression(text: &str) -> Expression {
    let mut rest = text;
    let fetch = call(&mut rest);
    let mut converters = Vec::new();
    while let Some(tail) = rest.strip_prefix(',') {
        rest = tail;
        converters.push(call(&mut rest));
    }
    Expression { fetch, converters }
}

fn call(rest: &mut &str) -> Call {
    let end = rest.find(['(', ',']).unwrap_or(rest.len());
    let (name, tail) = rest.split_at(end);
    *rest = tail;
    let mut args = Vec::new();
    if let Some(inside) = tail.strip_prefix('(') {
        let (found, after) = arguments(inside);
        args = found;
        // What stands between `)` and the next comma is an error that HAProxy refuses.
        let comma = after.find(',').unwrap_or(after.len());
        *rest = after.split_at(comma).1;
    }
    Call {
        name: name.trim().to_owned(),
        args,
    }
}

/// Arguments up to `)` outside quotes; inside, `\` takes the next character as it is.
fn arguments(text: &str) -> (Vec<String>, &str) {
    let mut args = Vec::new();
    let mut one = String::new();
    let mut quote = None;
    let mut chars = text.char_indices();
    let mut rest = "";
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => match chars.next() {
                Some((_, next)) => {
                    if !matches!(next, '\\' | '"' | '\'' | ' ' | '#' | ',' | ')' | '(') {
                        one.push('\\');
                    }
                    one.push(next);
                }
                None => one.push('\\'),
            },
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (')', None) => {
                rest = text.split_at(at + 1).1;
                break;
            }
            (',', None) => args.push(std::mem::take(&mut one)),
            (c, _) => one.push(c),
        }
    }
    if !one.is_empty() || !args.is_empty() {
        args.push(one);
    }
    (args, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetch_converters_and_quoted_arguments_are_cut() {
        let e = expression("req.hdr(host,1),lower,map(/etc/haproxy/hosts.map,be_x)");
        assert_eq!((e.fetch.name.as_str(), e.fetch.arg(1)), ("req.hdr", "1"));
        assert_eq!(e.converters[0].name, "lower");
        assert_eq!(e.converters[1].args, ["/etc/haproxy/hosts.map", "be_x"]);
        let e = expression("path,regsub(\"^/(a|b)\",'/x,y',g)");
        assert_eq!(e.converters[0].args, ["^/(a|b)", "/x,y", "g"]);
        assert_eq!(expression("path").converters, []);
        assert_eq!(expression("field(,x").fetch.args, ["", "x"]);
    }
}
