//! Who computes now. Guests are polled on the server's own threads, so how many of them compute at once, and whose, decides
//! what everybody else on this machine feels.
//!
//! A core is held for one poll, and a poll ends at the next tick at the latest. Whoever waits is served by chain, in turns,
//! so what a chain waits for depends on how many chains there are and not on how much another one asks for. A guest that
//! has computed for long leaves one core to those that have not: most calls are over in less than a tick.
use crate::engine::TICK;
use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};
use uuid::Uuid;

/// What a guest computes before it counts as a long one.
pub(crate) const LONG: Duration = TICK.saturating_mul(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Brief,
    Long,
}

#[derive(Clone)]
pub(crate) struct Cores(Arc<Inner>);

struct Inner {
    all: usize,
    /// Of those, how many may be taken by guests that compute for long.
    for_long: usize,
    turns: Mutex<Turns>,
}

#[derive(Default)]
struct Turns {
    busy: usize,
    busy_long: usize,
    /// Of each chain that waits, in the order in which they asked.
    waiting: HashMap<Uuid, VecDeque<Arc<Waiter>>>,
    /// Chains that wait, in the order of their turns.
    order: VecDeque<Uuid>,
}

struct Waiter {
    kind: Kind,
    state: Mutex<State>,
}

enum State {
    Waiting(Waker),
    /// A core is held for it.
    Called,
    /// It will not come.
    Gone,
}

impl Cores {
    pub fn new(all: usize) -> Self {
        let all = all.max(1);
        Self(Arc::new(Inner { all, for_long: (all - 1).max(1), turns: Mutex::default() }))
    }

    /// Polls `future` only while it has a core. `spent`: what it computed so far.
    pub async fn share<F: Future>(&self, tenant: Uuid, spent: impl Fn() -> Duration + Unpin, future: F) -> F::Output {
        Shared { cores: &self.0, tenant, spent, waiter: None, future: std::pin::pin!(future) }.await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    /// A core, if one is free and nobody was here before.
    fn take(&self, tenant: Uuid, kind: Kind, waker: &Waker) -> Option<Arc<Waiter>> {
        let mut turns = lock(&self.turns);
        if turns.order.is_empty() && turns.fits(self, kind) {
            turns.enter(kind);
            return None;
        }
        let waiter = Arc::new(Waiter { kind, state: Mutex::new(State::Waiting(Waker::noop().clone())) });
        let line = turns.waiting.entry(tenant).or_default();
        line.push_back(waiter.clone());
        if line.len() == 1 {
            turns.order.push_back(tenant);
        }
        // Those in line may be all of a kind that has to wait while this one has not.
        let called = turns.call(self);
        // One whose turn it is at once need not be woken.
        if let State::Waiting(mine) = &mut *lock(&waiter.state) {
            mine.clone_from(waker);
        }
        drop(turns);
        wake(called);
        Some(waiter)
    }

    fn give_back(&self, kind: Kind) {
        let mut turns = lock(&self.turns);
        turns.leave(kind);
        let called = turns.call(self);
        drop(turns);
        wake(called);
    }
}

fn wake(called: Vec<Waker>) {
    called.into_iter().for_each(Waker::wake);
}

impl Turns {
    fn fits(&self, inner: &Inner, kind: Kind) -> bool {
        self.busy < inner.all && (kind == Kind::Brief || self.busy_long < inner.for_long)
    }

    fn enter(&mut self, kind: Kind) {
        self.busy += 1;
        self.busy_long += usize::from(kind == Kind::Long);
    }

    fn leave(&mut self, kind: Kind) {
        self.busy -= 1;
        self.busy_long -= usize::from(kind == Kind::Long);
    }

    /// Gives what is free to those whose turn it is.
    fn call(&mut self, inner: &Inner) -> Vec<Waker> {
        let mut called = Vec::new();
        while let Some(waiter) = self.next(inner) {
            let before = std::mem::replace(&mut *lock(&waiter.state), State::Called);
            match before {
                State::Waiting(waker) => {
                    self.enter(waiter.kind);
                    called.push(waker);
                }
                State::Called | State::Gone => {}
            }
        }
        called
    }

    /// Of the chain whose turn it is, first one that has computed little; or else of the chain after it.
    fn next(&mut self, inner: &Inner) -> Option<Arc<Waiter>> {
        for _ in 0..self.order.len() {
            let tenant = self.order.pop_front()?;
            let mut line = self.waiting.remove(&tenant).unwrap_or_default();
            let brief = line.iter().position(|waiter| waiter.kind == Kind::Brief);
            let at = brief.or((!line.is_empty()).then_some(0)).filter(|at| self.fits(inner, line[*at].kind));
            let found = at.and_then(|at| line.remove(at));
            if !line.is_empty() {
                self.waiting.insert(tenant, line);
                self.order.push_back(tenant);
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn forget(&mut self, tenant: Uuid, gone: &Arc<Waiter>) {
        let Some(line) = self.waiting.get_mut(&tenant) else { return };
        line.retain(|waiter| !Arc::ptr_eq(waiter, gone));
        if line.is_empty() {
            self.waiting.remove(&tenant);
            self.order.retain(|other| *other != tenant);
        }
    }
}

struct Shared<'a, F, S> {
    cores: &'a Inner,
    tenant: Uuid,
    spent: S,
    waiter: Option<Arc<Waiter>>,
    future: F,
}

impl<F: Future + Unpin, S: Fn() -> Duration + Unpin> Future for Shared<'_, F, S> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let me = self.get_mut();
        let kind = match &me.waiter {
            None => {
                let kind = if (me.spent)() < LONG { Kind::Brief } else { Kind::Long };
                me.waiter = me.cores.take(me.tenant, kind, context.waker());
                kind
            }
            Some(waiter) => waiter.kind,
        };
        if let Some(waiter) = &me.waiter {
            let mut state = lock(&waiter.state);
            if let State::Waiting(waker) = &mut *state {
                waker.clone_from(context.waker());
                return Poll::Pending;
            }
            drop(state);
            me.waiter = None;
        }
        // Whatever becomes of the poll, the core goes to the next.
        let _core = Core { cores: me.cores, kind };
        Pin::new(&mut me.future).poll(context)
    }
}

/// Held until it is dropped.
struct Core<'a> {
    cores: &'a Inner,
    kind: Kind,
}

