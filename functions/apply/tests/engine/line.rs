//! A connection that breaks after any number of requests, as it does when a function is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_s3::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;

/// Where the connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The request does not arrive.
    BeforeRequest,
    /// The request does what it asks for, and its answer is lost.
    AfterRequest,
}

/// Lets so many requests through, and none after them.
#[derive(Debug, Clone)]
pub struct Line {
    left: Arc<AtomicI64>,
    breaks: Break,
}

impl Line {
    pub fn whole(breaks: Break) -> Line {
        Line { left: Arc::new(AtomicI64::new(i64::MAX)), breaks }
    }

    pub fn break_after(&self, requests: i64) {
        self.left.store(requests, Ordering::SeqCst);
    }

    /// Makes it whole again; whether it was broken.
    pub fn mend(&self) -> bool {
        self.left.swap(i64::MAX, Ordering::SeqCst) < 0
    }

    fn pass(&self) -> Result<(), BoxError> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            ..=0 => Err("the line is broken".into()),
            _ => Ok(()),
        }
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
        match self.breaks {
            Break::BeforeRequest => self.pass(),
            // Those that are under way when it breaks still arrive; no new one does.
            Break::AfterRequest if self.left.load(Ordering::SeqCst) < 0 => Err("the line is broken".into()),
            Break::AfterRequest => Ok(()),
        }
    }

    fn read_after_transmit(
        &self,
        _: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match self.breaks {
            Break::BeforeRequest => Ok(()),
            Break::AfterRequest => self.pass(),
        }
    }
}
