//! Lines of a declared format whose values are all like most.
//!
//! Where digits end, and where a name ends, is known for several values from one search of 64 bytes, and the steps are the same in
//! all lines. What most formats have as the built-in ones do is read as it is there: the client and the date, the names, the
//! timers. A line that is not like most is left to [`super::program`]: a `-1`, a `+`, a name of nothing or with a `/`, two blanks,
//! an address that is none of IPv4.

mod found;

use crate::base::bits_of;
use crate::base::bits_of_no_dotted;
use crate::base::bits_of_no_name;
use crate::base::bits_of_others;
use crate::base::digits;
use crate::event::traffic::accept;
use crate::event::traffic::format::glue::Glue;
use crate::event::traffic::format::glue::Joint;
use crate::event::traffic::format::glue::Mark;
use crate::event::traffic::format::part::Part;
use crate::event::traffic::format::scan;
use crate::event::traffic::format::variable::Shape;
use crate::event::traffic::format::variable::Slot;
use crate::event::traffic::format::way::Way;
use crate::event::traffic::numbers;
use found::date_place;
use found::number_place;
use found::text_place;

pub(super) use found::Found;

/// [`accept::DATE_LEN`].
const DATE_LEN: u32 = 24;
const _: () = assert!(accept::DATE_LEN == DATE_LEN as usize);
/// What is read in one step: the values, and what stands behind each, or at least that behind the last.
const OPENING: [(Kind, &[u8]); 3] = [
    (Kind::Address, b":"),
    (Kind::Number, b" ["),
    (Kind::Date, b""),
];
const NAMES: [(Kind, &[u8]); 3] = [(Kind::Name, b" "), (Kind::Name, b"/"), (Kind::Name, b" ")];
const TIMERS: [(Kind, &[u8]); 7] = [
    (Kind::Number, b"/"),
    (Kind::Number, b"/"),
    (Kind::Number, b"/"),
    (Kind::Number, b"/"),
    (Kind::Number, b" "),
    (Kind::Status, b" "),
    (Kind::Number, b" "),
];

/// The steps through a line, up to the last value that every line is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quick {
    /// What stands before the first value.
    before: Joint,
    steps: Vec<Step>,
    /// Where the first and the last timer of [`Kind::Timers`] are kept: `%TR` and `%Ta`, or what took their place.
    ends: [usize; 2],
    /// The name of the only frontend that declares the format.
    frontend: Option<Joint>,
}

/// One value, or some that stand together, and what stands behind.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    kind: Kind,
    /// Where it is kept, see [`Found`].
    place: usize,
    after: Joint,
}

/// How a value looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One to eight digits.
    Number,
    /// A name that something ends which none has, or a `/`.
    Name,
    /// Three digits.
    Status,
    /// So many letters.
    State(u32),
    /// A text that the first blank ends, nearly always the `-` of a cookie that was not captured.
    Text,
    /// Digits and dots.
    Address,
    /// `22/Nov/2026:07:46:17.271`, kept among the dates.
    Date,
    /// An address, a port and a date: `192.0.2.7:33956 [22/Nov/2026:07:46:17.271`; the place is that of the date.
    Opening,
    /// Frontend, backend and server: `fe be/srv`, and a blank.
    Names,
    /// Timers, status and bytes: `0/0/0/1/1 200 62`, and a blank.
    Timers,
}

impl Quick {
    /// For values with these before and behind them; `None`: one of them has no end that is found in this way.
    pub(super) fn of(before: &Glue, parts: &[Part]) -> Option<Quick> {
        let mut quick = Quick {
            before: before.joint()?,
            steps: Vec::new(),
            ends: [0; 2],
            frontend: None,
        };
        let mut rest = parts;
        while let Some(part) = rest.first() {
            let (kind, place, n) = quick
                .together(rest)
                .or_else(|| Some((Kind::of(part)?, place(part)?, 1)))?;
            let (these, others) = rest.split_at_checked(n)?;
            quick.steps.push(Step {
                kind,
                place,
                after: these.last()?.after.joint()?,
            });
            rest = others;
        }
        Some(quick)
    }

