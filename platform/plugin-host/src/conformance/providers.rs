//! What the worlds have in common that charge, tell the tax authority and send things. No case knows what a provider says when
//! all is well: that is for the plugin's own. Whatever goes wrong, it is told for what it is, and nothing is done twice.
use super::{Answer, Bench, Report, Settings, Untried, first_attempt, named};
use crate::{
    Corrida, Installed, Run,
    v0_1::{CallContext, HttpMessage, Kv, WrongWorld},
};
use std::{collections::BTreeMap, pin::Pin, sync::Arc};

/// What an answer says, in the words of an outcome: one that says no says so, whatever it is wrapped in.
pub(super) trait Says {
    fn says(&self) -> &'static str {
        "ok"
    }
}

impl Says for () {}

/// What came of one call.
pub(super) struct Got {
    pub outcome: &'static str,
    pub detail: String,
    pub corrida: Corrida,
    /// There is no answer, and it may have happened.
    doubt: bool,
}

impl Got {
    pub fn of<T: Says>(run: &Run<T>) -> Self {
        Self {
            outcome: run.result.as_ref().map_or_else(|_| named(&run.result), Says::says),
            detail: run.result.as_ref().err().map(ToString::to_string).unwrap_or_default(),
            corrida: run.corrida.clone(),
            doubt: run.may_have_happened(),
        }
    }

    /// It said no in words, which a person can do something about.
    pub fn refused(&self) -> bool {
        ["rejected", "not_authorized", "invalid_input", "unsupported"].contains(&self.outcome)
    }

    pub fn but(&self, expected: &str) -> Result<(), String> {
        Err(format!("{expected}, y dio {} {}", self.outcome, self.detail).trim_end().to_owned())
    }
}

pub(super) type Calling = Pin<Box<dyn Future<Output = Got> + Send>>;
type Call<P> = Box<dyn Fn(Arc<P>, CallContext) -> Calling + Send + Sync>;

/// One operation of a world.
pub(super) struct Op<P: ?Sized> {
    name: &'static str,
    /// Done twice is worse than not done: after a doubt nobody may say «later».
    moves: bool,
    /// A provider without it is none.
    needed: bool,
    /// What a request carries that does it, if not the key of idempotency.
    marks: &'static [&'static str],
    call: Call<P>,
}

impl<P: ?Sized> Op<P> {
    /// One that only asks, or may be asked for again without harm.
    pub fn asking(
        name: &'static str,
        marks: &'static [&'static str],
        call: impl Fn(Arc<P>, CallContext) -> Calling + Send + Sync + 'static,
    ) -> Self {
        Self { name, moves: false, needed: true, marks, call: Box::new(call) }
    }

    pub fn moving(
        name: &'static str,
        marks: &'static [&'static str],
        call: impl Fn(Arc<P>, CallContext) -> Calling + Send + Sync + 'static,
    ) -> Self {
        Self { moves: true, ..Self::asking(name, marks, call) }
    }

    /// Some providers have no such thing.
    pub fn perhaps(self) -> Self {
        Self { needed: false, ..self }
    }

    fn is_marked(&self, request: &str, key: &str) -> bool {
        request.contains(key) || self.marks.iter().any(|mark| request.contains(mark))
    }
}

/// What a provider may do.
#[derive(Clone, Copy)]
enum Fault {
    /// Nobody knows whether it did what it was asked.
    Doubt,
    Denied,
    Later,
    No,
}

fn faults() -> Vec<(&'static str, Answer, Fault)> {
    let says = |status: u16, body: &str| Answer::Says { status, body: body.into() };
    vec![
        ("no responde", Answer::Silent, Fault::Doubt),
        ("responde a medias", Answer::Cut, Fault::Doubt),
        ("responde 200 y algo que no se entiende", says(200, "<html>"), Fault::Doubt),
        ("responde 200 y nada", says(200, ""), Fault::Doubt),
        ("responde 502 sin decir nada", says(502, "Bad gateway"), Fault::Doubt),
        ("responde 401", says(401, "{}"), Fault::Denied),
        ("responde 429", says(429, "{}"), Fault::Later),
        ("responde 302", says(302, ""), Fault::No),
        ("responde 400 y un mega", says(400, &"x".repeat(1 << 20)), Fault::No),
    ]
}

/// Plugins of one world, on a bench.
pub(super) struct Stage<'a, P: ?Sized> {
    pub bench: &'a Bench,
    pub settings: &'a Settings,
    pub open: fn(Installed) -> Result<Arc<P>, WrongWorld>,
}