impl Drop for Core<'_> {
    fn drop(&mut self) {
        self.cores.give_back(self.kind);
    }
}

/// One that is dropped in line, or just when its turn came, holds nothing up.
impl<F, S> Drop for Shared<'_, F, S> {
    fn drop(&mut self) {
        let Some(waiter) = self.waiter.take() else { return };
        let before = std::mem::replace(&mut *lock(&waiter.state), State::Gone);
        match before {
            State::Called => self.cores.give_back(waiter.kind),
            State::Waiting(_) => lock(&self.cores.turns).forget(self.tenant, &waiter),
            State::Gone => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    const MUCHO: Uuid = Uuid::from_u128(1);
    const POCO: Uuid = Uuid::from_u128(2);

    fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// One poll, in the middle of which something else happens.
    fn during(cores: &Cores, tenant: Uuid, spent: Duration, then: impl FnOnce()) {
        let mut then = Some(then);
        let middle = poll_fn(|_| {
            then.take().expect("polled once")();
            Poll::Ready(())
        });
        assert!(poll(std::pin::pin!(cores.share(tenant, || spent, middle))).is_ready());
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

    fn one(cores: &Cores, tenant: Uuid, spent: Duration) -> Waiting<'_> {
        Box::pin(cores.share(tenant, move || spent, async {}))
    }

    fn in_line(cores: &Cores, tenant: Uuid, spent: Duration) -> Waiting<'_> {
        let mut waiting = one(cores, tenant, spent);
        assert!(poll(waiting.as_mut()).is_pending());
        waiting
    }

    fn nothing_is_left(cores: &Cores) {
        let turns = lock(&cores.0.turns);
        assert!(turns.busy == 0 && turns.busy_long == 0 && turns.waiting.is_empty() && turns.order.is_empty());
    }

    #[test]
    fn those_that_compute_for_long_leave_a_core_to_those_that_do_not() {
        let cores = Cores::new(2);
        let mut second = None;
        during(&cores, MUCHO, LONG, || {
            second = Some(in_line(&cores, MUCHO, LONG));
            during(&cores, MUCHO, Duration::ZERO, || drop(in_line(&cores, POCO, Duration::ZERO)));
            during(&cores, POCO, Duration::ZERO, || {});
        });
        assert!(poll(second.expect("in line").as_mut()).is_ready());
        nothing_is_left(&cores);
    }

    #[test]
    fn chains_take_turns_however_much_one_of_them_asks_for() {
        let cores = Cores::new(1);
        let mut line = Vec::new();
        during(&cores, MUCHO, Duration::ZERO, || {
            line.extend([MUCHO, MUCHO, MUCHO, POCO].map(|tenant| in_line(&cores, tenant, Duration::ZERO)));
        });
        for at in [0, 3, 1, 2] {
            let ready: Vec<usize> = (0..line.len()).filter(|other| *other == at || poll(line[*other].as_mut()).is_ready()).collect();
            assert_eq!(ready, [at], "nobody else may go on");
            assert!(poll(line[at].as_mut()).is_ready());
            line[at] = Box::pin(std::future::pending());
        }
        nothing_is_left(&cores);
    }

    #[test]
    fn of_one_chain_those_that_computed_little_go_first() {
        let cores = Cores::new(1);
        let mut line = Vec::new();
        during(&cores, MUCHO, Duration::ZERO, || line.extend([LONG, Duration::ZERO].map(|spent| in_line(&cores, MUCHO, spent))));
        assert!(poll(line[0].as_mut()).is_pending());
        assert!(poll(line[1].as_mut()).is_ready());
        assert!(poll(line[0].as_mut()).is_ready());
    }

    #[test]
    fn one_that_goes_away_holds_nobody_up() {
        let cores = Cores::new(1);
        let (mut called, mut behind) = (None, None);
        during(&cores, MUCHO, Duration::ZERO, || {
            drop(in_line(&cores, POCO, Duration::ZERO));
            called = Some(in_line(&cores, MUCHO, Duration::ZERO));
            behind = Some(in_line(&cores, POCO, Duration::ZERO));
        });
        let mut behind = behind.expect("in line");
        assert!(poll(behind.as_mut()).is_pending());
        drop(called);
        assert!(poll(behind.as_mut()).is_ready());
        nothing_is_left(&cores);
    }
}
