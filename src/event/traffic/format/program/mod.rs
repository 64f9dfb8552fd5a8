//! Steps against a line: literals must be there, fields end where what follows them begins.
//!
//! Nearly every line is read straight on. A field without an end of its own (a text) reaches up to the first place where the
//! next literal stands; only when what follows does not fit then, up to the second, and so on, with a fixed number of tries per
//! line. Nothing is allocated.

use crate::event::traffic::accept;
use crate::event::traffic::format::date::DateShape;
use crate::event::traffic::format::fields::Fields;
use crate::event::traffic::format::glue::Glue;
use crate::event::traffic::format::glue::Mark;
use crate::event::traffic::format::part::Part;
use crate::event::traffic::format::quick::Quick;
use crate::event::traffic::format::starts::Starts;
use crate::event::traffic::format::variable::Shape;
use crate::event::traffic::format::variable::Slot;
use crate::event::traffic::format::way;
use crate::event::traffic::format::way::Way;

/// Tries per line beyond the first; a text that holds the delimiter so often is not read.
const RETRIES_MAX: usize = 96;
/// Texts of one format that may be tried again.
const CHOICES_MAX: usize = 32;

/// A compiled format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Program {
    /// What stands before the first field.
    before: Glue,
    parts: Vec<Part>,
    starts: Starts,
    /// How many parts are read where only what every line is asked for is wanted.
    n_needed: usize,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// These bytes.
    Literal(Vec<u8>),
    /// One blank; none where nothing was printed since the last one.
    Blank,
    /// A value.
    Field(Field),
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// What it tells; of several that tell the same only the first is kept.
    pub(super) slot: Option<Slot>,
    pub(super) shape: Shape,
    /// `+Q`: in quotes.
    pub(super) quoted: bool,
    /// `+E`: quotes inside have a backslash.
    pub(super) escaped: bool,
    /// `-M`: nothing instead of `-`.
    pub(super) may_be_empty: bool,
    /// A value of a JSON object, in quotes or not.
    pub(super) json: bool,
}

/// A text that may reach further.
#[derive(Clone, Copy, Default)]
struct Choice {
    part: usize,
    at: usize,
    from: usize,
}

/// How reading straight on ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Straight {
    /// At the end of the line.
    Read,
    /// Where nothing could be tried again: the line is in another format.
    Other,
    /// Where a text before it may reach further, or the line may be cut.
    Unclear,
}

impl Program {
    pub(super) fn new(steps: Vec<Step>) -> Program {
        let mut before = Glue::default();
        let mut fields = Vec::<(Field, Glue)>::new();
        let mut seen = Vec::new();
        for step in steps {
            let glue = fields.last_mut().map_or(&mut before, |(_, after)| after);
            match step {
                Step::Literal(bytes) => glue.push(Mark::Literal(bytes)),
                Step::Blank => glue.push(Mark::Blank),
                Step::Field(field) => {
                    let slot = field.slot.filter(|slot| !seen.contains(slot));
                    seen.extend(slot);
                    fields.push((Field { slot, ..field }, Glue::default()));
                }
            }
        }
        let mut parts = Vec::<Part>::new();
        for (field, after) in fields.into_iter().rev() {
            let part = Part::new(field, after, parts.last());
            parts.push(part);
        }
        parts.reverse();
        let starts = Starts::of(|c| match (before.first(), parts.first()) {
            (Some(Mark::Literal(bytes)), _) => bytes.first().is_none_or(|first| *first == c),
            (None, Some(part)) => part.may_begin_with(c),
            _ => true,
        });
        Program {
            before,
            n_needed: parts.len(),
            parts,
            starts,
        }
    }

    /// No other format is to be told from this one: what few lines are asked for behind all that every line is asked for need
    /// not be looked at, as the built-in decoder does not. A line that was cut or damaged there still tells its outcome.
    pub(super) fn leave_the_rest(&mut self) {
        let needed = self.asked();
        // What may reach further ends where all that follows fits.
        if !needed
            .iter()
            .any(|part| part.way.is_choice() || part.way == Way::Slow)
        {
            self.n_needed = needed.len();
        }
    }

    /// All up to the last part that every line is asked for.
    fn asked(&self) -> &[Part] {
        let last = self.parts.iter().rposition(|part| part.place.is_asked());
        let asked = self.parts.get(..last.map_or(0, |last| last + 1));
        asked.unwrap_or_default()
    }

