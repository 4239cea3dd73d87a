//! A connection that breaks after any number of requests. To what is kept, that is as if the function were stopped
//! there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;

/// Lets so many requests through, and none after them.
#[derive(Debug, Clone)]
pub struct Line {
    left: Arc<AtomicI64>,
}

impl Line {
    pub fn whole() -> Line {
        Line { left: Arc::new(AtomicI64::new(i64::MAX)) }
    }

    pub fn break_after(&self, requests: i64) {
        self.left.store(requests, Ordering::SeqCst);
    }

    /// Makes the line whole again, and returns whether it was broken.
    pub fn mend(&self) -> bool {
        self.left.swap(i64::MAX, Ordering::SeqCst) < 0
    }
}

impl Intercept for Line {
    fn name(&self) -> &'static str {
        "line"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            ..=0 => Err("the line is broken".into()),
            _ => Ok(()),
        }
    }
}
