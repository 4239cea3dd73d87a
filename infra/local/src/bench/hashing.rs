//! What hashing passwords takes, each kind beside one that a person chose.

use std::time::{Duration, Instant};

use roster::{Guid, PasswordSource};
use runtime::passwords::HashError;
use runtime::{parallel, passwords};
use uuid::Uuid;

use build::problem::ProblemText;

/// How many passwords of each kind are hashed. A chosen one takes so long that fewer do.
const CHOSEN: u128 = 40;
const TEMPORARY: u128 = 1000;

/// Hashes passwords of each kind on all cores and prints how long one takes.
///
/// And how long those of `rows` new users would.
pub async fn measure(rows: u32) -> Result<(), ProblemText> {
    let chosen = each(CHOSEN, |_| passwords::hash("correct horse battery").map(drop)).await?;
    let temporary = async |source| {
        let hash = move |n| passwords::temporary(source, &[7; 32], Guid(Uuid::from_u128(n))).map(drop);
        each(TEMPORARY, hash).await
    };
    let (words, characters) = (temporary(PasswordSource::Words).await?, temporary(PasswordSource::Temporary).await?);
    println!("\n  {:<24} {:>8} {:>10}   beside a chosen one", "hashing a password", "ms", "all, s");
    for (what, one) in
        [("chosen or default", chosen), ("temporary, words", words), ("temporary, characters", characters)]
    {
        let ratio = one.as_secs_f64() / chosen.as_secs_f64();
        println!("  {what:<24} {:>8.2} {:>10.0}   {ratio:>6.3} ×", millis(one), one.as_secs_f64() * f64::from(rows));
    }
    Ok(())
}

/// Returns how long one of `count` takes when all cores are at work.
async fn each<F>(count: u128, hash: F) -> Result<Duration, ProblemText>
where
    F: Fn(u128) -> Result<(), HashError> + Send + Sync + 'static,
{
    let since = Instant::now();
    let hashed = parallel::map((0..count).collect(), move |n: &u128| hash(*n)).await;
    let took = since.elapsed();
    let hashed: Result<Vec<()>, HashError> = hashed.into_iter().collect();
    hashed.map_err(|error| ProblemText::new(format!("A password could not be hashed: {error}")))?;
    Ok(took / count as u32)
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}
