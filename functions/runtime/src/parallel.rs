//! Computing that takes long, such as hashing passwords, on every core and off the threads that wait for answers.

use rayon::prelude::*;

/// Does `work` on each of `items`, and returns the results in their order.
///
/// # Panics
///
/// Where `work` does.
pub async fn map<T, R>(items: Vec<T>, work: impl Fn(&T) -> R + Send + Sync + 'static) -> Vec<R>
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    match tokio::task::spawn_blocking(move || items.par_iter().map(work).collect()).await {
        Ok(results) => results,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_item_is_worked_on_once_and_the_order_stays() {
        let doubled = map((0..1000).collect(), |i: &u32| i * 2).await;
        assert_eq!(doubled, (0..1000).map(|i| i * 2).collect::<Vec<_>>());
        assert_eq!(map(Vec::new(), |i: &u32| *i).await, Vec::<u32>::new());
    }

    #[tokio::test]
    async fn work_that_panics_is_not_swallowed() {
        let failed = tokio::spawn(map(vec![1, 2], |i: &u32| assert_eq!(*i, 1))).await;
        assert!(failed.is_err_and(|error| error.is_panic()));
    }
}