impl<P: ?Sized> Stage<'_, P> {
    /// Of a chain of its own.
    pub fn fresh(&self) -> Result<Arc<P>, Untried> {
        self.with(self.settings)
    }

    fn with(&self, settings: &Settings) -> Result<Arc<P>, Untried> {
        (self.open)(self.bench.install(settings)?).map_err(|error| Untried::World(error.0))
    }

    /// A call, and what left meanwhile.
    pub async fn asks(
        &self,
        plugin: &Arc<P>,
        call: impl Fn(Arc<P>, CallContext) -> Calling,
        context: CallContext,
        answers: Vec<Answer>,
    ) -> (Got, Vec<String>) {
        self.bench.provider.set(answers);
        let got = call(plugin.clone(), context).await;
        (got, self.bench.provider.asked())
    }

    /// All that may go wrong, in each operation. `None`: enough failed.
    pub async fn faulty(&self, report: &mut Report, ops: &[Op<P>]) -> Result<Option<()>, Untried> {
        for op in ops {
            for (what, answer, fault) in faults() {
                let context = first_attempt(report.effort.patience_ms);
                let key = context.idempotency_key.clone();
                let (got, asked) = self.asks(&self.fresh()?, &op.call, context, vec![answer]).await;
                let verdict = judge(op, fault, &got, &asked, &key);
                if report.add(format!("{}: el proveedor {what}", op.name), verdict, &got.corrida).is_none() {
                    return Ok(None);
                }
            }
        }
        Ok(Some(()))
    }

    /// After a doubt, nothing is asked for again but what the provider itself would know for the same.
    pub async fn once(&self, report: &mut Report, op: &Op<P>) -> Result<Option<()>, Untried> {
        let plugin = self.fresh()?;
        let mut context = first_attempt(15_000);
        let key = context.idempotency_key.clone();
        let (_, lost) = self.asks(&plugin, &op.call, context.clone(), vec![Answer::Cut]).await;
        context.attempt = 1;
        let (again, asked) = self.asks(&plugin, &op.call, context, Vec::new()).await;
        let lost = lost.last().map_or("", |request| address(request));
        let bare = asked.iter().any(|request| address(request) == lost && !lost.starts_with("GET ") && !op.is_marked(request, &key));
        let verdict = if bare { Err("lo volvió a pedir sin la clave de idempotencia ni su número".to_owned()) } else { Ok(()) };
        Ok(report.add(format!("{}: una respuesta perdida y un segundo intento", op.name), verdict, &again.corrida))
    }

    /// Credentials that the provider does not take, if it is asked.
    pub async fn credentials(&self, report: &mut Report, check: impl Fn(Arc<P>, CallContext) -> Calling) -> Result<Option<()>, Untried> {
        let denied = || Answer::Says { status: 401, body: b"{}".into() };
        let (got, asked) = self.asks(&self.fresh()?, check, first_attempt(15_000), vec![denied(), denied(), denied()]).await;
        let expected = if asked.is_empty() { "ok" } else { "not_authorized" };
        let verdict = if got.outcome == expected { Ok(()) } else { got.but(&format!("se esperaba {expected}")) };
        Ok(report.add("comprobar con credenciales que no sirven", verdict, &got.corrida))
    }

    /// What did not come from the provider says nothing, and neither does anything where there is no key to tell by.
    pub async fn forged(
        &self,
        report: &mut Report,
        hear: impl Fn(Arc<P>, CallContext, HttpMessage) -> Calling,
    ) -> Result<Option<()>, Untried> {
        let keyless = Settings { claves: BTreeMap::new(), ..self.settings.clone() };
        let mut heard: Vec<_> = forged().into_iter().map(|(name, message)| (name, message, self.settings)).collect();
        heard.push(("cuando falta la clave", signed(b"{}".into()), &keyless));
        for (name, message, settings) in heard {
            let got = hear(self.with(settings)?, first_attempt(15_000), message).await;
            let verdict = if got.refused() { Ok(()) } else { got.but("debe rechazarse") };
            if report.add(format!("un aviso {name}"), verdict, &got.corrida).is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }
}

/// Method and address.
fn address(request: &str) -> &str {
    request.match_indices(' ').nth(1).map_or(request, |(end, _)| &request[..end])
}

fn judge<P: ?Sized>(op: &Op<P>, fault: Fault, got: &Got, asked: &[String], key: &str) -> Result<(), String> {
    if asked.is_empty() {
        return if op.needed || !got.refused() { got.but("debía llamar al proveedor") } else { Ok(()) };
    }
    // What was lost may have been a step before: a token, a session.
    let done = op.moves && asked.last().is_some_and(|request| op.is_marked(request, key));
    let allowed: &[&str] = match fault {
        Fault::Doubt if done => &["indeterminate"],
        Fault::Doubt => &["indeterminate", "retry_later"],
        Fault::Denied => &["not_authorized"],
        Fault::Later => &["retry_later"],
        Fault::No => &["rejected", "not_authorized", "invalid_input", "retry_later", "indeterminate"],
    };
    // One that never answers ends the call by the host's own clock, which says the same: nobody knows.
    let timed_out = got.outcome == "timeout" && (got.doubt || !op.moves);
    if allowed.contains(&got.outcome) || timed_out { Ok(()) } else { got.but(&format!("se esperaba {}", allowed.join(" o "))) }
}

fn signed(body: Vec<u8>) -> HttpMessage {
    let header = |key: &str, value: String| Kv { key: key.into(), value };
    let headers = vec![
        header("x-hub-signature-256", format!("sha256={}", "0".repeat(64))),
        header("x-signature", "0".repeat(64)),
        header("authorization", "Bearer a.b.c".into()),
    ];
    HttpMessage { method: "POST".into(), path_and_query: "/".into(), headers, body }
}

/// Messages that no provider sent.
pub(super) fn forged() -> Vec<(&'static str, HttpMessage)> {
    let bare = HttpMessage { headers: Vec::new(), ..signed(b"{}".into()) };
    vec![("sin firma", bare), ("con firma falsa", signed(b"{}".into())), ("con un mega de nada", signed(vec![b'x'; 1 << 20]))]
}
