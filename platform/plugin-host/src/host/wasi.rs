//! What language runtimes ask of WASI 0.2, with nothing behind it. Python, JavaScript and Rust's standard library import it
//! whether they use it or not.
//!
//! No file, socket, variable or argument of this machine is within reach: this is no WASI with its doors closed, there are
//! no doors. Time and chance are those of `huella:plugin`; what is written to a standard stream is a line of the run. All
//! else answers that it is denied where its type has a word for that, and ends the call where it has none.
use super::small::{chance, unix_ms};
use crate::{
    bindings::io::huella::plugin::log::Level,
    guest::{Guest, Stop},
};
use plugin_manifest::is_wasi;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use wasmtime::{
    Engine, StoreContextMut,
    component::{
        Component, ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType, Val,
        types::{ComponentFunc, ComponentItem, Type},
    },
};

/// A line that does not end is cut here.
const LONGEST_LINE: usize = 4 << 10;
/// How much may be written at once; the streams are only a part of the run's lines.
const WINDOW: u64 = 64 << 10;
/// The clocks' step. A finer one would tell a guest what its neighbours do.
const STEP_NS: u64 = 1_000_000;
/// The words that say no in the enumerations of WASI.
const NO: [&str; 4] = ["access-denied", "access", "not-permitted", "not-supported"];

/// Handles that a guest may hold at once; each takes some bytes of the host.
const MOST_HANDLES: usize = 1_000;

/// No handle of these stands for anything but its own number: nothing is allocated for a guest.
struct Input;
struct Output;
/// Its number is the millisecond of the call from which it is ready.
struct Pollable;
struct Trouble;
/// Of a kind that nobody ever gets.
struct Never;

const STDOUT: u32 = 1;
const STDERR: u32 = 2;

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<Trouble>),
    #[component(name = "closed")]
    Closed,
}

type Streamed<T> = Result<T, StreamError>;
type Context<'a> = StoreContextMut<'a, Guest>;

/// What was written to the standard streams and is no whole line yet.
#[derive(Default)]
pub(crate) struct Std {
    out: Vec<u8>,
    err: Vec<u8>,
    handles: usize,
}

