//! Computing that takes long, such as hashing passwords, on every core and off the threads that wait for answers.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `work` on each of `items`, in their order.
pub async fn on_all_cores<T, R>(items: Vec<T>, work: impl Fn(&T) -> R + Send + Sync + 'static) -> Vec<R>
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(items.len());
    let shared = Arc::new((items, work, AtomicUsize::new(0)));
    let workers: Vec<_> = (0..cores)
        .map(|_| {
            let shared = shared.clone();
            tokio::task::spawn_blocking(move || {
                let (items, work, next) = &*shared;
                let mut done = Vec::new();
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { return done };
                    done.push((i, work(item)));
                }
            })
        })
        .collect();
    let mut done = Vec::new();
    for worker in workers {
        match worker.await {
            Ok(part) => done.extend(part),
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_item_is_worked_on_once_and_the_order_stays() {
        let doubled = on_all_cores((0..1000).collect(), |i: &u32| i * 2).await;
        assert_eq!(doubled, (0..1000).map(|i| i * 2).collect::<Vec<_>>());
        assert_eq!(on_all_cores(Vec::new(), |i: &u32| *i).await, Vec::<u32>::new());
    }
}