    /// The values that these begin with and that are read in one step: the place of the step, and how many they are.
    fn together(&mut self, parts: &[Part]) -> Option<(Kind, usize, usize)> {
        let slots: Vec<_> = parts.iter().map(|part| part.field.slot).collect();
        match slots.as_slice() {
            [Some(Slot::Client), None, ..] if begin_as(parts, &OPENING) => {
                Some((Kind::Opening, place(parts.get(2)?)?, OPENING.len()))
            }
            [
                Some(Slot::Frontend),
                Some(Slot::Backend),
                Some(Slot::Server),
                ..,
            ] if begin_as(parts, &NAMES) => Some((Kind::Names, 0, NAMES.len())),
            [
                Some(first),
                Some(Slot::Queue),
                Some(Slot::Connect),
                Some(Slot::Response),
                Some(last),
                Some(Slot::Status),
                Some(Slot::Bytes),
                ..,
            ] if begin_as(parts, &TIMERS) => {
                self.ends = [number_place(*first)?, number_place(*last)?];
                Some((Kind::Timers, 0, TIMERS.len()))
            }
            _ => None,
        }
    }

    /// Only this frontend declares the format.
    pub(super) fn set_frontend(&mut self, name: &str) {
        self.frontend = Joint::of(name.as_bytes());
    }

    /// A line that was read is of the only frontend that declares the format; `false`: that is to be asked otherwise.
    #[inline(always)]
    pub(super) fn is_of_the_only_one(&self, found: &Found<'_>) -> bool {
        let name = self.frontend.as_ref();
        name.is_some_and(|name| found.is_frontend(name))
    }

    /// Finds the values of the line of `found`; `false`: they are not all like most, or not all there.
    #[inline(never)]
    pub(super) fn read(&self, found: &mut Found<'_>, dates: &mut accept::Memory) -> bool {
        self.each(found, dates).is_some()
    }

    #[inline(always)]
    fn each(&self, found: &mut Found<'_>, dates: &mut accept::Memory) -> Option<()> {
        let body = found.body;
        let (mut digits, mut names) = (Ends::default(), Ends::default());
        let mut at = self.before.end(body, 0)?;
        for step in &self.steps {
            let n = if step.kind == Kind::Number {
                let n = digits.length(body, at, bits_of_others)?;
                if n.wrapping_sub(1) >= 8 {
                    return None;
                }
                found.number_at(step.place, at, n)?;
                n
            } else if step.kind == Kind::Name {
                let n = names.length(body, at, bits_of_no_name)?;
                found.name_at(step.place, at, n)?;
                n
            } else {
                self.less_frequent(step, found, at, dates)?
            };
            at = step.after.end(body, at + n)?;
        }
        Some(())
    }

