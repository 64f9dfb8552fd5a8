//! Lines like nearly all, read where the lines of a block are cut.

use super::Memory;
use super::Traffic;
use super::anchor;
use super::built_in_line;
use super::names;
use super::swiftly;

/// A way through bodies like nearly all: whole HTTP lines, answered without a fault, which are not another program's. It says what
/// [`decode`](super::decode) says, or that they are to be decoded.
///
/// Whatever is not asked for is not read: all of this becomes a part of the loop over lines, and nothing of the line is put into
/// memory.
pub trait Quick {
    /// The line; `None`: it is to be decoded.
    fn read<'a, 'f: 'a>(body: &'a [u8], memory: &mut Memory<'f>) -> Option<Traffic<'a>>;
}

/// Lines in the built-in format, of frontends that declare no other.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn;

impl Quick for BuiltIn {
    #[inline(always)]
    fn read<'a, 'f: 'a>(body: &'a [u8], memory: &mut Memory<'f>) -> Option<Traffic<'a>> {
        let start = anchor::near(body, &mut memory.dates)?;
        let (names, after) = names::read_near(start.rest)?;
        let (timers, end) = swiftly(start.rest, after)?;
        let line = built_in_line(start.before, Some(start.accept), names, (true, timers, end));
        if !line.is_fine() {
            return None;
        }
        if memory.declares {
            // The names are copied, or those of each line would be put into memory.
            let formats = memory.formats?;
            let is_left = formats.leave_to_the_built_in(body, &{ names }, &mut memory.names);
            return is_left.then_some(line);
        }
        Some(line)
    }
}

/// Lines in a format of the configurations, and those of other frontends in the built-in one.
#[derive(Clone, Copy, Debug)]
pub struct Declared;

impl Quick for Declared {
    #[inline(always)]
    fn read<'a, 'f: 'a>(body: &'a [u8], memory: &mut Memory<'f>) -> Option<Traffic<'a>> {
        let formats = memory.formats?;
        match formats.own_quickly(body, &mut memory.dates, &mut memory.names) {
            Some(line) => line.is_fine().then_some(line),
            None => BuiltIn::read(body, memory),
        }
    }
}
