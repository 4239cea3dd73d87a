//! Custom IDs that differ by a slip of the hand.

/// Returns whether one custom ID is the other one with a character too few, or with two of them exchanged.
pub(super) fn is_slip(one: &str, other: &str) -> bool {
    let lengths = [one, other].map(|id| id.chars().count());
    let near = lengths[0].abs_diff(lengths[1]) <= 1 && lengths[0] <= LONGEST && one != other;
    let exchanged = || {
        let (mut a, mut b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
        a.sort_unstable();
        b.sort_unstable();
        a == b
    };
    near && strsim::osa_distance(one, other) == 1 && (lengths[0] != lengths[1] || exchanged())
}

/// How long custom IDs are that are compared character by character.
const LONGEST: usize = 40;
