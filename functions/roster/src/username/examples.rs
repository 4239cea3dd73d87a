//! What a rule would make of users that exist, for whoever chooses one.

use std::collections::HashSet;

use crate::model::{Schools, User, fold};
use crate::settings::accounts::UsernameRule;

use super::{Maker, NameSource, Numbers};

/// A user, and the name that the rule would give if it named everybody anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example<'u> {
    pub user: &'u User,
    /// `None` where nothing is left of the person.
    pub made: Option<String>,
}

/// Returns at most `count` of `users`, as different as there are.
///
/// They are those for whom there is no name, names that clash, names with letters that have to be written in others,
/// and users of every type.
pub fn examples<'u>(
    rule: &UsernameRule,
    users: &'u [User],
    schools: &Schools,
    now: u64,
    count: usize,
) -> Vec<Example<'u>> {
    let maker = Maker::new(rule, schools, now);
    let mut users: Vec<&User> = users.iter().collect();
    users.sort_by(|a, b| a.custom_id.cmp(&b.custom_id));
    let (mut given, mut numbers) = (HashSet::new(), Numbers::default());
    let mut kinds: [Vec<Example>; 4] = Default::default();
    let mut types = HashSet::new();
    for user in users {
        let core = maker.core(&NameSource::of_user(user));
        let bare = core.as_deref().and_then(|core| maker.bare(core));
        let clashes = bare.as_deref().is_some_and(|bare| !given.insert(fold(bare)));
        let made = match core {
            Some(core) if clashes => numbers.first_free(&maker, &core, |name| given.insert(fold(name))),
            _ => bare,
        };
        let foreign = !user.first_name.is_ascii() || !user.last_name.is_ascii();
        let kind = match made {
            _ if clashes || made.is_none() => 0,
            _ if foreign => 1,
            _ if types.insert(user.user_type) => 2,
            _ => 3,
        };
        kinds[kind].push(Example { user, made });
    }
    in_turn(kinds, count)
}

/// Takes one of each kind after the other, so that no kind crowds the others out.
fn in_turn<T>(kinds: [Vec<T>; 4], count: usize) -> Vec<T> {
    let mut kinds = kinds.map(Vec::into_iter);
    let longest = kinds.iter().map(ExactSizeIterator::len).max().unwrap_or_default();
    let mut taken = Vec::new();
    for _ in 0..longest {
        taken.extend(kinds.iter_mut().filter_map(Iterator::next));
    }
    taken.truncate(count);
    taken
}
