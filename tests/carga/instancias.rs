//! One, two and four instances at the same database, connections dealt out among them in turns: how much more is asked of them until
//! it takes too long, and what they have no more of then.
use crate::{
    bench::round,
    medida::{Medida, Reparto, Sala},
    multiplicar::Datos,
    place::Place,
};
use anyhow::{Context, Result};
use serde::Serialize;

/// Longer than that for one in a hundred is more than an instance carries.
const PACIENCIA_MS: f64 = 100.0;
const FIRST: f64 = 600.0;
/// From one step to the next.
const FACTOR: f64 = 1.3;
/// Less of two cores is not what holds the others up.
const LLENOS: f64 = 0.85;
/// Numbers of requests, so that no two steps ask the same.
const APART: u64 = 1_000_000;

/// How long each takes, and how many at most.
#[derive(Debug, Clone, Copy)]
pub struct Pasos {
    pub cuantos: usize,
    pub segundos: f64,
}

#[derive(Serialize)]
pub struct Tope {
    pub instancias: usize,
    /// The most that was carried.
    pub rps: f64,
    pub p99_ms: f64,
    pub nucleos_app: f64,
    pub nucleos_base: f64,
    pub limite: String,
}

/// `cuantas`: instances, in growing order.
pub async fn medir(place: &Place, datos: &Datos, personas: usize, cuantas: &[usize], pasos: Pasos) -> Result<Vec<Tope>> {
    println!("Instancias sobre la misma base, {} sedes; cada conexión va a una de ellas, por turnos:", datos.forma.sedes);
    let mut sala = Sala::vacia(place, datos, personas).await?;
    let (mut topes, mut next) = (Vec::new(), APART);
    for instancias in cuantas {
        while sala.servidores.len() < *instancias {
            sala.sumar().await?;
        }
        sala.al_dia().await?;
        let tope = tope(&sala, pasos, &mut next).await?;
        println!("  {} instancia(s): {:.0}/s con P99 {:.1} ms; {}", tope.instancias, tope.rps, tope.p99_ms, tope.limite);
        topes.push(tope);
    }
    Ok(topes)
}

/// Steps up to one that is too much, and one between the two.
async fn tope(sala: &Sala<'_>, pasos: Pasos, next: &mut u64) -> Result<Tope> {
    let mut rate = FIRST;
    let (mut best, mut over) = (None::<(f64, Medida)>, None::<(f64, Medida)>);
    for _ in 0..pasos.cuantos {
        let measured = paso(sala, rate, pasos.segundos, next).await?;
        if aguanta(&measured, rate) {
            best = Some((rate, measured));
            rate *= FACTOR;
        } else {
            over = Some((rate, measured));
            break;
        }
    }
    if let (Some((low, _)), Some((high, _))) = (&best, &over) {
        let between = (low * high).sqrt();
        let measured = paso(sala, between, pasos.segundos, next).await?;
        match aguanta(&measured, between) {
            true => best = Some((between, measured)),
            false => over = Some((between, measured)),
        }
    }
    let nucleos = std::thread::available_parallelism().map_or(1, |cores| cores.get()) as f64;
    // What it lacks shows where it was too much.
    let limite = match &over {
        Some((_, over)) => limite(&over.reparto, nucleos, over.todo.outcome.errors, &over.sesiones),
        None => "no se llegó a su límite".to_owned(),
    };
    let (_, shown) = best.or(over).context("ningún paso")?;
    Ok(Tope {
        instancias: sala.servidores.len(),
        rps: round(shown.todo.outcome.rate()),
        p99_ms: round(shown.todo.outcome.ms(0.99)),
        nucleos_app: round(shown.reparto.app),
        nucleos_base: round(shown.reparto.base),
        limite,
    })
}

async fn paso(sala: &Sala<'_>, rate: f64, segundos: f64, next: &mut u64) -> Result<Medida> {
    let measured = sala.medir(rate, segundos, *next).await?;
    *next += APART;
    measured.todo.show(&format!("{} instancia(s), {rate:.0}/s", sala.servidores.len()));
    Ok(measured)
}

fn aguanta(measured: &Medida, rate: f64) -> bool {
    let outcome = &measured.todo.outcome;
    outcome.errors == 0 && outcome.ms(0.99) <= PACIENCIA_MS && outcome.rate() >= 0.95 * rate
}

/// What there is no more of.
fn limite(reparto: &Reparto, nucleos: f64, errores: u64, sesiones: &[(String, f64)]) -> String {
    let Reparto { app, base, carga } = *reparto;
    let shares = format!("aplicación {app:.2}, base {base:.2}, quien mide {carga:.2} de {nucleos:.0}");
    if reparto.usado() >= LLENOS * nucleos {
        let (_, most) = [(base, "la base"), (app, "la aplicación"), (carga, "quien mide")]
            .into_iter()
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .unwrap_or_default();
        return format!("el límite es la CPU, y la que más toma es {most} ({shares} núcleos)");
    }
    let waits = sesiones.iter().find(|(what, _)| !what.starts_with("en la CPU")).map_or("nada que la base diga", |(what, _)| what.as_str());
    let wrong = if errores > 0 { format!("; {errores} respuestas incorrectas") } else { String::new() };
    format!("el límite no es la CPU ({shares} núcleos) sino la espera por: {waits}{wrong}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_limits_has_a_name() {
        let full = Reparto { app: 0.5, base: 1.2, carga: 0.15 };
        let said = limite(&full, 2.0, 0, &[]);
        assert!(said.contains("es la CPU") && said.contains("es la base") && said.contains("base 1.20"), "{said}");
        let idle = Reparto { app: 0.2, base: 0.3, carga: 0.1 };
        let sessions = [("en la CPU, o a la espera de ella".to_owned(), 3.0), ("IO: WALSync".to_owned(), 2.0)];
        let said = limite(&idle, 2.0, 7, &sessions);
        assert!(said.contains("no es la CPU") && said.contains("IO: WALSync") && said.contains("7 respuestas"), "{said}");
        assert!(limite(&idle, 2.0, 0, &sessions[..1]).contains("nada que la base diga"));
    }
}
