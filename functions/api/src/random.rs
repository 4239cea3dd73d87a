//! Random bytes that nobody can guess.

use crate::error::Failure;

/// Returns random bytes of the operating system.
pub fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