/// Gives `component` the WASI that it imports. Which of it may be imported at all is the audit's to say, and asked here again.
pub(crate) fn link(linker: &mut Linker<Guest>, engine: &Engine, component: &Component) -> wasmtime::Result<()> {
    for (name, import) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(interface) = import.ty else { continue };
        let Some(short) = is_wasi(name) else { continue };
        let mut instance = linker.instance(name)?;
        for (item, export) in interface.exports(engine) {
            match export.ty {
                ComponentItem::Resource(_) => instance.resource(item, resource(item), |mut context, _| dropped(&mut context))?,
                ComponentItem::ComponentFunc(function) if !given(&mut instance, short, item)? => {
                    deny(&mut instance, &format!("{name}#{item}"), item, &function)?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn resource(name: &str) -> ResourceType {
    match name {
        "input-stream" => ResourceType::host::<Input>(),
        "output-stream" => ResourceType::host::<Output>(),
        "pollable" => ResourceType::host::<Pollable>(),
        "error" => ResourceType::host::<Trouble>(),
        _ => ResourceType::host::<Never>(),
    }
}

fn dropped(context: &mut Context<'_>) -> wasmtime::Result<()> {
    let held = &mut context.data_mut().std.handles;
    *held = held.saturating_sub(1);
    Ok(())
}

fn hand<T: 'static>(context: &mut Context<'_>, number: u32) -> wasmtime::Result<(Resource<T>,)> {
    let held = &mut context.data_mut().std.handles;
    *held += 1;
    if *held > MOST_HANDLES { Err(Stop::TooMuch.into()) } else { Ok((Resource::new_own(number),)) }
}

/// Whether there is an answer to it.
fn given(to: &mut LinkerInstance<'_, Guest>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match interface {
        "cli/environment" | "cli/exit" | "cli/stdin" | "cli/stdout" | "cli/stderr" => surroundings(to, name),
        "cli/terminal-stdin" | "cli/terminal-stdout" | "cli/terminal-stderr" => {
            to.func_wrap(name, |_: Context<'_>, ()| Ok((None::<Resource<Never>>,))).map(|()| true)
        }
        "clocks/monotonic-clock" | "clocks/wall-clock" => clocks(to, interface, name),
        "random/random" | "random/insecure" | "random/insecure-seed" => random(to, name),
        "io/poll" => poll(to, name),
        "io/streams" => Ok(input(to, name)? || output(to, name)?),
        "io/error" if name == "[method]error.to-debug-string" => {
            to.func_wrap(name, |_: Context<'_>, (_,): (Resource<Trouble>,)| Ok((String::new(),))).map(|()| true)
        }
        "filesystem/preopens" => to.func_wrap(name, |_: Context<'_>, ()| Ok((Vec::<(Resource<Never>, String)>::new(),))).map(|()| true),
        // A handle that opens nothing: every function that takes it says no.
        "sockets/instance-network" => to.func_wrap(name, |mut context: Context<'_>, ()| hand::<Never>(&mut context, 0)).map(|()| true),
        _ => Ok(false),
    }
}

fn surroundings(to: &mut LinkerInstance<'_, Guest>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "get-environment" => to.func_wrap(name, |_: Context<'_>, ()| Ok((Vec::<(String, String)>::new(),)))?,
        "get-arguments" => to.func_wrap(name, |_: Context<'_>, ()| Ok((Vec::<String>::new(),)))?,
        "initial-cwd" => to.func_wrap(name, |_: Context<'_>, ()| Ok((None::<String>,)))?,
        "exit" => to.func_wrap(name, |_: Context<'_>, (_,): (Result<(), ()>,)| Err::<(), _>(Stop::Exit.into()))?,
        "exit-with-code" => to.func_wrap(name, |_: Context<'_>, (_,): (u8,)| Err::<(), _>(Stop::Exit.into()))?,
        "get-stdin" => to.func_wrap(name, |mut context: Context<'_>, ()| hand::<Input>(&mut context, 0))?,
        "get-stdout" => to.func_wrap(name, |mut context: Context<'_>, ()| hand::<Output>(&mut context, STDOUT))?,
        "get-stderr" => to.func_wrap(name, |mut context: Context<'_>, ()| hand::<Output>(&mut context, STDERR))?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn clocks(to: &mut LinkerInstance<'_, Guest>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match (interface, name) {
        ("clocks/wall-clock", "now") => to.func_wrap(name, |_: Context<'_>, ()| Ok((datetime(unix_ms()),)))?,
        ("clocks/wall-clock", "resolution") => to.func_wrap(name, |_: Context<'_>, ()| Ok((datetime(1),)))?,
        (_, "now") => to.func_wrap(name, |context: Context<'_>, ()| Ok((context.data().elapsed_ms() * STEP_NS,)))?,
        (_, "resolution") => to.func_wrap(name, |_: Context<'_>, ()| Ok((STEP_NS,)))?,
        (_, "subscribe-instant") => to.func_wrap(name, |mut context: Context<'_>, (at,): (u64,)| pollable(&mut context, at))?,
        (_, "subscribe-duration") => to.func_wrap(name, |mut context: Context<'_>, (wait,): (u64,)| {
            let at = wait.saturating_add(context.data().elapsed_ms() * STEP_NS);
            pollable(&mut context, at)
        })?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn datetime(ms: u64) -> Datetime {
    Datetime { seconds: ms / 1_000, nanoseconds: u32::try_from(ms % 1_000 * STEP_NS).unwrap_or_default() }
}

fn pollable(context: &mut Context<'_>, at_ns: u64) -> wasmtime::Result<(Resource<Pollable>,)> {
    hand(context, u32::try_from(at_ns.div_ceil(STEP_NS)).unwrap_or(u32::MAX))
}

fn random(to: &mut LinkerInstance<'_, Guest>, name: &str) -> wasmtime::Result<bool> {
    let number = || Ok::<_, wasmtime::Error>(chance(8)?.into_iter().fold(0_u64, |all, byte| all << 8 | u64::from(byte)));
    match name {
        "get-random-bytes" | "get-insecure-random-bytes" => to.func_wrap(name, |_: Context<'_>, (n,): (u64,)| Ok((chance(n)?,)))?,
        "get-random-u64" | "get-insecure-random-u64" => to.func_wrap(name, move |_: Context<'_>, ()| Ok((number()?,)))?,
        // `get-insecure-seed` since some release of 0.2.
        "insecure-seed" | "get-insecure-seed" => to.func_wrap(name, move |_: Context<'_>, ()| Ok(((number()?, number()?),)))?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn poll(to: &mut LinkerInstance<'_, Guest>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "poll" => to.func_wrap_async(name, |context: Context<'_>, (all,): (Vec<Resource<Pollable>>,)| {
            Box::new(async move {
                let first = all.iter().map(Resource::rep).min().ok_or(Stop::Denied("poll []".into()))?;
                wait(context.data().times(), first).await?;
                let now = context.data().elapsed_ms();
                Ok(((0_u32..).zip(&all).filter(|(_, one)| u64::from(one.rep()) <= now).map(|(at, _)| at).collect::<Vec<_>>(),))
            })
        })?,
        "[method]pollable.ready" => to.func_wrap(name, |context: Context<'_>, (one,): (Resource<Pollable>,)| {
            Ok((u64::from(one.rep()) <= context.data().elapsed_ms(),))
        })?,
        "[method]pollable.block" => to.func_wrap_async(name, |context: Context<'_>, (one,): (Resource<Pollable>,)| {
            Box::new(async move { wait(context.data().times(), one.rep()).await })
        })?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Until this millisecond of the call; a guest that would sleep beyond its time is ended when it is up.
async fn wait((started, deadline): (Instant, Instant), until_ms: u32) -> wasmtime::Result<()> {
    let until = started + Duration::from_millis(until_ms.into());
    if until > Instant::now() {
        sleep_until(until.min(deadline)).await;
    }
    if until > deadline { Err(Stop::Wall.into()) } else { Ok(()) }
}

/// There is nothing to read, ever.
fn input(to: &mut LinkerInstance<'_, Guest>, name: &str) -> wasmtime::Result<bool> {
    type Asked = (Resource<Input>, u64);
    match name {
        "[method]input-stream.read" | "[method]input-stream.blocking-read" => {
            to.func_wrap(name, |_: Context<'_>, _: Asked| Ok((Streamed::<Vec<u8>>::Err(StreamError::Closed),)))?;
        }
        "[method]input-stream.skip" | "[method]input-stream.blocking-skip" => {
            to.func_wrap(name, |_: Context<'_>, _: Asked| Ok((Streamed::<u64>::Err(StreamError::Closed),)))?;
        }
        "[method]input-stream.subscribe" => {
            to.func_wrap(name, |mut context: Context<'_>, _: (Resource<Input>,)| pollable(&mut context, 0))?
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn output(to: &mut LinkerInstance<'_, Guest>, name: &str) -> wasmtime::Result<bool> {
    let Some(method) = name.strip_prefix("[method]output-stream.") else { return Ok(false) };
    match method {
        "check-write" => to.func_wrap(name, |_: Context<'_>, _: (Resource<Output>,)| Ok((Streamed::Ok(WINDOW),)))?,
        "write" | "blocking-write-and-flush" => {
            to.func_wrap(name, |mut context: Context<'_>, (stream, bytes): (Resource<Output>, Vec<u8>)| {
                context.data_mut().written(stream.rep(), &bytes);
                Ok((Streamed::Ok(()),))
            })?;
        }
        "flush" | "blocking-flush" => to.func_wrap(name, |_: Context<'_>, _: (Resource<Output>,)| Ok((Streamed::Ok(()),)))?,
        "subscribe" => to.func_wrap(name, |mut context: Context<'_>, _: (Resource<Output>,)| pollable(&mut context, 0))?,
        // Nobody shows zeroes.
        "write-zeroes" | "blocking-write-zeroes-and-flush" => {
            to.func_wrap(name, |_: Context<'_>, _: (Resource<Output>, u64)| Ok((Streamed::Ok(()),)))?;
        }
        // There is nothing to splice from.
        "splice" | "blocking-splice" => {
            let closed = |_: Context<'_>, _: (Resource<Output>, Resource<Input>, u64)| Ok((Streamed::<u64>::Err(StreamError::Closed),));
            to.func_wrap(name, closed)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

impl Guest {
    fn times(&self) -> (Instant, Instant) {
        (self.started, self.deadline)
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whole lines go into the run's list, within its limits.
    fn written(&mut self, stream: u32, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let open = if stream == STDERR { &mut self.std.err } else { &mut self.std.out };
            let room = LONGEST_LINE.saturating_sub(open.len());
            open.extend_from_slice(piece.get(..room).unwrap_or(piece));
            if piece.ends_with(b"\n") || open.len() >= LONGEST_LINE {
                self.end_line(stream);
            }
        }
    }

    fn end_line(&mut self, stream: u32) {
        let (open, level) = if stream == STDERR { (&mut self.std.err, Level::Warn) } else { (&mut self.std.out, Level::Info) };
        let text = String::from_utf8_lossy(&std::mem::take(open)).trim_end().to_owned();
        if !text.is_empty() {
            self.line(level, text, Vec::new());
        }
    }

    /// What it wrote last without ending the line.
    pub fn flush(&mut self) {
        [STDOUT, STDERR].into_iter().for_each(|stream| self.end_line(stream));
    }
}

/// Says no, in the words of its type.
fn deny(to: &mut LinkerInstance<'_, Guest>, whole: &str, name: &str, function: &ComponentFunc) -> wasmtime::Result<()> {
    let (refused, whole) = (function.results().next().and_then(|result| refusal(&result)), Arc::<str>::from(whole));
    to.func_new(name, move |mut context, _, given, results| {
        given.iter().try_for_each(|value| give_back(&mut context, value))?;
        match (&refused, results) {
            (Some(refused), [result]) => {
                result.clone_from(refused);
                Ok(())
            }
            _ => Err(Stop::Denied(whole.clone()).into()),
        }
    })
}

/// What was lent for a call has to be back at its end.
fn give_back(context: &mut Context<'_>, value: &Val) -> wasmtime::Result<()> {
    let Val::Resource(lent) = value else { return Ok(()) };
    let (lent, kind) = (*lent, lent.ty());
    if kind == ResourceType::host::<Input>() {
        lent.try_into_resource::<Input>(context).map(drop)
    } else if kind == ResourceType::host::<Output>() {
        lent.try_into_resource::<Output>(context).map(drop)
    } else if kind == ResourceType::host::<Pollable>() {
        lent.try_into_resource::<Pollable>(context).map(drop)
    } else if kind == ResourceType::host::<Trouble>() {
        lent.try_into_resource::<Trouble>(context).map(drop)
    } else {
        lent.try_into_resource::<Never>(context).map(drop)
    }
}

fn refusal(result: &Type) -> Option<Val> {
    match result {
        Type::Option(_) => Some(Val::Option(None)),
        Type::Result(result) => {
            let Some(Type::Enum(words)) = result.err() else { return None };
            let word = NO.into_iter().find(|no| words.names().any(|word| word == *no))?;
            Some(Val::Result(Err(Some(Box::new(Val::Enum(word.to_owned()))))))
        }
        _ => None,
    }
}
