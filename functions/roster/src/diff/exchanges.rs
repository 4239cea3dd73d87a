//! Which exchange of user names or addresses a change is part of.

use std::collections::HashMap;

/// Something that is done to a user: an entry, or a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Act {
    Entry(usize),
    Absent(usize),
}

/// Which exchange an act is part of, and how many acts that exchange has.
pub(super) struct Exchanges(pub(super) HashMap<Act, (u32, usize)>);

impl Exchanges {
    pub(super) fn of(&self, act: Act) -> Option<u32> {
        self.0.get(&act).map(|(number, _)| *number)
    }

    /// Returns the exchange of two acts that become one, unless it is only among themselves.
    pub(super) fn with_others(&self, act: Act, other: Option<Act>) -> Option<u32> {
        let (one, two) = (self.0.get(&act), other.and_then(|other| self.0.get(&other)));
        let (number, size) = one.or(two)?;
        (*size > usize::from(one.is_some()) + usize::from(two.is_some())).then_some(*number)
    }

    /// Returns whether the two acts are parts of two exchanges.
    pub(super) fn part(&self, act: Act, other: Act) -> bool {
        self.of(act).zip(self.of(other)).is_some_and(|(one, two)| one != two)
    }
}