    /// Bytes of what stands at `at`.
    #[inline(always)]
    fn less_frequent(
        &self,
        step: &Step,
        found: &mut Found<'_>,
        at: u32,
        dates: &mut accept::Memory,
    ) -> Option<u32> {
        let rest = found.body.get(at as usize..)?;
        match step.kind {
            Kind::Opening => {
                let (n_address, n) = address_and_port(rest)?;
                let date = rest.get(n as usize..)?.first_chunk()?;
                found.date_at(step.place, date, dates)?;
                found.text_at(text_place(Slot::Client)?, at, n_address)?;
                Some(n + DATE_LEN)
            }
            Kind::Names => {
                let [blank, slash, end] = names_ends(rest)?;
                found.name_at(text_place(Slot::Frontend)?, at, blank)?;
                found.name_at(
                    text_place(Slot::Backend)?,
                    at + blank + 1,
                    slash - blank - 1,
                )?;
                found.name_at(text_place(Slot::Server)?, at + slash + 1, end - slash - 1)?;
                Some(end)
            }
            Kind::Timers => {
                let start = (at as usize).checked_sub(numbers::BEFORE)?;
                let read = numbers::read(found.body.get(start..)?)?;
                found.timers_at(self.ends, &read)?;
                u32::try_from(read.end - 1).ok()
            }
            Kind::Date => {
                found.date_at(step.place, rest.first_chunk()?, dates)?;
                Some(DATE_LEN)
            }
            Kind::Address => {
                let others = bits_of_no_dotted(rest.first_chunk()?);
                let n = (others > 1).then_some(others.trailing_zeros())?;
                found.text_at(step.place, at, n)?;
                Some(n)
            }
            Kind::Status => {
                let is_status = matches!(rest, [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', ..]);
                found.number_at(step.place, at, 3)?;
                is_status.then_some(3)
            }
            Kind::State(n) => {
                found.text_at(step.place, at, n)?;
                scan::state(rest, n as usize).then_some(n)
            }
            Kind::Text if rest.starts_with(b"- ") => Some(1),
            Kind::Text => {
                let row = rest.first_chunk().copied();
                let blanks = bits_of::<64>(b' ', &row.unwrap_or_else(|| last_row(rest)));
                (blanks != 0).then_some(blanks.trailing_zeros())
            }
            Kind::Number | Kind::Name => None,
        }
    }
}

/// The values look so, and what stands behind them does.
fn begin_as(parts: &[Part], row: &[(Kind, &[u8])]) -> bool {
    let mut pairs = parts.iter().zip(row).enumerate();
    parts.len() >= row.len()
        && pairs.all(|(index, (part, (kind, glue)))| {
            let text = part.after.text();
            let is_last = index + 1 == row.len();
            let has_glue = text == *glue || is_last && text.starts_with(glue);
            Kind::of(part) == Some(*kind) && has_glue
        })
}

/// Where each name of `fe be/srv` ends, of three that fit 64 bytes.
#[inline(always)]
fn names_ends(rest: &[u8]) -> Option<[u32; 3]> {
    let ends = |bits: u64| {
        let second = bits & bits.wrapping_sub(1);
        let third = second & second.wrapping_sub(1);
        (third != 0).then_some([bits, second, third].map(u64::trailing_zeros))
    };
    // Nearly always half of them are enough.
    let near = ends(bits_of_no_name::<32>(rest.first_chunk()?));
    let [blank, slash, end] = near.or_else(|| ends(bits_of_no_name::<64>(rest.first_chunk()?)))?;
    let is = |at: u32, byte| rest.get(at as usize) == Some(&byte);
    (is(blank, b' ') && is(slash, b'/')).then_some([blank, slash, end])
}

/// `192.0.2.7:33956 [`: bytes of the address, and of all.
#[inline(always)]
fn address_and_port(rest: &[u8]) -> Option<(u32, u32)> {
    let others = bits_of_no_dotted(rest.first_chunk()?);
    let n_address = (others > 1).then_some(others.trailing_zeros())?;
    let behind = rest.get(n_address as usize..)?.first_chunk::<16>()?;
    let port = behind.get(1..9)?.first_chunk()?;
    let n_port = digits(*port)?.n;
    let is_there =
        n_port > 0 && behind.first() == Some(&b':') && behind.get(n_port + 1..n_port + 3)? == b" [";
    is_there.then_some((n_address, n_address + u32::try_from(n_port).ok()? + 3))
}

impl Kind {
    fn of(part: &Part) -> Option<Kind> {
        Some(match part.way {
            Way::Number | Way::LongNumber => Kind::Number,
            Way::Status => Kind::Status,
            Way::State(n) => Kind::State(u32::try_from(n).ok()?),
            Way::Word | Way::Name(b'/') => Kind::Name,
            Way::Address(_) | Way::BeforePort => Kind::Address,
            Way::LocalDate => Kind::Date,
            Way::Slow if is_text_before_a_blank(part) => Kind::Text,
            Way::Date | Way::Name(_) | Way::Quoted | Way::QuotedLast | Way::Text(_) | Way::Slow => {
                return None;
            }
        })
    }
}

fn is_text_before_a_blank(part: &Part) -> bool {
    let field = &part.field;
    let is_printed_alone = !field.quoted && !field.json && !field.may_be_empty;
    field.shape == Shape::Text && is_printed_alone && part.after.first() == Some(&Mark::Blank)
}

/// Where a part's value is kept; `None`: there is no room for it.
fn place(part: &Part) -> Option<usize> {
    let (of_slot, nowhere): (fn(Slot) -> Option<usize>, _) = match Kind::of(part)? {
        Kind::Number | Kind::Status => (number_place, Some(found::NO_NUMBER)),
        Kind::Date => (date_place, None),
        _ => (text_place, Some(found::NO_TEXT)),
    };
    let is_asked = part.place.is_asked();
    let place = part.field.slot.and_then(of_slot);
    place.or(nowhere.filter(|_| !is_asked))
}

/// Which of 64 bytes end a value of some kind.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    bits: u64,
    /// Where the bytes begin in the line.
    at: u32,
}

impl Ends {
    /// Bytes of the value that begins at `at`, behind where the last search began; `None`: more than 63.
    #[inline(always)]
    fn length(&mut self, body: &[u8], at: u32, search: impl Fn(&[u8; 64]) -> u64) -> Option<u32> {
        let mut bits = self.bits.checked_shr(at - self.at).unwrap_or(0);
        if bits == 0 {
            let rest = body.get(at as usize..)?;
            bits = match rest.first_chunk() {
                Some(row) => search(row),
                None => search(&last_row(rest)),
            };
            if bits == 0 {
                return None;
            }
            *self = Ends { bits, at };
        }
        Some(bits.trailing_zeros())
    }
}

/// The last bytes of a line, and zeros behind them, which end everything.
#[inline(never)]
fn last_row(rest: &[u8]) -> [u8; 64] {
    let mut row = [0; 64];
    for (byte, last) in row.iter_mut().zip(rest) {
        *byte = *last;
    }
    row
}
