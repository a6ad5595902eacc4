//! One call: a turn, a fresh instance, three clocks, and a record of it.
use crate::{
    Failure, Outcome, Run, Scope, aside,
    breaker::Subject,
    corrida::{Corrida, Pedido, Used, Uso},
    guest::{Cpu, Guest, Stop, Watch},
    installed::Installed,
    outcome::Limit,
    queue::{Need, Place},
    redact::Redactor,
};
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span, field::Empty};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};

/// A guest that is not gone so long after its time is dropped where it stands.
const LAST_RESORT: Duration = Duration::from_secs(2);
const LONGEST_DETAIL: usize = 2_000;

pub(crate) struct Call {
    pub operation: &'static str,
    pub attempt: u32,
    /// What the caller can wait; never more than the plugin may take.
    pub wall: Duration,
    pub pedido: Pedido,
}

type Answer<T> = wasmtime::Result<Result<T, Failure>>;
/// Instantiates and calls. Gets the milliseconds that are left.
pub(crate) type Body<T> = Box<dyn for<'a> FnOnce(&'a mut Store<Guest>, u32) -> Pin<Box<dyn Future<Output = Answer<T>> + Send + 'a>> + Send>;

struct Ended<T> {
    result: Result<T, Failure>,
    guest: Guest,
    used: Used,
}

pub(crate) async fn run<T: Send + 'static>(installed: &Installed, call: Call, body: Body<T>) -> Run<T> {
    let (host, plugin, scope) = (&installed.host, &installed.plugin, &installed.scope);
    let corrida = Corrida::begin(installed, call.operation, call.attempt);
    let span = span(scope, &call);
    let nothing = Err(Failure::new(Outcome::Host, String::new()));
    let mut run = Run { result: nothing, corrida, pedido: call.pedido, redactor: Redactor::default() };
    let subject = Subject { tenant: scope.tenant, plugin: scope.plugin.clone(), digest: scope.digest, operation: call.operation };
    let asked = Instant::now();
    let deadline = asked + call.wall.min(plugin.limits.wall.0);
    let need = Need { profile: plugin.world().into(), memory: plugin.limits.memory.0 };
    let Ok(place) = host.queue.take(scope.tenant, scope.plugin.clone(), need, deadline).await else {
        run.result = Err(Failure::new(Outcome::RetryLater, "hay demasiadas llamadas en espera"));
        return finish(run, &span);
    };
    run.corrida.tiempos.espera = micros(asked.elapsed());
    if let Err(refusal) = host.breaker.ask(&subject) {
        run.result = Err(refusal.into());
        return finish(run, &span);
    }
    let cpu = Arc::new(Cpu::default());
    let guest = execute(installed.clone(), cpu.clone(), deadline, body, place).instrument(span.clone());
    match tokio::spawn(aside::run(Box::pin(guest), cpu)).await {
        Ok(Ok(ended)) => close(&mut run, ended),
        Ok(Err(error)) => run.result = Err(Failure::new(Outcome::Host, error.to_string())),
        Err(error) => run.result = Err(Failure::new(Outcome::Host, format!("el servidor falló: {error}"))),
    }
    run.corrida.cuarentena = host.breaker.note(&subject, run.result.as_ref().map_or_else(|failure| failure.outcome, |_| Outcome::Ok));
    finish(run, &span)
}

/// One for each call, with what is known at its end still empty. Who was written to, and what, is in no span.
fn span(scope: &Scope, call: &Call) -> Span {
    tracing::info_span!(
        "complemento", id = %scope.plugin, version = %scope.version, digest = %scope.digest, operacion = call.operation, tenant = %scope.tenant,
        intento = call.attempt, resultado = Empty, espera_us = Empty, total_us = Empty, cpu_us = Empty, reloj_pct = Empty, cpu_pct = Empty,
        combustible_pct = Empty, memoria_pct = Empty, llamadas_pct = Empty, lineas_pct = Empty,
    )
}

fn finish<T>(mut run: Run<T>, span: &Span) -> Run<T> {
    let corrida = &mut run.corrida;
    corrida.resultado = run.result.as_ref().map_or_else(|failure| failure.outcome, |_| Outcome::Ok);
    if corrida.detalle.is_none() {
        corrida.detalle = run.result.as_ref().err().map(|failure| run.redactor.text(&failure.detail));
    }
    metrics::histogram!("complemento_segundos", "mundo" => corrida.mundo.name(), "operacion" => corrida.operacion, "resultado" => corrida.resultado.name())
        .record(corrida.tiempos.total as f64 / 1e6);
    tell(span, &run.corrida);
    run
}

