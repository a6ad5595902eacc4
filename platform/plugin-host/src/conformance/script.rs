//! A provider that is not there: it answers by a script, and remembers what it was asked.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What comes back for one request that left.
#[derive(Debug, Clone)]
pub enum Answer {
    Says {
        status: u16,
        body: Vec<u8>,
    },
    Silent,
    /// The connection broke in the middle of the answer.
    Cut,
}

/// Who answers instead of the network, after everything that the host checks.
pub trait Provider: Send + Sync {
    fn answer(&self, request: &reqwest::Request) -> Answer;
}

/// Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    answers: VecDeque<Answer>,
    asked: Vec<String>,
}

impl Script {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was before. Beyond these answers it says that it is a teapot.
    pub fn set(&self, answers: Vec<Answer>) {
        *self.lock() = Inner { answers: answers.into(), asked: Vec::new() };
    }

    /// Method, address, headers and body of each request, in order.
    pub fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }
}

impl Provider for Script {
    fn answer(&self, request: &reqwest::Request) -> Answer {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let mut inner = self.lock();
        inner.asked.push(format!("{} {} {:?}\n{}", request.method(), request.url(), request.headers(), String::from_utf8_lossy(body)));
        inner.answers.pop_front().unwrap_or_else(|| Answer::Says { status: 418, body: "el guion no dice qué responder".into() })
    }
}
