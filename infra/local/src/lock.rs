//! Locking what is never left half done.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks what no thread leaves half done, even where one has panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
