//! Just enough HTML to read HAProxy's statistics page, also after a browser has saved it: tags, attributes and text.

/// A piece of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<td class=ac>` without its brackets; the closing one begins with `/`.
    Tag(&'a [u8]),
    /// What stands between tags.
    Text(&'a [u8]),
}

/// The pieces of a page with their offsets. A tag that never ends is text, with all that follows.
pub(super) fn tokens(page: &[u8]) -> impl Iterator<Item = (usize, Token<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = page.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        if rest.starts_with(b"<") {
            let Some(end) = memchr::memchr(b'>', rest) else {
                at = page.len();
                return Some((start, Token::Text(rest)));
            };
            at += end + 1;
            return Some((start, Token::Tag(rest.get(1..end).unwrap_or_default())));
        }
        let tail = rest.get(1..).unwrap_or_default();
        let end = memchr::memchr(b'<', tail).map_or(rest.len(), |end| end + 1);
        at += end;
        Some((start, Token::Text(rest.get(..end).unwrap_or_default())))
    })
}

/// Name of a tag in lower case: `td`, `/tr`.
pub(super) fn name(tag: &[u8]) -> String {
    let end = tag.iter().position(u8::is_ascii_whitespace);
    let name = end.and_then(|end| tag.get(..end)).unwrap_or(tag);
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

/// An attribute's value, quoted or not: `class` of `<td class=ac>`.
pub(super) fn attribute<'a>(tag: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    let mark = [b" ", wanted.as_bytes(), b"="].concat();
    let start = memchr::memmem::find(tag, &mark)? + mark.len();
    let value = tag.get(start..)?;
    let (quote, inside) = match value {
        [quote @ (b'"' | b'\''), inside @ ..] => (Some(*quote), inside),
        _ => (None, value),
    };
    let end = inside.iter().position(|b| match quote {
        Some(quote) => *b == quote,
        None => b.is_ascii_whitespace(),
    });
    Some(end.and_then(|end| inside.get(..end)).unwrap_or(inside))
}

/// Text with HAProxy's entities resolved and blanks folded.
pub(super) fn plain(text: &str) -> String {
    let text = text
        .replace("&nbsp;", " ")
        .replace("&uarr;", "\u{2191}")
        .replace("&darr;", "\u{2193}")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        .replace('\u{a0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_texts_alternate() {
        let got: Vec<Token<'_>> = tokens(b"a<td class=ac>b</td><x")
            .map(|(_, token)| token)
            .collect();
        assert_eq!(
            got,
            [
                Token::Text(b"a"),
                Token::Tag(b"td class=ac"),
                Token::Text(b"b"),
                Token::Tag(b"/td"),
                Token::Text(b"<x")
            ]
        );
        assert_eq!(tokens(b"<<<<").count(), 1);
        assert_eq!(name(b"TD class=ac"), "td");
    }

    #[test]
    fn attributes_are_quoted_or_not() {
        assert_eq!(
            attribute(b"td class=ac colspan=3", "class"),
            Some(&b"ac"[..])
        );
        assert_eq!(
            attribute(b"td class=\"a b\" colspan='3'", "class"),
            Some(&b"a b"[..])
        );
        assert_eq!(
            attribute(b"td class=\"a b\" colspan='3'", "colspan"),
            Some(&b"3"[..])
        );
        assert_eq!(attribute(b"td", "class"), None);
        assert_eq!(plain(" 1&nbsp;s\n &darr; "), "1 s \u{2193}");
    }
}
