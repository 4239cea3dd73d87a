//! Users as wholes, each made once it is asked for.

use std::sync::OnceLock;

use super::people::UserPlace;
use super::user::User;

/// Users as wholes, by their places.
///
/// Of a million users few are asked for, so that there is room only for those beside them: a place for everybody took
/// 16 bytes a user, and four thousand pages of memory at a million.
#[derive(Default)]
pub(super) struct WholeUsers {
    blocks: Vec<OnceLock<Box<Block>>>,
}

/// How many users stand side by side.
const BLOCK: usize = 8;

type Block = [OnceLock<Box<User>>; BLOCK];

impl WholeUsers {
    /// Returns room for so many users.
    pub(super) fn of(users: usize) -> WholeUsers {
        WholeUsers { blocks: (0..users.div_ceil(BLOCK)).map(|_| OnceLock::new()).collect() }
    }

    /// Returns the user at a place, whom `make` makes the first time.
    pub(super) fn get_or_make(&self, place: UserPlace, make: impl FnOnce() -> User) -> &User {
        let block = self.blocks[place.index() / BLOCK].get_or_init(Box::default);
        block[place.index() % BLOCK].get_or_init(|| Box::new(make()))
    }
}