    /// The steps of a line whose values are all like most, where the rest is left; `None`: there are no such steps.
    ///
    /// A text ends there where it can first: a line where it would have to reach further has something else behind it.
    pub(super) fn quick(&self) -> Option<Quick> {
        let asked = self.asked();
        // The port tells where an address ends.
        let has_port = asked.last()?.way == Way::BeforePort;
        let n = asked.len() + usize::from(has_port);
        let leaves_a_rest = n < self.parts.len();
        leaves_a_rest.then(|| Quick::of(&self.before, self.parts.get(..n)?))?
    }

    /// The fields of this format.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.parts.iter().map(|part| &part.field)
    }

    /// The shape of the field that fills a slot.
    pub(super) fn shape(&self, slot: Slot) -> Option<&Shape> {
        self.fields()
            .find(|field| field.slot == Some(slot))
            .map(|field| &field.shape)
    }

    /// Frontend, backend and server follow each other with blanks between them, or as in the built-in formats: what stands from
    /// the first to the last tells all three.
    pub(super) fn has_names_together(&self) -> bool {
        let slots = [Slot::Frontend, Slot::Backend, Slot::Server].map(Some);
        self.parts.windows(3).any(|parts| {
            let is_it = parts.iter().map(|part| part.field.slot).eq(slots);
            let is_name = |part: &Part| {
                part.field.shape == Shape::Name && !part.field.quoted && !part.field.json
            };
            let [first, second] = [parts.first(), parts.get(1)].map(|part| part.map(|p| &p.after));
            let is_blank = |glue: Option<&Glue>| {
                glue.and_then(Glue::first)
                    .is_some_and(|mark| *mark == Mark::Blank)
            };
            let is_built_in = is_blank(first)
                && first.is_some_and(|glue| glue.text().len() == 1)
                && second.is_some_and(|glue| glue.is(b"/"));
            is_it
                && parts.iter().all(is_name)
                && (is_built_in || is_blank(first) && is_blank(second))
        })
    }

    /// Up to the date a line is one of the fast decoder, too: `192.0.2.7:33956 [22/Nov/2026:07:46:17.271] `.
    pub(super) fn begins_as_built_in(&self) -> bool {
        let Some([address, port, date]) = self.parts.first_chunk() else {
            return false;
        };
        let is_shaped = self.before.first().is_none()
            && address.field.shape == Shape::Address
            && port.field.shape == Shape::Number
            && date.field.shape == Shape::Date(DateShape::Local);
        is_shaped
            && address.after.is(b":")
            && port.after.text() == b" ["
            && date.after.text() == b"] "
    }

    /// What every line is asked for looks the same in a line of this other format.
    pub(super) fn is_as_far_as_asked(&self, other: &Program) -> bool {
        let looks_same = |(own, other): (&Part, &Part)| {
            own.field.shape == other.field.shape && own.after.text() == other.after.text()
        };
        let asked = self.asked();
        asked.len() <= other.parts.len() && asked.iter().zip(&other.parts).all(looks_same)
    }

    /// Bytes that every line of this format has.
    pub(super) fn n_literal(&self) -> usize {
        let behind = self.parts.iter().map(|part| part.after.n_literal());
        self.before.n_literal() + behind.sum::<usize>()
    }

    /// A line may be in this format, as far as its first byte tells.
    #[inline]
    pub(super) fn may_read(&self, body: &[u8]) -> bool {
        self.starts.may_begin(body)
    }

    /// Reads a line into fields that say nothing yet; `false`: it is in another format, and what the fields say means nothing.
    #[inline]
    pub(super) fn run(&self, fields: &mut Fields<'_>, dates: &mut accept::Memory) -> bool {
        match self.straight(fields, dates) {
            Straight::Read => true,
            Straight::Other => false,
            Straight::Unclear => self.search(fields, dates).is_some(),
        }
    }

    /// Every text up to the first place where it may end.
    #[inline]
    fn straight(&self, fields: &mut Fields<'_>, dates: &mut accept::Memory) -> Straight {
        let body = fields.body;
        let Some(mut rest) = self.before.strip_first(body) else {
            return Straight::Other;
        };
        let n_needed = if fields.has_others() {
            self.parts.len()
        } else {
            self.n_needed
        };
        let needed = self.parts.get(..n_needed).unwrap_or_default();
        let mut parts = needed;
        let mut is_choice = false;
        loop {
            (parts, rest) = way::quickly(parts, fields, rest, dates);
            let [part, others @ ..] = parts else { break };
            if let Some(next) = part.less_quickly(fields, rest, dates) {
                (parts, rest) = (others, next);
                continue;
            }
            let at = body.len() - rest.len();
            let end = part.slowly(fields, at, dates);
            is_choice |= end.as_ref().is_some_and(|end| end.is_choice);
            let next = end
                .as_ref()
                .and_then(|end| part.after.pass(body, end.after));
            let Some(next) = next.and_then(|next| body.get(next..)) else {
                let is_cut = end.is_none() && part.cut_within(body, at).is_some();
                return unread(needed, parts, is_cut || is_choice);
            };
            (parts, rest) = (others, next);
        }
        if n_needed < self.parts.len() || rest.trim_ascii().is_empty() {
            Straight::Read
        } else {
            unread(needed, parts, is_choice)
        }
    }

    /// The last text that may reach further is tried again when what follows does not fit.
    #[inline(never)]
    fn search(&self, fields: &mut Fields<'_>, dates: &mut accept::Memory) -> Option<()> {
        let body = fields.body;
        let mut choices = [Choice::default(); CHOICES_MAX];
        let mut n_choices = 0_usize;
        let mut n_retries = 0;
        let (mut index, mut at, mut from) = (0, self.before.pass(body, 0)?, None);
        *fields = fields.again();
        let mut cut = None;
        loop {
            let next = match self.parts.get(index) {
                None if is_blank(body, at) => return Some(()),
                None => None,
                Some(part) => {
                    fields.forget(part.place);
                    if from.is_none()
                        && let Some(next) = simply(part, fields, at, dates)
                    {
                        (index, at) = (index + 1, next);
                        continue;
                    }
                    let end = match from {
                        None => part.slowly(fields, at, dates),
                        Some(from) => part.further(fields, at, from),
                    };
                    if let Some(end) = &end
                        && end.is_choice
                        && let Some(choice) = choices.get_mut(n_choices)
                    {
                        *choice = Choice {
                            part: index,
                            at,
                            from: end.to + 1,
                        };
                        n_choices += 1;
                    }
                    if end.is_none() && cut.is_none() && from.is_none() {
                        // What a longer try found behind is not said.
                        let behind = self.parts.iter().skip(index + 1);
                        behind.for_each(|part| fields.forget(part.place));
                        cut = part
                            .cut_within(body, at)
                            .map(|rest| fields.cut(part.place, rest));
                    }
                    end.and_then(|end| part.after.pass(body, end.after))
                }
            };
            if let Some(next) = next {
                (index, at, from) = (index + 1, next, None);
                continue;
            }
            n_retries += 1;
            let last = n_choices
                .checked_sub(1)
                .filter(|_| n_retries <= RETRIES_MAX);
            let Some(choice) = last.and_then(|last| choices.get(last)) else {
                *fields = cut?;
                return Some(());
            };
            n_choices -= 1;
            (index, at, from) = (choice.part, choice.at, Some(choice.from));
        }
    }
}

/// The first fields of a line could be read, and the next one could not.
#[cold]
fn unread(parts: &[Part], left: &[Part], is_unclear: bool) -> Straight {
    let n_read = parts.len() - left.len();
    let mut read = parts.iter().take(n_read);
    if is_unclear || read.any(|part| part.way.is_choice()) {
        Straight::Unclear
    } else {
        Straight::Other
    }
}

/// Where the part behind begins, when this one ends in one place only.
#[inline(never)]
fn simply(
    part: &Part,
    fields: &mut Fields<'_>,
    at: usize,
    dates: &mut accept::Memory,
) -> Option<usize> {
    if part.way.is_choice() {
        return None;
    }
    let body = fields.body;
    let rest = body.get(at..)?;
    let parts = std::slice::from_ref(part);
    let rest = match way::quickly(parts, fields, rest, dates) {
        ([], rest) => rest,
        _ => part.less_quickly(fields, rest, dates)?,
    };
    Some(body.len() - rest.len())
}

/// Nothing but blanks is left.
fn is_blank(body: &[u8], at: usize) -> bool {
    at == body.len() || body.get(at..).unwrap_or_default().trim_ascii().is_empty()
}

#[cfg(test)]
mod tests;
