//! Figures that nobody counts as they happen.
use crate::{
    Assembled, http,
    store::{auditoria, outbox, trabajos},
};
use kernel::Problem;
use metrics::{counter, gauge};

pub async fn observe(parts: &Assembled) -> Result<(), Problem> {
    http::metrics::install().run_upkeep();
    for (name, pool) in &parts.pools {
        let idle = pool.num_idle() as f64;
        gauge!("base_conexiones", "base" => *name, "uso" => "libre").set(idle);
        gauge!("base_conexiones", "base" => *name, "uso" => "ocupada").set(f64::from(pool.size()) - idle);
    }
    let system = parts.system();
    let agendas = system.app().memory::<citas::Marcos>().remembered();
    for (name, (hits, misses)) in [("credenciales", parts.identidad.gate().remembered()), ("agendas", agendas)] {
        for (resultado, count) in [("acierto", hits), ("falta", misses)] {
            counter!("cache_consultas_total", "cache" => name, "resultado" => resultado).absolute(count);
        }
    }
    let mut tx = system.begin_jobs().await?;
    let (waiting, age) = outbox::lag(&mut tx, system.app().now()).await?;
    gauge!("outbox_pendientes").set(waiting as f64);
    gauge!("outbox_atraso_segundos").set(age);
    let (waiting, age, dead) = trabajos::lag(&mut tx, system.app().now()).await?;
    gauge!("trabajos_pendientes").set(waiting as f64);
    gauge!("trabajos_atraso_segundos").set(age);
    gauge!("trabajos_muertos").set(dead as f64);
    gauge!("auditoria_sin_sellar").set(auditoria::waiting(&mut tx).await? as f64);
    Ok(())
}