fn tell(span: &Span, Corrida { resultado, tiempos, uso, .. }: &Corrida) {
    span.record("resultado", resultado.name());
    span.record("espera_us", tiempos.espera).record("total_us", tiempos.total).record("cpu_us", tiempos.cpu);
    span.record("reloj_pct", uso.reloj).record("cpu_pct", uso.cpu).record("combustible_pct", uso.combustible);
    span.record("memoria_pct", uso.memoria).record("llamadas_pct", uso.llamadas).record("lineas_pct", uso.lineas);
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

async fn execute<T>(installed: Installed, cpu: Arc<Cpu>, deadline: Instant, body: Body<T>, place: Place) -> Ended<T> {
    let (plugin, started) = (&installed.plugin, Instant::now());
    let mut store = Store::new(&plugin.engine, Guest::new(&installed, started, deadline));
    let watch = Watch { cpu: cpu.clone(), budget: plugin.limits.cpu.0, withdrawn: plugin.withdrawn.clone() };
    store.limiter(|guest| &mut guest.meter);
    store.set_hostcall_fuel(plugin.limits.handover.bytes());
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |context| watch.tick(&context));
    if let Some(fuel) = plugin.limits.fuel {
        // The engine of these guests counts: it cannot refuse.
        store.set_fuel(fuel).unwrap_or_else(|error| unreachable!("{error}"));
    }
    let left = u32::try_from(deadline.saturating_duration_since(started).as_millis()).unwrap_or(u32::MAX);
    // What it waits for a core counts as time, and not as computing.
    let computing = installed.host.cores.share(installed.scope.tenant, || cpu.spent(), cpu.count(body(&mut store, left)));
    let raw = timeout_at(deadline + LAST_RESORT, computing).await;
    let fuel = plugin.limits.fuel.map_or(0, |whole| whole.saturating_sub(store.get_fuel().unwrap_or(whole)));
    let mut guest = store.into_data();
    guest.flush();
    drop(place);
    let result = match raw {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => Err(stopped(&error, guest.meter.refused)),
        Err(_) => Err(Failure::new(Outcome::Timeout, Stop::Wall.to_string())),
    };
    let (calls, lines) = (u32::try_from(guest.calls.len()).unwrap_or(u32::MAX), guest.lines.len() + guest.lines_lost);
    let used = Used { wall: started.elapsed(), cpu: cpu.spent(), fuel, memory: guest.meter.peak, calls, lines };
    Ended { result, guest, used }
}

fn close<T>(run: &mut Run<T>, ended: Ended<T>) {
    let Ended { result, guest, used } = ended;
    let (corrida, redactor) = (&mut run.corrida, guest.redactor);
    corrida.tiempos.total = micros(used.wall);
    corrida.tiempos.cpu = micros(used.cpu);
    corrida.uso = Uso::of(&used, &guest.limits);
    corrida.lineas_perdidas = guest.lines_lost;
    corrida.registro = guest.lines;
    for line in &mut corrida.registro {
        line.texto = redactor.text(&line.texto);
        line.campos.iter_mut().for_each(|(_, value)| *value = redactor.text(value));
    }
    corrida.llamadas = guest.calls;
    for call in &mut corrida.llamadas {
        call.ruta = redactor.text(&call.ruta);
        call.motivo = call.motivo.take().map(|why| redactor.text(&why));
    }
    (run.result, run.redactor) = (result, redactor);
}

/// Why a guest did not come to its end. A limit that it met before it gave up says more than how it gave up.
fn stopped(error: &wasmtime::Error, refused: Option<Limit>) -> Failure {
    let limit = |limit| (Outcome::Limit(limit), format!("llegó a su límite de {}", limit.name()));
    let (outcome, detail) = match (error.downcast_ref::<Stop>(), error.downcast_ref::<Trap>(), refused) {
        (Some(Stop::Cpu), ..) => limit(Limit::Cpu),
        (Some(Stop::TooMuch), ..) => limit(Limit::Entrega),
        (Some(Stop::Wall), ..) => (Outcome::Timeout, Stop::Wall.to_string()),
        (Some(Stop::Withdrawn), ..) => return crate::Refusal::Retirado.into(),
        (Some(stop @ (Stop::Exit | Stop::Denied(_))), ..) => (Outcome::Trap, stop.to_string()),
        (_, Some(Trap::OutOfFuel), _) => limit(Limit::Combustible),
        (_, Some(Trap::StackOverflow), _) => limit(Limit::Pila),
        (_, _, Some(refused)) => limit(refused),
        _ if error.is::<PoolConcurrencyLimitError>() => (Outcome::RetryLater, "no hay lugar para otra llamada".into()),
        // The engine's error has no name outside of it.
        _ if error.root_cause().to_string().contains("fuel allocated for hostcalls") => limit(Limit::Entrega),
        _ => (Outcome::Trap, format!("se detuvo por un error propio: {error:?}")),
    };
    let end = detail.char_indices().nth(LONGEST_DETAIL).map_or(detail.len(), |(at, _)| at);
    Failure::new(outcome, &detail[..end])
}
